"""Telling the journal what was taken and what of it was kept, with the author's consent and not before.

Events wait here until the daemon has acknowledged them (it answers after fsync) and are sent again if it
dies before; the journal keeps an event once, however often it comes. What was kept is looked at after two
minutes, when the document closes, and at the end. This file knows neither how acceptance is inferred nor
what is learned from it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from shadowpen.daemon import config
from shadowpen.daemon.errors import RequestInvalid, ShadowpenError
from shadowpen.daemon.privacy import paths
from shadowpen.daemon.privacy.consent import journal_allowed, must_ask
from shadowpen.daemon.protocol import Record
from shadowpen.lsp_server.acceptance import Accepted
from shadowpen.lsp_server.documents import Document, Documents, Edit
from shadowpen.lsp_server.retention import Retention

FINAL_AFTER_S = 120.0
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
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._waiting: deque[dict[str, Any]] = deque(maxlen=_MOST_WAITING)
        self._sending: asyncio.Task[None] | None = None
        self._asked = False

    def accepted(self, accepted: Accepted) -> None:
        """Keep an acceptance, if its author agreed to that and the document is not set apart."""
        settings = self._load_config()
        if must_ask(settings) and not self._asked:
            self._asked = True
            self._ask_consent()
        if not journal_allowed(settings) or not paths.verdict(accepted.uri, accepted.language, settings.learning).keep:
            return
        self._retention.follow(accepted.id, accepted.uri, accepted.start, accepted.end)
        self._put(
            {
                "type": "accepted",
                "id": accepted.id,
                "time": accepted.time,
                "context": accepted.context,
                "suggested": accepted.suggested,
                "taken": accepted.taken,
                "document": accepted.uri,
                "language": accepted.language,
                "model": accepted.model,
            }
        )
        self._look_again(accepted.id)

    def changed(self, uri: str, edit: Edit) -> None:
        """Follow what was taken through an edit; to be called before acceptance is inferred from it."""
        self._retention.changed(uri, edit)

    def closing(self, document: Document) -> None:
        """The document is about to close: what stands there now is final."""
        for id in self._retention.of(document.uri):
            self._finish(id, document, "closed")

    async def close(self) -> None:
        """Report what stands everywhere and wait, not for ever, until the daemon has it."""
        for document in self._documents:
            for id in self._retention.of(document.uri):
                self._finish(id, document, "shutdown")
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=_REPORT_S)
            self._sending.cancel()

    def _look_again(self, id: str) -> None:
        if (timer := self._timers.pop(id, None)) is not None:
            timer.cancel()
        self._timers[id] = asyncio.get_running_loop().call_later(FINAL_AFTER_S, self._two_minutes_later, id)

    def _two_minutes_later(self, id: str) -> None:
        for document in self._documents:
            if id in self._retention.of(document.uri):
                self._finish(id, document, "2min")

    def _finish(self, id: str, document: Document, when: str) -> None:
        text = self._retention.kept(id, document)
        self._retention.drop(id)
        if (timer := self._timers.pop(id, None)) is not None:
            timer.cancel()
        if text is not None:
            self._put({"type": "kept", "id": id, "time": time.time(), "when": when, "text": text})

    def _put(self, event: dict[str, Any]) -> None:
        self._waiting.append(event)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        """Send what waits, oldest first, until all of it is acknowledged."""
        while self._waiting:
            batch = list(itertools.islice(self._waiting, _MOST_AT_ONCE))
            try:
                await self._ask(Record(id=uuid.uuid4().hex, events=batch), _REPORT_S)
            except RequestInvalid:
                self._waiting.clear()  # another version's daemon: it would refuse these for ever
            except ShadowpenError:
                await asyncio.sleep(_RETRY_S)
            else:
                for _ in batch:
                    self._waiting.popleft()
