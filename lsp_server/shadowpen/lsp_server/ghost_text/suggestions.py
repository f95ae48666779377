"""The language server's record of every suggestion: its text, place and outcome; one store.

Type-through, acceptance, outcomes, explanation, dismissal and reporting read and change these records. This file knows
neither the daemon nor the editor, and not how it is found out what became of a suggestion.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from shadowpen.lsp_server.documents.context import TextWindow
from shadowpen.lsp_server.documents.documents import DocumentEdit, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan

MOST_KEPT = 512
CONTEXT_CHARACTERS = 1_000
_TYPED_ALONG = 8  # a document: enough for a few steps back
_BEFORE = 256  # characters before the cursor that tell a place
_AFTER = 64  # characters after it

End = Literal["typed_over", "dismissed", "typed_out", "left"]
State = Literal["made", "shown", "accepted", "typed_along", "typed_over", "dismissed", "left"]


def request_of(id: str) -> str:
    """The request that the suggestion of that id was an answer to: alternatives are numbered behind a full stop."""
    return id.partition(".")[0]


@dataclass
class Display:
    """How a suggestion was sent to the editor: `text` at `place`, between `context` and `after`."""

    place: Point
    text: str
    context: str
    after: str
    since: float = 0.0  # seconds since 1970
    begun: Point | None = None  # where the first piece that was taken begins
    passed: str = ""  # of the suggestion, before `text`: taken, or typed since the first piece was taken
    accepted: str = ""  # as reported last
    confirmed: bool = False  # the editor said that it was taken, and the text does not show it yet
    steps: list[tuple[Point, str]] = field(default_factory=list)  # pieces put before the cursor, with where each begins

    @property
    def suggested(self) -> str:
        return self.passed + self.text

    @property
    def start(self) -> Point:
        """Where the taken text begins; it ends at `place`."""
        return self.begun or self.place

    def advance(self, piece: str, raw: str, *, taken: bool) -> None:
        """Move past `piece` of it (`raw` in the document's own line ends), which now stands before the cursor."""
        if taken and self.begun is None:
            self.begun = self.place
        self.steps.append((self.place, piece))
        self.place = self.place.after(raw)
        self.text = self.text[len(piece) :]
        if taken or self.accepted:
            self.passed += piece
        else:
            self.context = (self.context + piece)[-CONTEXT_CHARACTERS:]

    def was_taken(self, text: str) -> bool:
        """Count what looked like typing as taken, if it is `text`, or all since it was shown anew and the end of it."""
        whole, piece = "".join(step for _, step in self.steps), ""
        for begun, step in reversed(self.steps):
            piece = step + piece
            if piece == text or (piece == whole and text.endswith(whole)):
                self.begun, self.passed, self.context = begun, piece, self.context[: -len(piece)]
                return True
        return False


@dataclass
class AnswerOutcome:
    """Outcome of one answer, as reported to the daemon; alternatives count as one."""

    shown: bool = False
    taken: int = 0  # characters
    end: End | None = None
    shown_again: bool = False  # after its end
    dismissed: bool = False  # and not to come again in this document


@dataclass(frozen=True)
class PassedOver:
    """How a suggestion went of which nothing was taken, after `shown_ms` on the screen; `time`: since 1970.

    `before` is the text from the document's beginning up to the place where it was shown, wherever that is by now.
    """

    display: Display
    before: TextSpan
    how: End
    shown_ms: int
    time: float


@dataclass(eq=False)
class SuggestionRecord:
    """One suggestion: all of its `text`, made between `before` and `after`, and what became of it.

    `whole`: the document begins with `before`. `ahead` is what comes after the text, not to be seen before its end is
    reached.
    """

    id: str
    uri: str
    language: str
    model: str
    before: str
    after: str
    whole: bool
    text: str
    final: bool  # not cut short by a deadline
    ahead: str = ""
    asked_at: int = 0  # characters of `text` typed when the daemon was last asked
    can_be_typed_along: bool = True
    task: str = ""  # what made it at the user's order: "expand", "continue" or a verb; "" for ghost text
    outcome: AnswerOutcome = field(default_factory=AnswerOutcome)
    display: Display | None = None  # the last one
    passed_over: PassedOver | None = None  # until what was typed instead is reported
    taken_text: TextSpan | None = None  # where the taken text stands, until it was looked at for the last time

    @classmethod
    def made(
        cls, id: str, document: OpenDocument, context: TextWindow, text: str, *, final: bool, model: str
    ) -> SuggestionRecord:
        """The record of `text`, offered at the place that `context` is of."""
        whole = context.whole and len(context.prefix) <= _BEFORE
        before, after = context.prefix[-_BEFORE:], context.suffix[:_AFTER]
        return cls(id, document.uri, document.language, model, before, after, whole, text, final)

    @property
    def request(self) -> str:
        return request_of(self.id)

    @property
    def state(self) -> State:
        """What became of the answer that it belongs to."""
        if self.outcome.dismissed:
            return "dismissed"
        if self.outcome.taken:
            return "accepted"
        if self.outcome.end == "typed_out":
            return "typed_along"
        return self.outcome.end or ("shown" if self.outcome.shown else "made")

    @property
    def is_verb(self) -> bool:
        """Whether a verb made it: it is the user's own text in other words or another place."""
        return self.task not in ("", "expand", "continue")

    @property
    def is_needed(self) -> bool:
        """Whether something of it is still to be told, or it must not come again."""
        return self.outcome.dismissed or self.passed_over is not None or self.taken_text is not None

    def typed(self, context: TextWindow) -> int | None:
        """How many characters of `text` stand before the cursor of `context`; None at any other place."""
        if context.suffix[:_AFTER] != self.after:
            return None
        for typed in range(len(self.text) + 1):
            known = self.before + self.text[:typed]
            if context.prefix == known if self.whole else context.prefix.endswith(known):
                return typed
        return None

    def accept(self) -> None:
        """Follow the text that was taken; more of it may be taken later."""
        assert self.display is not None
        start = self.display.start if self.taken_text is None else min(self.display.start, self.taken_text.start)
        self.taken_text = TextSpan(start, self.display.place)


@dataclass
class DocumentDisplay:
    """What the editor shows in one document: the first of `candidates`, and others that it may show in its stead.

    `latest` was shown last, whether or not it is still there. `answered` is the last request, with its place and the
    document's revision.
    """

    candidates: list[SuggestionRecord] = field(default_factory=list)
    latest: SuggestionRecord | None = None
    answered: tuple[str, Point, int] | None = None


class Suggestions:
    """All suggestions by id, the latest last; beyond MOST_KEPT the earliest go of which nothing is to be told."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, SuggestionRecord] = OrderedDict()
        self._displays: dict[str, DocumentDisplay] = {}
        self._latest_answered = ""  # the document of the last answer

    def add(self, made: SuggestionRecord) -> SuggestionRecord:
        """Take in a suggestion, the latest of its document; of one that is known the text is what is made now."""
        record = self._records.setdefault(made.id, made)
        if record is not made:
            record.text, record.final, record.model = made.text, made.final, made.model
            record.ahead, record.asked_at = "", 0
        else:
            others = (one for one in self.of(made.uri) if one is not made and one.request == made.request)
            made.outcome = next(others, made).outcome
        self._records.move_to_end(made.id)
        for forgotten in islice(self.typed_along(made.uri), _TYPED_ALONG, None):
            forgotten.can_be_typed_along = False
        while len(self._records) > MOST_KEPT:
            oldest = next((id for id, record in self._records.items() if not record.is_needed), None)
            del self._records[oldest or next(iter(self._records))]
        return record

    def get(self, id: str) -> SuggestionRecord | None:
        return self._records.get(id)

    def of(self, uri: str) -> Iterator[SuggestionRecord]:
        """The suggestions of a document, the latest first."""
        return (record for record in reversed(self._records.values()) if record.uri == uri)

    def typed_along(self, uri: str) -> Iterator[SuggestionRecord]:
        """Those that may be typed along, the latest first."""
        return (one for one in self.of(uri) if one.can_be_typed_along and one.state != "dismissed")

    def dismissed(self, uri: str) -> list[SuggestionRecord]:
        """Those that are not to come again in a document."""
        return [one for one in self.of(uri) if one.state == "dismissed"]

    def display(self, uri: str) -> DocumentDisplay:
        """What the editor shows in a document."""
        return self._displays.setdefault(uri, DocumentDisplay())

    def current(self, uri: str) -> SuggestionRecord | None:
        """The suggestion that the editor shows in a document."""
        shown = self._displays.get(uri)
        return shown.candidates[0] if shown is not None and shown.candidates else None

    def shown(self) -> list[SuggestionRecord]:
        """The suggestions that the editor shows in all documents."""
        return [display.candidates[0] for display in self._displays.values() if display.candidates]

    def change_text(self, uri: str, edit: DocumentEdit) -> None:
        """Move what was taken, and where something was passed over, along with an edit of their document."""
        for record in self.of(uri):
            if record.taken_text is not None:
                record.taken_text.move(edit)
            if record.passed_over is not None:
                record.passed_over.before.move(edit)

    def note_answer(self, document: OpenDocument, place: Point, request: str) -> None:
        """The request was answered, perhaps with nothing, for `place` in the text as it is now."""
        self.display(document.uri).answered = request, place, document.revision
        self._latest_answered = document.uri

    def answer_at(self, document: OpenDocument, place: Point) -> str | None:
        """The request that was answered for this place in this very text; None where there was none."""
        answered = self.display(document.uri).answered
        return answered[0] if answered is not None and answered[1:] == (place, document.revision) else None

    @property
    def latest_answer(self) -> str | None:
        """The request answered last of all, wherever that was."""
        display = self._displays.get(self._latest_answered)
        return display.answered[0] if display is not None and display.answered is not None else None

    def model_changed(self) -> None:
        """Another model answers from now on: nothing of what was made before is typed along."""
        for record in self._records.values():
            record.can_be_typed_along = False

    def close(self, uri: str) -> None:
        """Forget a document that is closed: what is opened under its name begins anew."""
        self._displays.pop(uri, None)
        for record in list(self.of(uri)):
            del self._records[record.id]
