"""Telling the journal what was taken, what of it was kept and what was typed instead, with the author's consent.

Events wait here until the daemon has acknowledged them (it answers after fsync) and are sent again if it
dies before; the journal keeps an event once, however often it comes. What was kept is looked at after two
and ten minutes, when the document closes, and at the end; what was typed instead of a suggestion after a few
seconds. Pasted text is told, so that it is not taken for the author's. This file knows neither how
acceptance is inferred nor what is learned from it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from shadowpen.daemon.base import config
from shadowpen.daemon.base.errors import RequestInvalid, ShadowpenError
from shadowpen.daemon.privacy import paths
from shadowpen.daemon.privacy.consent import journal_allowed, must_ask
from shadowpen.daemon.wire.protocol import Done, Record
from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import Document, Documents, Edit
from shadowpen.lsp_server.documents.pastes import Pastes
from shadowpen.lsp_server.documents.positions import Place
from shadowpen.lsp_server.documents.retention import Retention
from shadowpen.lsp_server.ghost_text.acceptance import Accepted, Shown
from shadowpen.lsp_server.ghost_text.outcomes import End
from shadowpen.lsp_server.ghost_text.typed_instead import PassedOver, span_of, text_of

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

Ask = Callable[[Record, float], Awaitable[Any]]


class EditReporter:
    """`ask` sends a Record; `ask_consent` is called once, when there is something to keep and no answer yet."""

    def __init__(
        self,
        documents: Documents,
        ask: Ask,
        ask_consent: Callable[[], None],
        load_config: Callable[[], config.Config] = config.load,
    ) -> None:
        self._documents = documents
        self._ask = ask
        self._ask_consent = ask_consent
        self._load_config = load_config
        self._retention = Retention()
        self._pastes = Pastes()
        self._passed_over: dict[str, PassedOver] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._waiting: deque[dict[str, Any]] = deque(maxlen=_MOST_WAITING)
        self._sending: asyncio.Task[None] | None = None
        self._asked = False
        self.refused = 0  # events that the daemon would not keep
        self._last = ""  # the id of what was taken last

    def accepted(self, accepted: Accepted) -> None:
        """Keep an acceptance, if its author agreed to that and the document is not set apart."""
        settings = self._load_config()
        if must_ask(settings) and not self._asked:
            self._asked = True
            self._ask_consent()
        self._conclude(accepted.uri, accepted.start)
        if not _may_keep(settings, accepted.uri, accepted.language):
            return
        document = self._documents.get(accepted.uri)
        context = accepted.context
        if document is not None:
            context = self._pastes.written_before(document, accepted.start, context)
        self._last = accepted.id
        self._retention.follow(accepted.id, accepted.uri, accepted.start, accepted.end)
        self._put(
            {
                "type": "accepted",
                "id": accepted.id,
                "time": accepted.time,
                "context": context,
                "suggested": accepted.suggested,
                "taken": accepted.taken,
                "document": accepted.uri,
                "language": accepted.language,
                "model": accepted.model,
            }
        )
        self._look_again(accepted.id, 0)

    def rate(self, rating: float) -> bool:
        """Note the author's mark, 1 to 5, for what was taken last; False if nothing was kept in this session."""
        if self._last:
            self._put({"type": "rated", "id": self._last, "time": time.time(), "rating": rating})
        return bool(self._last)

    def ended(self, shown: Shown | None, how: End) -> None:
        """A suggestion is gone of which nothing was taken; what is typed instead is looked at a little later."""
        if shown is None or how not in ("typed_over", "dismissed"):
            return
        self._conclude(shown.uri, shown.place)
        shown_ms = int((time.time() - shown.since) * 1000)
        settings = self._load_config()
        if shown_ms < _NOTICED_MS or not _may_keep(settings, shown.uri, shown.language):
            return
        self._passed_over[shown.uri] = PassedOver(shown, shown.place, how, shown_ms, time.time())
        loop = asyncio.get_running_loop()
        self._timers[shown.uri] = loop.call_later(INSTEAD_AFTER_S, self._conclude, shown.uri)

    def changed(self, uri: str, edit: Edit) -> None:
        """Follow what was taken through an edit; to be called before acceptance is inferred from it."""
        self._retention.changed(uri, edit)
        self._pastes.changed(uri, edit)

    def pasted(self, document: Document, edit: Edit, *, served: bool = True) -> None:
        """The edit, already made, put in much at once and was no suggestion; what is not `served` is not told."""
        if not self._pastes.add(document.uri, edit) or not served:
            return
        if not _may_keep(self._load_config(), document.uri, document.language):
            return
        told = {"type": "pasted", "time": time.time(), "document": document.uri, "language": document.language}
        text = edit.inserted[:_LONGEST_PASTE]
        for start in range(0, len(text), _PASTE_PIECE):
            self._put({**told, "id": uuid.uuid4().hex, "text": text[start : start + _PASTE_PIECE]})

    def closing(self, document: Document) -> None:
        """The document is about to close: what stands there now is final."""
        self._conclude(document.uri)
        self._pastes.close(document.uri)
        for id in self._retention.of(document.uri):
            self._finish(id, document, "closed")

    def set_apart(self, document: Document) -> None:
        """The document is not served any more: nothing of it is told, nor what became of text taken there before."""
        self._passed_over.pop(document.uri, None)
        self._stop_timer(document.uri)
        for id in self._retention.of(document.uri):
            self._retention.drop(id)
            self._stop_timer(id)

    async def close(self) -> None:
        """Report what stands everywhere and wait, not for ever, until the daemon has it."""
        for document in self._documents:
            self._conclude(document.uri)
            for id in self._retention.of(document.uri):
                self._finish(id, document, "shutdown")
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=_REPORT_S)
            self._sending.cancel()

    def _conclude(self, uri: str, until: Place | None = None) -> None:
        """Tell of the suggestion passed over last in a document, with what was typed instead before `until`."""
        passed, document = self._passed_over.pop(uri, None), self._documents.get(uri)
        self._stop_timer(uri)
        if passed is None or document is None:
            return
        shown = passed.shown
        span = span_of(document, passed, until)
        typed = text_of(document, span) if span and not self._pastes.meet(uri, *span) else ""
        self._put(
            {
                "type": "dismissed",
                "id": shown.id,
                "time": passed.time,
                "context": self._pastes.written_before(document, passed.place, shown.context + shown.passed),
                "suggested": shown.text,
                "typed": typed,
                "how": passed.how,
                "shown_ms": passed.shown_ms,
                "document": shown.uri,
                "language": shown.language,
                "model": shown.model,
            }
        )

    def _look_again(self, id: str, look: int) -> None:
        """Look at what stands there at the time of LOOKS[look], counted from the look before."""
        self._stop_timer(id)
        after_s = LOOKS[look][1] - (LOOKS[look - 1][1] if look else 0.0)
        self._timers[id] = asyncio.get_running_loop().call_later(after_s, self._look, id, look)

    def _look(self, id: str, look: int) -> None:
        for document in self._documents:
            if id not in self._retention.of(document.uri):
                continue
            if look + 1 == len(LOOKS):
                self._finish(id, document, LOOKS[look][0])
            else:
                self._tell_kept(id, document, LOOKS[look][0])
                self._look_again(id, look + 1)

    def _finish(self, id: str, document: Document, when: str) -> None:
        self._tell_kept(id, document, when)
        self._retention.drop(id)
        self._stop_timer(id)

    def _tell_kept(self, id: str, document: Document, when: str) -> None:
        text = self._retention.kept(id, document)
        if text is not None:
            self._put({"type": "kept", "id": id, "time": time.time(), "when": when, "text": plain_ends(text)})

    def _stop_timer(self, id: str) -> None:
        if (timer := self._timers.pop(id, None)) is not None:
            timer.cancel()

    def _put(self, event: dict[str, Any]) -> None:
        self._waiting.append(event)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        """Send what waits, oldest first, until all of it is acknowledged."""
        at_once = _MOST_AT_ONCE
        while self._waiting:
            batch = list(itertools.islice(self._waiting, at_once))
            try:
                reply = await self._ask(Record(id=uuid.uuid4().hex, events=batch), _REPORT_S)
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


def _may_keep(settings: config.Config, uri: str, language: str) -> bool:
    """Whether its author agreed to that, and the document is not set apart."""
    return journal_allowed(settings) and paths.verdict(uri, language, settings.learning).keep
