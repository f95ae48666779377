"""Report to the journal what was accepted, kept and typed instead, with the user's consent.

Events wait here until the daemon has acknowledged them (it answers after fsync) and are sent again if it
dies before; the journal keeps an event once, however often it comes. What was kept is looked at after two
and ten minutes, when the document closes, and at the end. What was typed instead of a suggestion is found a
few seconds later and told at the first of these looks, as it stands then. Pasted text is told, so that it is not
taken for the author's. This file knows neither how acceptance is inferred nor what is learned from it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shadowpen.daemon.base import config
from shadowpen.daemon.base.errors import RequestInvalid, ShadowpenError
from shadowpen.daemon.privacy import paths
from shadowpen.daemon.privacy.consent import Kind, journal_allowed, keeps, must_ask
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed, Kept, Pasted, Produced, Rated, ReportedEvent
from shadowpen.daemon.wire.protocol import Done, Record
from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import DocumentEdit, Documents, OpenDocument
from shadowpen.lsp_server.documents.pastes import Pastes
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan
from shadowpen.lsp_server.ghost_text.suggestions import (
    CONTEXT_CHARACTERS,
    End,
    PassedOver,
    SuggestionRecord,
    Suggestions,
)

# What an author wrote where a suggestion was shown and not taken.
#
# Read off the document a little later, or as soon as the next suggestion there is taken or passed over: so nothing is
# told twice. It is told when it has stood for a while, and only what of it stands then: what its author deleted
# meanwhile goes nowhere.
_MOST_CHARACTERS = 300
_TELLING = 32  # characters before and after that tell where it begins and ends


@dataclass(eq=False)
class TypedInstead:
    """What stands in the place of a suggestion that was passed over, until it is told; `text` None: nothing does."""

    record: SuggestionRecord
    passed: PassedOver
    text: TextSpan | None

    def move(self, edit: DocumentEdit) -> None:
        """Follow an edit that was made in the document."""
        self.passed.before.move(edit)
        if self.text is not None:
            self.text.move(edit)

    def event(self, document: OpenDocument, pastes: Pastes) -> Dismissed:
        """The journal's event, with what stands there now; without any text where that is of no use to anybody."""
        passed, place = self.passed, document.lines.clamp(self.passed.before.end)
        typed = text_of(document, (self.text.start, self.text.end)) if self.text is not None else ""
        context = plain_ends(document.lines.before(place, CONTEXT_CHARACTERS))
        context = pastes.written_before(document, place, context)
        is_of_use = bool(typed.strip() or (passed.how == "dismissed" and context.strip()))
        return Dismissed(
            id=self.record.id,
            time=datetime.fromtimestamp(passed.time, UTC),
            context=context if is_of_use else "",
            suggested=passed.display.text if is_of_use else "",
            typed=typed if is_of_use else "",
            how=passed.how,
            shown_ms=passed.shown_ms,
            document=self.record.uri,
            language=self.record.language,
            model=self.record.model,
        )


def span_of(document: OpenDocument, passed: PassedOver, until: Point | None) -> tuple[Point, Point] | None:
    """Where the text stands that was typed instead, up to `until`; None if it cannot be told any more."""
    start = passed.before.end
    if document.lines.clamp(start) != start:
        return None
    before = plain_ends(document.lines.before(start, _TELLING))
    known = passed.display.context + passed.display.passed
    if not known.endswith(before) and not (known and before.endswith(known)):
        return None
    if until is not None:
        return (start, until) if start <= until else None
    following = document.lines.after(start, _MOST_CHARACTERS + _TELLING)
    telling = passed.display.after[:_TELLING]
    length = following.find(telling) if telling else len(following)
    if length < 0:
        return None
    typed = following[: min(length, _MOST_CHARACTERS)]
    paragraph = typed.partition("\n\n")[0]
    return start, start.after(paragraph)


def text_of(document: OpenDocument, span: tuple[Point, Point]) -> str:
    """The text in `span`, of a sensible length."""
    start, end = map(document.lines.clamp, span)
    return plain_ends(document.lines.between(start, end))[:_MOST_CHARACTERS]


_LOGGER = logging.getLogger("shadowpen")
LOOKS = (("2min", 120.0), ("10min", 600.0))  # when it is looked at what stands there, in seconds after the taking
INSTEAD_AFTER_S = 10.0
_NOTICED_MS = 750  # what was shown for less nobody has read
_LONGEST_PASTE = 200_000
_PASTE_PIECE = 15_000  # below the limit of an event
_RETRY_S = 5.0
_REPORT_S = 10.0
_MOST_WAITING = 2_000
_MOST_AT_ONCE = 200  # stays below the limit of a message
_LONGEST_PRODUCED = 8_000  # characters; comparing takes time that grows with the square

Ask = Callable[[Record, float], Awaitable[Any]]


