"""A minimal editor with ghost text: one document, the cursor at its end, a real language server.

It speaks LSP over stdio to a process of its own, as any editor would. It knows nothing of daemons and models, and
draws nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from shadowpen.daemon.base.errors import DaemonError, from_code

_START_S = 60.0  # the first start reads a model from a cold disk
_CONTINUE_S = 60.0
_LEAVE_S = 5.0


@dataclass(frozen=True)
class Ghost:
    """An answer to one place: the text offered ("" for none), how long it took, and what to call on acceptance."""

    text: str
    ms: float
    command: types.Command | None = None


class DemoEditor:
    """The demo's editor.

    Open a document with `start`, then type, ask, accept; `text` is all that stands in it.
    """

    def __init__(self, uri: str) -> None:
        self.text = ""
        self.model = ""
        self._uri = uri
        self._version = 1
        self._ids = itertools.count(1)
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._on_progress: Callable[[str], None] = lambda _: None
        self._client = LanguageClient("shadowpen-demo", "1")
        self._listen()

    async def start(self, command: Sequence[str], environment: dict[str, str]) -> None:
        """Start the server and wait until its model answers; raises the error that it reports."""
        await self._client.start_io(*command, env=environment)
        capabilities = types.ClientCapabilities(
            text_document=types.TextDocumentClientCapabilities(
                inline_completion=types.InlineCompletionClientCapabilities()
            ),
            window=types.WindowClientCapabilities(work_done_progress=True),
            workspace=types.WorkspaceClientCapabilities(apply_edit=True),
        )
        async with _within(_START_S, "The language server did not become ready"):
            await self._client.initialize_async(types.InitializeParams(capabilities=capabilities))
            self._client.initialized(types.InitializedParams())
            document = types.TextDocumentItem(self._uri, "markdown", self._version, self.text)
            self._client.text_document_did_open(types.DidOpenTextDocumentParams(document))
            await self._ready

    def type(self, piece: str) -> None:
        """Put `piece` at the end, as keys or an accepted ghost do."""
        here = self._cursor()
        self._version += 1
        change = types.TextDocumentContentChangePartial(range=types.Range(here, here), text=piece)
        document = types.VersionedTextDocumentIdentifier(version=self._version, uri=self._uri)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        self.text += piece

    async def ask(self, patience_s: float) -> Ghost | None:
        """The ghost at the cursor; None when it does not come in time, in which case the request is cancelled."""
        params = types.InlineCompletionParams(
            text_document=types.TextDocumentIdentifier(self._uri),
            position=self._cursor(),
            context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        )
        request_id, asked = next(self._ids), time.perf_counter()
        method = types.TEXT_DOCUMENT_INLINE_COMPLETION
        answer = asyncio.wrap_future(self._client.protocol.send_request(method, params, msg_id=request_id))
        done, _ = await asyncio.wait({answer}, timeout=patience_s)
        if not done:
            answer.add_done_callback(lambda late: late.cancelled() or late.exception())
            self._client.cancel_request(types.CancelParams(request_id))
            return None
        items = answer.result().items
        ms = (time.perf_counter() - asked) * 1000
        return Ghost(items[0].insert_text, ms, items[0].command) if items else Ghost("", ms)

    async def accept(self, ghost: Ghost) -> None:
        """Take the whole ghost into the text, and tell the server as editors do."""
        self.type(ghost.text)
        if ghost.command is not None:
            command = types.ExecuteCommandParams(ghost.command.command, ghost.command.arguments)
            await self._client.workspace_execute_command_async(command)

    async def continue_paragraph(self, on_progress: Callable[[str], None]) -> dict[str, Any]:
        """Have the server write on from the cursor; its edit is applied here. {"applied", "text", "reason"}."""
        here = self._cursor()
        arguments = [self._uri, {"line": here.line, "character": here.character}]
        params = types.ExecuteCommandParams("shadowpen.continue", arguments, work_done_token="demo")
        self._on_progress = on_progress
        async with _within(_CONTINUE_S, "The paragraph was not continued"):
            return _as_mapping(await self._client.workspace_execute_command_async(params))

    async def close(self) -> None:
        """End the server as editors do; one that does not listen is ended by the closed pipe."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LEAVE_S):
                await self._client.shutdown_async(None)
                self._client.exit(None)
                await self._client.stop()

    def _cursor(self) -> types.Position:
        line = self.text.rpartition("\n")[2]
        return types.Position(self.text.count("\n"), len(line.encode("utf-16-le")) // 2)

    def _listen(self) -> None:
        """What the server may send by itself; pygls marks its handlers, so none can be a bound method."""
        handlers: dict[str, Callable[[Any], Any]] = {
            "shadowpen/status": lambda params: self._status(params),
            "didChangeStatus": lambda params: None,
            types.WINDOW_SHOW_MESSAGE: lambda params: None,
            types.WINDOW_WORK_DONE_PROGRESS_CREATE: lambda params: None,
            types.PROGRESS: lambda params: self._progress(params),
            types.WORKSPACE_APPLY_EDIT: lambda params: self._apply(params),
        }
        for method, handler in handlers.items():
            self._client.feature(method)(handler)

    def _status(self, params: Any) -> None:
        self.model = params.model or self.model
        if self._ready.done():
            return
        if params.state == "ready":
            self._ready.set_result(None)
        elif params.state == "error":
            self._ready.set_exception(from_code("daemon_error", params.message, params.hint))

    def _progress(self, params: types.ProgressParams) -> None:
        message = _as_mapping(params.value).get("message")
        if message:
            self._on_progress(message)

    def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        """Only what the demo asks for: one insertion at the cursor of this very version."""
        for change in params.edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit), change
            if change.text_document.version != self._version:
                return types.ApplyWorkspaceEditResult(applied=False, failure_reason="The text changed.")
            for edit in change.edits:
                assert isinstance(edit, types.TextEdit) and edit.range.start == edit.range.end == self._cursor(), edit
                self.type(edit.new_text)
        return types.ApplyWorkspaceEditResult(applied=True)


@contextlib.asynccontextmanager
async def _within(limit_s: float, what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError:
        raise DaemonError(f"{what} within {limit_s:.0f} s.", "`shadowpen doctor` looks for the cause.") from None


def _as_mapping(value: Any) -> dict[str, Any]:
    """pygls hands over what it does not know as a mapping or as an object with attributes."""
    return dict(value) if isinstance(value, dict) else dict(getattr(value, "_asdict", lambda: vars(value))())
