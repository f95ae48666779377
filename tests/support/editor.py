"""An editor for tests: pygls' typed client on a real language server process, and what it was told."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

SERVER = (sys.executable, "-P", "-m", "shadowpen.lsp_server")
URI = "file:///writing/essay.md"


class Editor(LanguageClient):
    """Opens one document and asks about it; `edits_allowed` is its answer to workspace/applyEdit."""

    def __init__(self) -> None:
        super().__init__("test editor", "1")
        self.version = 0
        self.opened: set[str] = set()
        self.statuses: list[dict[str, Any]] = []
        self.messages: list[str] = []
        self.progress: list[tuple[str, Any]] = []
        self.edits: list[types.ApplyWorkspaceEditParams] = []
        self.edits_allowed = True
        self.growing: list[str] = []
        self.heard = asyncio.Condition()
        for method, handler in {
            "shadowpen/status": self._status,
            "didChangeStatus": self._ignore,
            "shadowpen/growing": self._grows,
            types.WINDOW_SHOW_MESSAGE: self._message,
            types.PROGRESS: self._progress,
            types.WINDOW_WORK_DONE_PROGRESS_CREATE: self._ignore,
            types.WORKSPACE_APPLY_EDIT: self._apply,
            types.WORKSPACE_CONFIGURATION: lambda params: [{"enabled": False}],
        }.items():
            self.feature(method)(functools.partial(handler))

    async def start(
        self,
        home: Path,
        *,
        encodings: list[types.PositionEncodingKind] | None = None,
        name: str = "test editor",
        options: Any = None,
    ) -> types.InitializeResult:
        """Start a server and shake hands with it."""
        await self.start_io(*SERVER, env={**os.environ, "SHADOWPEN_HOME": str(home)})
        result = await self.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=encodings),
                    window=types.WindowClientCapabilities(work_done_progress=True),
                    workspace=types.WorkspaceClientCapabilities(configuration=True),
                    text_document=types.TextDocumentClientCapabilities(
                        inline_completion=types.InlineCompletionClientCapabilities()
                    ),
                ),
                client_info=types.ClientInfo(name, "1"),
                initialization_options=options,
            )
        )
        self.initialized(types.InitializedParams())
        return result

    async def leave(self) -> int:
        """Shut the server down as editors do; its exit status."""
        assert self._server is not None
        await self.shutdown_async(None)
        self.exit(None)
        await self.stop()
        return await self._server.wait()

    def forget(self) -> None:
        """Take the next test as the first."""
        for heard in (self.statuses, self.messages, self.progress, self.edits, self.growing):
            heard.clear()
        self.edits_allowed = True

    def close(self) -> None:
        """Close every document that was opened."""
        for uri in self.opened:
            self.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        self.opened.clear()

    def open(self, text: str, uri: str = URI, language: str = "markdown") -> None:
        self.version += 1
        self.opened.add(uri)
        item = types.TextDocumentItem(uri, language, self.version, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, *changes: types.TextDocumentContentChangeEvent, uri: str = URI) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(version=self.version, uri=uri)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, list(changes)))

    def insert(self, text: str, line: int, character: int, uri: str = URI) -> None:
        at = types.Position(line, character)
        self.change(types.TextDocumentContentChangePartial(types.Range(at, at), text), uri=uri)

    async def ask(self, line: int, character: int, uri: str = URI, *, explicit: bool = False) -> list[Any]:
        """The items for a place."""
        answer = await self.text_document_inline_completion_async(self.asking(line, character, uri, explicit=explicit))
        assert isinstance(answer, types.InlineCompletionList), "never null, never a bare list"
        return list(answer.items)

    async def texts(self, line: int, character: int, uri: str = URI, *, explicit: bool = True) -> list[str]:
        return [str(item.insert_text) for item in await self.ask(line, character, uri, explicit=explicit)]

    def asking(
        self, line: int, character: int, uri: str = URI, *, explicit: bool = False
    ) -> types.InlineCompletionParams:
        kind = types.InlineCompletionTriggerKind.Invoked if explicit else types.InlineCompletionTriggerKind.Automatic
        return types.InlineCompletionParams(
            types.InlineCompletionContext(kind), types.TextDocumentIdentifier(uri), types.Position(line, character)
        )

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.workspace_execute_command_async(types.ExecuteCommandParams(name, list(arguments)))

    async def request(self, method: str, params: Any) -> Any:
        """A request past the typed client, which would refuse to send it; its result as plain values."""
        answer: Future[Any] = Future()
        id = f"raw {len(self.protocol._request_futures)}"
        self.protocol._request_futures[id] = answer
        self.raw(json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode())
        return _plain(await asyncio.wrap_future(answer))

    def raw(self, body: bytes) -> None:
        """Send the bytes of a message as they are."""
        assert self._server is not None
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something the server told makes `condition` true."""
        async with self.heard:
            await self.heard.wait_for(condition)

    async def until_ready(self) -> None:
        await self.until(lambda: any(status["state"] == "ready" for status in self.statuses))

    def _status(self, params: Any) -> None:
        self._hear(self.statuses, _plain(params))

    def _grows(self, params: Any) -> None:
        self._hear(self.growing, _plain(params)["items"][0]["insertText"])

    def _message(self, params: types.ShowMessageParams) -> None:
        self._hear(self.messages, params.message)

    def _progress(self, params: types.ProgressParams) -> None:
        value = params.value if isinstance(params.value, dict) else _plain(params.value)
        self._hear(self.progress, (value["kind"], {"token": params.token, **value}))

    def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self._hear(self.edits, params)
        return types.ApplyWorkspaceEditResult(applied=self.edits_allowed)

    def _ignore(self, params: Any) -> None:
        return

    def _hear(self, where: list[Any], what: Any) -> None:
        where.append(what)

        async def tell() -> None:
            async with self.heard:
                self.heard.notify_all()

        self._async_tasks.append(asyncio.ensure_future(tell()))


def _plain(value: Any) -> Any:
    """Mappings of what pygls makes nested tuples of."""
    if hasattr(value, "_asdict"):
        return {key: _plain(item) for key, item in value._asdict().items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return json.loads(json.dumps(value, default=lambda item: item.__dict__))