class EditReporter:
    """Reports edits to the journal.

    `ask` sends a Record; `ask_consent` is called once, when there is something to keep and no answer yet.
    """

    def __init__(
        self,
        documents: Documents,
        suggestions: Suggestions,
        ask: Ask,
        ask_consent: Callable[[], None],
        settings: Callable[[], config.Config],
    ) -> None:
        self._documents = documents
        self._suggestions = suggestions
        self._ask = ask
        self._ask_consent = ask_consent
        self._settings = settings
        self._pastes = Pastes()
        self._instead: list[TypedInstead] = []  # found, and not told yet
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._waiting: deque[ReportedEvent] = deque(maxlen=_MOST_WAITING)
        self._sending: asyncio.Task[None] | None = None
        self._asked = False
        self.refused = 0  # events that the daemon would not keep
        self._last = ""  # the id of what was taken last

    def accepted(self, record: SuggestionRecord, notes: str = "") -> None:
        """Keep an acceptance, if its author agreed to that and the document is not set apart.

        `notes` are what a paragraph was made of.
        """
        shown = record.display
        assert shown is not None, "what was never shown is never taken"
        settings = self._settings()
        if must_ask(settings) and not self._asked:
            self._asked = True
            self._ask_consent()
        self._conclude(record.uri, shown.start)
        if not _may_keep(settings, record.uri, record.language, "accepted"):
            return
        document = self._documents.get(record.uri)
        context = shown.context
        if document is not None:
            context = self._pastes.written_before(document, shown.start, context)
        self._last = record.id
        record.accept()
        self._put(
            Accepted(
                id=record.id,
                time=_now(),
                context=context,
                suggested=shown.suggested,
                taken=shown.passed,
                document=record.uri,
                language=record.language,
                model=record.model,
                notes=notes,
            )
        )
        self._look_again(record, 0)

    def produced(self, record: SuggestionRecord) -> None:
        """Follow the text of a verb, to say what becomes of it; the journal keeps nothing of that."""
        if _may_keep(self._settings(), record.uri, record.language, "accepted"):
            record.accept()
            self._look_again(record, 0)

    def rate(self, rating: float) -> bool:
        """Note the author's mark, 1 to 5, for what was taken last; False if nothing was kept in this session."""
        if self._last:
            self._put(Rated(id=self._last, time=_now(), rating=rating))
        return bool(self._last)

    def ended(self, record: SuggestionRecord, how: End) -> None:
        """A suggestion is gone of which nothing was taken; what is typed instead is looked at a little later."""
        shown = record.display
        if shown is None or how not in ("typed_over", "dismissed"):
            return
        self._conclude(record.uri, shown.place)
        shown_ms = int((time.time() - shown.since) * 1000)
        if shown_ms < _NOTICED_MS or not _may_keep(self._settings(), record.uri, record.language, "written"):
            return
        before = TextSpan(Point(0, 0), shown.place)
        record.passed_over = PassedOver(shown, before, how, shown_ms, time.time())
        loop = asyncio.get_running_loop()
        self._timers[record.uri] = loop.call_later(INSTEAD_AFTER_S, self._conclude, record.uri)

    def changed(self, uri: str, edit: DocumentEdit) -> None:
        """Follow what is still to be told through an edit; to be called before acceptance is inferred from it."""
        self._suggestions.change_text(uri, edit)
        for instead in self._instead_in(uri):
            instead.move(edit)
        self._pastes.changed(uri, edit)

    def pasted(self, document: OpenDocument, edit: DocumentEdit, *, served: bool = True) -> None:
        """The edit, already made, put in much at once and was no suggestion; what is not `served` is not told."""
        if not self._pastes.add(document.uri, edit) or not served:
            return
        if not _may_keep(self._settings(), document.uri, document.language):
            return
        text, now = edit.inserted[:_LONGEST_PASTE], _now()
        for start in range(0, len(text), _PASTE_PIECE):
            piece = text[start : start + _PASTE_PIECE]
            self._put(
                Pasted(id=uuid.uuid4().hex, time=now, document=document.uri, language=document.language, text=piece)
            )

    def closing(self, document: OpenDocument) -> None:
        """The document is about to close: what stands there now is final."""
        self._conclude(document.uri)
        self._finish_all(document, "closed")
        self._pastes.close(document.uri)

    def set_apart(self, document: OpenDocument) -> None:
        """The document is not served any more: nothing of it is told, nor what became of text taken there before."""
        self._stop_timer(document.uri)
        for record in self._suggestions.of(document.uri):
            record.passed_over = record.taken_text = None
            self._stop_timer(record.id)
        for instead in self._instead_in(document.uri):
            self._drop(instead)

    async def close(self) -> None:
        """Report what stands everywhere and wait, not for ever, until the daemon has it."""
        for document in self._documents:
            self._conclude(document.uri)
            self._finish_all(document, "shutdown")
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=_REPORT_S)
            self._sending.cancel()

    def _conclude(self, uri: str, until: Point | None = None) -> None:
        """Find what was typed, before `until`, instead of the suggestion passed over last; it is told if it stays."""
        self._stop_timer(uri)
        record = next((one for one in self._suggestions.of(uri) if one.passed_over is not None), None)
        document = self._documents.get(uri)
        if record is None or record.passed_over is None:
            return
        passed, record.passed_over = record.passed_over, None
        if document is None:
            return
        span = span_of(document, passed, until)
        is_own = span is not None and not self._pastes.meet(uri, *span)
        instead = TypedInstead(record, passed, TextSpan(*span) if span is not None and is_own else None)
        self._instead.append(instead)
        loop = asyncio.get_running_loop()
        self._timers[_name(instead)] = loop.call_later(LOOKS[0][1], self._tell_instead, instead)

    def _instead_in(self, uri: str) -> list[TypedInstead]:
        return [instead for instead in self._instead if instead.record.uri == uri]

    def _drop(self, instead: TypedInstead) -> None:
        self._instead.remove(instead)
        self._stop_timer(_name(instead))

    def _tell_instead(self, instead: TypedInstead) -> None:
        """It has stood long enough to count; what its author has deleted is told to nobody."""
        self._drop(instead)
        document = self._documents.get(instead.record.uri)
        if document is not None:
            self._put(instead.event(document, self._pastes))

    def _look_again(self, record: SuggestionRecord, look: int) -> None:
        """Look at what stands there at the time of LOOKS[look], counted from the look before."""
        self._stop_timer(record.id)
        after_s = LOOKS[look][1] - (LOOKS[look - 1][1] if look else 0.0)
        self._timers[record.id] = asyncio.get_running_loop().call_later(after_s, self._look, record, look)

    def _look(self, record: SuggestionRecord, look: int) -> None:
        document = self._documents.get(record.uri)
        if document is None or record.taken_text is None:
            return
        if look + 1 == len(LOOKS):
            self._finish(record, document, LOOKS[look][0])
        else:
            self._tell_kept(record, document, LOOKS[look][0])
            self._look_again(record, look + 1)

    def _finish_all(self, document: OpenDocument, when: str) -> None:
        for instead in self._instead_in(document.uri):
            self._tell_instead(instead)
        for record in reversed(list(self._suggestions.of(document.uri))):
            if record.taken_text is not None:
                self._finish(record, document, when)

    def _finish(self, record: SuggestionRecord, document: OpenDocument, when: str) -> None:
        self._tell_kept(record, document, when)
        record.taken_text = None
        self._stop_timer(record.id)

    def _tell_kept(self, record: SuggestionRecord, document: OpenDocument, when: str) -> None:
        if record.taken_text is not None:
            text = plain_ends(record.taken_text.text(document))
            if not record.is_verb:
                self._put(Kept(id=record.id, time=_now(), when=when, text=text))
            if record.task and when == LOOKS[-1][0]:
                self._tell_produced(record, text)

    def _tell_produced(self, record: SuggestionRecord, text: str) -> None:
        """What was made at the user's order, and what stands of it: for counting alone."""
        shown = record.display
        if shown is None or max(len(shown.accepted), len(text)) > _LONGEST_PRODUCED:
            return
        self._put(
            Produced(
                id=record.id,
                time=_now(),
                task=record.task,
                offered=shown.accepted,
                text=text,
                document=record.uri,
                language=record.language,
                model=record.model,
            )
        )

    def _stop_timer(self, id: str) -> None:
        if (timer := self._timers.pop(id, None)) is not None:
            timer.cancel()

    def _put(self, event: ReportedEvent) -> None:
        self._waiting.append(event)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        """Send what waits, oldest first, until all of it is acknowledged."""
        at_once = _MOST_AT_ONCE
        while self._waiting:
            batch = list(itertools.islice(self._waiting, at_once))
            try:
                reply = await self._ask(Record.of(batch, uuid.uuid4().hex), _REPORT_S)
            except RequestInvalid as error:
                if len(batch) > 1:  # too much for one message, or each is judged by itself
                    at_once = len(batch) // 2
                    continue
                self._told_refused(1, error.message)
            except ShadowpenError:
                await asyncio.sleep(_RETRY_S)
                continue
            else:
                at_once = _MOST_AT_ONCE
                if isinstance(reply, Done) and reply.refused:
                    self._told_refused(len(reply.refused), reply.refused[0].reason)
            for event in batch:
                if self._waiting and self._waiting[0] is event:  # else it has been dropped for a newer one
                    self._waiting.popleft()

    def _told_refused(self, count: int, reason: str) -> None:
        """What the daemon will never take is dropped, and said once for each batch; reasons hold no text."""
        self.refused += count
        _LOGGER.warning("the daemon refuses journal events: %d, %s", count, reason)


def _now() -> datetime:
    return datetime.now(UTC)


def _name(instead: TypedInstead) -> str:
    """Of its timer; the record's own name is that of what was taken."""
    return f"instead {instead.record.id}"


def _may_keep(settings: config.Config, uri: str, language: str, kind: Kind | None = None) -> bool:
    """Whether its author agreed to that, and the document is not set apart; text of a `kind` only if that is kept."""
    if not journal_allowed(settings) or (kind is not None and not keeps(settings.learning, kind)):
        return False
    return paths.verdict(uri, language, settings.learning).keep
