"""A daemon's client that answers by rule and an editor that writes down, for tests of what stands between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from lsprotocol import types

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.wire.protocol import (
    Completion,
    Continuation,
    Done,
    Event,
    Expansion,
    Partial,
    Reply,
    Request,
    StatusReport,
    Suggestion,
)
from shadowpen.daemon.wire.reports import DaemonReport

Answer = Reply | ShadowpenError | Callable[[Request], Reply]


class FakeClient:
    """Answers by the type of the request; what has no answer waits until it is cancelled."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.cancelled: list[Request] = []
        self.arrived = asyncio.Condition()
        self.connected = True
        self.closed = False
        self.published: asyncio.Queue[Event] = asyncio.Queue()
        self.partials: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.answers: dict[str, Answer] = {
            "Status": StatusReport(id="", report=DaemonReport(pid=1)),
            "Prepare": Done(id=""),
            "Close": Done(id=""),
            "Record": Done(id=""),
            "Outcome": Done(id=""),
        }

    def suggests(self, text: str, *, final: bool = True) -> None:
        def answer(request: Request) -> Reply:
            found = [Suggestion(text=text, probability=0.5)] if text else []
            return Completion(id=request.id, suggestions=found, final=final, model="m@base")

        self.answers["Complete"] = answer

    def writes(self, *partials: str) -> None:
        """Continue streams `partials`; the last is the whole text."""
        self.partials = list(partials)
        self.answers["Continue"] = Continuation(id="", text=partials[-1], model="m@base")

    def expands(self, *texts: str, partials: tuple[str, ...] = ()) -> None:
        """Expand streams `partials` and answers with `texts`; each after the first lacks a word, named by its rank."""
        self.partials = list(partials)
        missing = [[f"word{rank}"] if rank else [] for rank in range(len(texts))]
        self.answers["Expand"] = Expansion(
            id="",
            candidates=list(texts),
            missing=missing,
            added=[[] if rank else [(0, 4)] for rank in range(len(texts))],
            tells=[[0] if rank else [1] for rank in range(len(texts))],
            model="m@base",
        )

    async def request(
        self,
        message: Request,
        timeout_ms: float | None = None,
        on_partial: Callable[[Partial], None] | None = None,
    ) -> Reply:
        async with self.arrived:
            self.asked.append(message)
            self.arrived.notify_all()
        try:
            return await self._answer(message, on_partial)
        except asyncio.CancelledError:
            self.cancelled.append(message)
            raise

    async def _answer(self, message: Request, on_partial: Callable[[Partial], None] | None) -> Reply:
        kind = type(message).__name__
        if kind not in ("Status", "Prepare", "Close"):
            await self.gate.wait()
        answer = self.answers.get(kind)
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, ShadowpenError):
            raise answer
        if kind in ("Complete", "Continue", "Expand") and on_partial is not None:
            for text in self.partials:
                on_partial(Partial(id=message.id, text=text))
        assert answer is not None
        return answer(message) if callable(answer) else answer

    async def events(self) -> AsyncIterator[Event]:
        while True:
            yield await self.published.get()

    async def close(self) -> None:
        self.closed = True

    async def wait_for(self, kind: str, count: int = 1) -> Request:
        """The `count`-th request of a kind, once it came."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    def of(self, kind: str) -> list[Request]:
        return [message for message in self.asked if type(message).__name__ == kind]


class FakeEditor:
    """Writes down what it is told; `applies` is its answer to an edit."""

    def __init__(self, *, applies: bool = True) -> None:
        self.told: list[tuple[str, str]] = []
        self.edits: list[types.WorkspaceEdit] = []
        self.applies = applies
        self.refused = False
        self.cancel: Callable[[], object] = lambda: None

    async def begin(self, title: str, on_cancel: Callable[[], object]) -> None:
        self.told.append(("begin", title))
        self.cancel = on_cancel

    def report(self, text: str) -> None:
        self.told.append(("report", text))

    def end(self, message: str) -> None:
        self.told.append(("end", message))

    def warn(self, sentence: str) -> None:
        self.told.append(("warn", sentence))

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> types.ApplyWorkspaceEditResult:
        self.edits.append(edit)
        self.refused = not self.applies
        return types.ApplyWorkspaceEditResult(
            applied=self.applies, failure_reason=None if self.applies else "read-only"
        )
