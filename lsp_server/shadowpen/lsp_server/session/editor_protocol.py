"""Adaptations of pygls' protocol: documents, commands, and malformed messages.

pygls would split every document anew at each key, and at characters that end no line; a cancelled command would go on;
a malformed request would never be answered, and a malformed answer waited for; a second `initialize` would count
positions anew in documents that are open. A change that cannot be read closes its document: served on, every place in
it would be wrong. Requests before `initialize` and after `shutdown` are refused as the protocol says, and no error
carries paths of this machine. This file knows no feature.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol, lsp_method

from shadowpen.lsp_server.editor import mending
from shadowpen.lsp_server.session import registration

_IGNORED = "$/malformed"
_log = logging.getLogger(__name__)


class PerishableList(types.InlineCompletionList):
    """Ghost text that is emptied if it `is_stale` when it is sent: pygls sends it a turn after it was made."""

    def __init__(self, items: Sequence[types.InlineCompletionItem], is_stale: Callable[[], bool]) -> None:
        super().__init__(items)
        self.is_stale = is_stale


class EditorProtocol(LanguageServerProtocol):
    """Hands document changes straight to the registered features and keeps no text of its own.

    `registrations` are what the client is to be asked to use once it is initialized, `unsupported_methods`
    are not announced.
    """

    registrations: Sequence[types.Registration] = ()
    unsupported_methods: Collection[str] = ()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.exit_status: int | None = None  # what the client's `exit` makes of it; None: it has not come

    def _send_handler_result(self, future: Any, *, msg_id: Any) -> None:
        if not future.cancelled() and future.exception() is None:
            answer = future.result()
            if isinstance(answer, PerishableList) and answer.is_stale():
                answer.items = []
        super()._send_handler_result(future, msg_id=msg_id)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        if self._workspace is not None:
            raise JsonRpcInvalidRequest("This server is initialized already; start another one.")
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        self.registrations = registration.withhold(result.capabilities, params.capabilities, self.unsupported_methods)
        return result

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        self.exit_status = 0 if self._shutdown else 1
        yield from super().lsp_exit(*args)

    def handle_message(self, message: Any) -> None:
        """As pygls', but out of turn a request is refused instead of left without an answer."""
        method, id = getattr(message, "method", None), getattr(message, "id", None)
        out_of_turn = self._out_of_turn(method) if method not in (None, types.EXIT) else None
        if out_of_turn is None:
            super().handle_message(message)
        elif id is not None:
            self._send_response(id, error=out_of_turn.to_response_error())

    def _out_of_turn(self, method: str) -> JsonRpcException | None:
        if self._shutdown:
            return JsonRpcInvalidRequest("This server was told to shut down and answers nothing more.")
        if self._workspace is None and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("Send initialize first.")
        return None

    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        if error is not None and error.code == JsonRpcInternalError.CODE:
            error = types.ResponseError(error.code, "The request failed inside the language server; its log says why.")
        super()._send_response(msg_id, result, error)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._feature(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._feature(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._feature(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        """Commands get the whole parameters, token included, and are cancelled with their request."""
        command = self.fm.commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(f"There is no command {params.command!r}.")
        return await command(params)

    def _feature(self, method: str, params: Any) -> None:
        feature = self.fm.features.get(method)
        if feature is not None:
            feature(params)

    def _asked(self, answer: dict[str, Any]) -> Any:
        """The type of the answer that the client owes us, None for what is none."""
        id = answer.get("id")
        is_answer = "jsonrpc" in answer and "method" not in answer
        return self._result_types.get(id) if is_answer and isinstance(id, str) else None

    def structure_message(self, data: dict[str, Any]) -> Any:
        """As pygls', but a request that cannot be read is refused instead of left without an answer.

        Nor is an answer waited for that came and cannot be read: it counts as an error.
        """
        mending.complete(data, asked=self._asked(data))
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" not in data:
                return types.ResponseErrorMessage(id=data.get("id"), error=error.to_response_error())
            if "id" in data:
                self._send_response(data["id"], error=error.to_response_error())
            if data["method"] == types.TEXT_DOCUMENT_DID_CHANGE and (uri := mending.uri_of(data)):
                _log.warning("A change cannot be read: its document counts as closed until it is opened again.")
                gone = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
                return types.DidCloseTextDocumentNotification(params=gone)
            return JsonRPCNotification(method=_IGNORED, jsonrpc=self.VERSION, params=None)
