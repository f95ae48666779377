"""A headless editor: several documents, a cursor in each, and a real language server.

It speaks LSP over stdio to a process of its own, as any editor would, and asks for ghost text as typing does. The
demo, the benchmark and its replay all type in it. It knows nothing of daemons and models, and measures nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from shadowpen.daemon.base.errors import DaemonError, from_code

_START_S = 120.0  # the first start reads a model from a cold disk, or brings a GPU up
_CONTINUE_S = 60.0
_LEAVE_S = 5.0


class EditedDocument:
    """A text as lines, and a cursor in it: `line` and `offset`, in characters."""

    def __init__(self, uri: str, text: str) -> None:
        self.uri = uri
        self.version = 1
        self.lines = text.split("\n")
        self.line = len(self.lines) - 1
        self.offset = len(self.lines[-1])

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def move(self, line: int, offset: int) -> None:
        self.line, self.offset = line, offset

    def position(self) -> types.Position:
        before = self.lines[self.line][: self.offset]
        return types.Position(self.line, len(before.encode("utf-16-le")) // 2)

    def insert(self, piece: str) -> None:
        """Put `piece` at the cursor, which then stands behind it."""
        whole = self.lines[self.line]
        new = (whole[: self.offset] + piece).split("\n")
        self.lines[self.line : self.line + 1] = [*new[:-1], new[-1] + whole[self.offset :]]
        self.line, self.offset = self.line + len(new) - 1, len(new[-1])


class Editor:
    """A real language server, used as an editor would.

    Start it, then open documents, type and ask. Times are the caller's matter. `model` is what the server last named.
    """

    def __init__(self, name: str = "shadowpen-bench") -> None:
        self.model = ""
        self._ids = itertools.count(1)
        self._names = itertools.count(1)
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._documents: dict[str, EditedDocument] = {}
        self._client = LanguageClient(name, "1")
        self._command: types.Command | None = None
        self._on_progress: Callable[[str], None] = lambda _: None
        self._listen()

    async def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the server and wait until its model answers; raises the error that it reports."""
        capabilities = types.ClientCapabilities(
            text_document=types.TextDocumentClientCapabilities(
                inline_completion=types.InlineCompletionClientCapabilities()
            ),
            window=types.WindowClientCapabilities(work_done_progress=True),
            workspace=types.WorkspaceClientCapabilities(apply_edit=True),
        )
        async with _within(_START_S, "The language server did not become ready"):
            await self._client.start_io(*command, env=dict(environment))
            await self._client.initialize_async(types.InitializeParams(capabilities=capabilities))
            self._client.initialized(types.InitializedParams())
            await self._ready

    def open(self, text: str, uri: str = "") -> EditedDocument:
        """A new document, the cursor at its end; the server is told, and that it has the focus."""
        document = EditedDocument(uri or f"file:///shadowpen-bench/{next(self._names)}.md", text)
        self._documents[document.uri] = document
        item = types.TextDocumentItem(document.uri, "markdown", document.version, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        self.focus(document)
        return document

    def focus(self, document: EditedDocument) -> None:
        self._client.protocol.notify("textDocument/didFocus", {"textDocument": {"uri": document.uri}})

    def close(self, document: EditedDocument) -> None:
        del self._documents[document.uri]
        name = types.TextDocumentIdentifier(document.uri)
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(name))

    def type(self, document: EditedDocument, piece: str) -> None:
        """Put `piece` at the cursor, as keys or an accepted ghost do."""
        here = document.position()
        document.version += 1
        document.insert(piece)
        change = types.TextDocumentContentChangePartial(range=types.Range(here, here), text=piece)
        name = types.VersionedTextDocumentIdentifier(version=document.version, uri=document.uri)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(name, [change]))

    async def ask(self, document: EditedDocument, patience_s: float) -> str | None:
        """Ghost text for the cursor, "" for none; None when it fails or does not come in time, and is cancelled."""
        params = types.InlineCompletionParams(
            text_document=types.TextDocumentIdentifier(document.uri),
            position=document.position(),
            context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        )
        request_id = next(self._ids)
        method = types.TEXT_DOCUMENT_INLINE_COMPLETION
        answer = asyncio.wrap_future(self._client.protocol.send_request(method, params, msg_id=request_id))
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait({answer}, timeout=max(0.0, patience_s))
        if not answer.done():
            self._client.cancel_request(types.CancelParams(request_id))
            return None
        if answer.cancelled() or answer.exception() is not None:
            return None
        items = answer.result().items
        self._command = items[0].command if items else None
        return str(items[0].insert_text) if items else ""

    def accept(self) -> None:
        """Tell the server that its last answer was taken whole, as editors do."""
        if self._command is not None:
            params = types.ExecuteCommandParams(self._command.command, self._command.arguments)
            told = self._client.workspace_execute_command(params)
            told.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._command = None

    async def continue_paragraph(self, document: EditedDocument, on_progress: Callable[[str], None]) -> dict[str, Any]:
        """Have the server write on from the cursor; its edit is applied here. {"applied", "text", "reason"}."""
        here = document.position()
        arguments = [document.uri, {"line": here.line, "character": here.character}]
        params = types.ExecuteCommandParams("shadowpen.continue", arguments, work_done_token="shadowpen-typist")
        self._on_progress = on_progress
        async with _within(_CONTINUE_S, "The paragraph was not continued"):
            return _as_mapping(await self._client.workspace_execute_command_async(params))

    async def leave(self) -> None:
        """End the server as editors do; one that does not listen is ended by the closed pipe."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LEAVE_S):
                await self._client.shutdown_async(None)
                self._client.exit(None)
                await self._client.stop()

    def _listen(self) -> None:
        """What the server may send by itself; pygls marks its handlers, so none can be a bound method."""
        handlers: dict[str, Callable[[Any], Any]] = {
            "shadowpen/status": lambda params: self._status(params),
            "didChangeStatus": lambda params: None,
            types.WINDOW_SHOW_MESSAGE: lambda params: None,
            types.WINDOW_SHOW_MESSAGE_REQUEST: lambda params: None,
            types.WINDOW_WORK_DONE_PROGRESS_CREATE: lambda params: None,
            types.PROGRESS: lambda params: self._progress(params),
            types.WORKSPACE_APPLY_EDIT: lambda params: self._apply(params),
        }
        for method, handler in handlers.items():
            self._client.feature(method)(handler)

    def _status(self, params: Any) -> None:
        self.model = getattr(params, "model", "") or self.model
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
        """Only what `continue_paragraph` asks for: insertions at the cursor of the document's very version."""
        for change in params.edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit), change
            document = self._documents[change.text_document.uri]
            if change.text_document.version != document.version:
                return types.ApplyWorkspaceEditResult(applied=False, failure_reason="another version")
            for edit in change.edits:
                assert isinstance(edit, types.TextEdit), edit
                assert edit.range.start == edit.range.end == document.position(), edit
                self.type(document, edit.new_text)
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
