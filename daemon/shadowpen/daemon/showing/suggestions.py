"""The daemon's record of every answer: the suggestion or silence, and its outcome; one store by id.

Acceptance, outcomes, dismissal, explanation, the log and what the memory learns of edits read and change these records.
They hold text, so they stay in memory; what was dismissed in an earlier process is recalled from elsewhere, if it may
be. This file knows neither the model nor how it is decided what is shown.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from shadowpen.daemon.wire.protocol import Complete, Completion, LoggedDecision, OutcomeKind, Source

if TYPE_CHECKING:
    from shadowpen.daemon.privacy.forgotten import ForgottenTexts
    from shadowpen.daemon.storage.journal import Edit
    from shadowpen.daemon.wire.journal_events import Dismissed

OFFERED = "offered"
MOST_KEPT = 4_096
MOST_ACCEPTED = 512
MOST_DOCUMENTS = 64
MOST_DISMISSED = 32
_BEFORE = 64  # characters before the cursor that tell a place
_LEAST_CONTEXT = 16  # characters by which a place is known again in another process
_DIGITS = 8

Sources = Callable[[], list[Source]]


@dataclass(eq=False)
class ServedSuggestion:
    """The answer to request `id` about `document`: `text` after `before`, "" for silence, and what became of it.

    `numbers` are the features of the text, None where nothing is to be learned from it. `decision` is what the log says
    of it, as the answer of that `number`. `states` are the outcomes told
    so far, each once, the last one last; `taken` counts characters. `sources` reads where the user wrote it before.
    `edit` is what the journal has of it: what was accepted, and what of that was kept. `stays_away` says that it is not
    offered again at its place.
    """

    id: str
    document: str
    before: str = ""
    text: str = ""
    numbers: tuple[float, ...] | None = None
    decision: LoggedDecision | None = None
    number: int = 0
    states: list[OutcomeKind] = field(default_factory=list)
    taken: int = 0
    sources: Sources | None = None
    edit: Edit | None = None
    stays_away: bool = False

    @property
    def state(self) -> OutcomeKind | Literal[""]:
        """What became of it last; "" while nobody said."""
        return self.states[-1] if self.states else ""

    @property
    def is_needed(self) -> bool:
        """Whether it outlasts later ones."""
        return self.stays_away or self.edit is not None

    def came(self, kind: OutcomeKind) -> bool:
        """Note what became of it; False for what was told before."""
        if kind in self.states:
            return False
        self.states.append(kind)
        return True

    def take(self, characters: int) -> bool:
        """Note that so many characters of it were taken in all; False for what was told before."""
        if "taken" in self.states:
            if characters <= self.taken:
                return False
            self.states.remove("taken")
        self.states.append("taken")
        self.taken = max(self.taken, characters)
        return True

    def is_again(self, prefix: str, text: str) -> bool:
        """Whether `text` after `prefix` is this one again, some of it typed meanwhile perhaps."""
        for typed in range(len(self.text)):
            if prefix.endswith((self.before + self.text[:typed])[-_BEFORE:]):
                left, offered = self.text[typed:].split(), text.split()
                return bool(left) and left[: len(offered)] == offered[: len(left)]
        return False

    def holds(self, forgotten: ForgottenTexts) -> bool:
        """Whether it holds text that was forgotten."""
        return forgotten.knows_edit(self.id) or forgotten.covers(self.before + self.text)


class SuggestionStore:
    """All records by id, MOST_KEPT at most; safe to use from several threads.

    The earliest go first. Later ones are outlasted by the last MOST_ACCEPTED edits and by what was dismissed:
    MOST_DISMISSED in each of the last MOST_DOCUMENTS documents. `recall` gives what was dismissed in an
    earlier process, oldest first; it is asked once, when that matters. `clock` is in seconds since 1970.
    """

    def __init__(
        self, recall: Callable[[], Iterable[Dismissed]] = tuple, clock: Callable[[], float] = time.time
    ) -> None:
        self._recall: Callable[[], Iterable[Dismissed]] | None = recall
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._records: OrderedDict[str, ServedSuggestion] = OrderedDict()
        self._accepted: OrderedDict[str, ServedSuggestion] = OrderedDict()
        self._dismissed: OrderedDict[str, deque[ServedSuggestion]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def get(self, id: str) -> ServedSuggestion | None:
        """The answer to request `id`: alternatives of one answer are numbered behind a full stop."""
        with self._lock:
            return self._records.get(id.partition(".")[0])

    # --- what was answered -------------------------------------------------------------------------------

    def offer(self, request: Complete, text: str, numbers: tuple[float, ...] | None) -> None:
        """This may be shown in answer to `request`."""
        with self._lock:
            self._put(ServedSuggestion(request.id, request.document, request.prefix[-_BEFORE:], text, numbers))

    def answer(self, request: Complete, reply: Completion) -> None:
        """This is the answer to `request`, which leaves now."""
        decision = self._decision(request, reply)
        with self._lock:
            record = self._records.get(request.id)
            if record is None or decision.reason != OFFERED:
                record = ServedSuggestion(request.id, request.document)
            record.decision, record.number = decision, next(self._numbers)
            self._put(record)

    def trace(self, id: str, sources: Sources) -> None:
        """The text offered in answer to request `id` comes from these places: somebody may ask for them."""
        if (record := self.get(id)) is not None:
            record.sources = sources

    def drop_sources(self) -> None:
        """Nobody can tell any more where the texts come from."""
        with self._lock:
            for record in self._records.values():
                record.sources = None

    def log(self, count: int) -> list[LoggedDecision]:
        """The newest `count` decisions, oldest first, without text."""
        with self._lock:
            answered = sorted(self._records.values(), key=lambda record: record.number)
        decided = [
            msgspec.structs.replace(record.decision, outcome=record.state)
            for record in answered
            if record.decision is not None
        ]
        return decided[max(0, len(decided) - count) :]

    # --- what was dismissed ------------------------------------------------------------------------------

    def dismiss(self, record: ServedSuggestion) -> None:
        """The user does not want it at its place."""
        with self._lock:
            self._recall_once()
            self._keep_away(record)

    def is_dismissed(self, document: str, prefix: str, text: str) -> bool:
        """Whether `text` was dismissed after `prefix`."""
        with self._lock:
            self._recall_once()
            return any(record.is_again(prefix, text) for record in self._dismissed.get(document, ()))

    # --- what was accepted -------------------------------------------------------------------------------

    def edit(self, id: str) -> Edit | None:
        """What the journal has of the suggestion of exactly that id."""
        record = self._accepted.get(id)
        return record.edit if record is not None else None

    def edits(self) -> list[Edit]:
        """What the journal has of all suggestions, the earliest first."""
        with self._lock:
            return [record.edit for record in self._accepted.values() if record.edit is not None]

    def keep_edit(self, edit: Edit) -> None:
        """The journal has this of a suggestion, which need not be known here."""
        with self._lock:
            record = self._records.get(edit.id)
            if record is None:
                record = ServedSuggestion(edit.id, edit.accepted.document)
            record.edit = edit
            self._accepted[edit.id] = record
            if len(self._accepted) > MOST_ACCEPTED:
                self._drop_edit(next(iter(self._accepted)))
            self._put(record)

    def drop_edit(self, id: str) -> None:
        """The journal has nothing of it any more."""
        with self._lock:
            self._drop_edit(id)

    # --- forgetting --------------------------------------------------------------------------------------

    def forget(self, forgotten: ForgottenTexts) -> None:
        """Hold nothing of a forgotten document, and no forgotten text: of that only the decision is left."""
        with self._lock:
            records = [*self._records.values(), *(one for known in self._dismissed.values() for one in known)]
        # No key waits while the texts are looked through.
        documents = {name for name in {record.document for record in records} if forgotten.knows_document(name)}
        struck = [record for record in records if record.document in documents or record.holds(forgotten)]
        with self._lock:
            for record in struck:
                self._drop_edit(record.id)
                record.before = record.text = ""
                record.numbers, record.sources, record.stays_away = None, None, False
                if record.document in documents:
                    self._records.pop(record.id, None)
            for name, known in list(self._dismissed.items()):
                self._dismissed[name] = deque(record for record in known if record.stays_away)
                if not self._dismissed[name]:
                    del self._dismissed[name]

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._records.clear()
            self._accepted.clear()
            self._dismissed.clear()

    # --- with the lock held ------------------------------------------------------------------------------

    def _put(self, record: ServedSuggestion) -> None:
        """Take the record in as the latest, in place of an earlier one of that id."""
        known = self._records.get(record.id)
        if known is not None and known is not record and known.edit is not None:
            record.edit, known.edit = known.edit, None
            self._accepted[record.id] = record
        self._records[record.id] = record
        self._records.move_to_end(record.id)
        while len(self._records) > MOST_KEPT:
            id, oldest = next(iter(self._records.items()))
            if oldest.is_needed:
                self._records.move_to_end(id)
            else:
                del self._records[id]

    def _keep_away(self, record: ServedSuggestion) -> None:
        known = self._dismissed.setdefault(record.document, deque())
        known.append(record)
        record.stays_away = True
        self._dismissed.move_to_end(record.document)
        gone = [known.popleft()] if len(known) > MOST_DISMISSED else []
        if len(self._dismissed) > MOST_DOCUMENTS:
            gone += self._dismissed.popitem(last=False)[1]
        for one in gone:
            one.stays_away = False

    def _recall_once(self) -> None:
        recall, self._recall = self._recall, None
        for event in recall() if recall is not None else ():
            if event.suggested and len(event.context.strip()) >= _LEAST_CONTEXT:
                record = ServedSuggestion(event.id, event.document, event.context[-_BEFORE:], event.suggested)
                record.came("dismissed")
                self._keep_away(record)
                if record.id not in self._records:
                    self._put(record)

    def _drop_edit(self, id: str) -> None:
        record = self._accepted.pop(id, None)
        if record is not None:
            record.edit = None
            if record.decision is None and not record.text:
                self._records.pop(id, None)

    def _decision(self, request: Complete, reply: Completion) -> LoggedDecision:
        best = reply.suggestions[0] if reply.suggestions and reply.suggestions[0].text else None
        return LoggedDecision(
            time=round(self._clock(), 3),
            document=hashlib.sha256(request.document.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS],
            reason=OFFERED if best is not None else reply.reason or "no_text",
            probability=round(reply.probability, 3),
            characters=len(best.text) if best is not None else 0,
            explicit=request.explicit,
            model=reply.model,
            likelihood=round(best.probability, 3) if best is not None else 0.0,
            remembered=round(best.remembered, 3) if best is not None else 0.0,
        )
