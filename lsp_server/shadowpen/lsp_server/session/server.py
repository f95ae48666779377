"""The language server: one session for each editor, its beginning and its settings.

It answers `initialize` at once and finds or starts the daemon behind it. Nothing an editor sends ends it.
This file knows neither documents nor suggestions.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from shadowpen.daemon.base import config
from shadowpen.daemon.base.translation import language
from shadowpen.lsp_server.documents.positions import Encoding
from shadowpen.lsp_server.editor import parent
from shadowpen.lsp_server.session import registration
from shadowpen.lsp_server.session.buttons import Warnings
from shadowpen.lsp_server.session.consent import Consent
from shadowpen.lsp_server.session.daemon_link import DaemonClient
from shadowpen.lsp_server.session.editor_protocol import EditorProtocol
from shadowpen.lsp_server.session.session import EditorSession

if TYPE_CHECKING:
    from cattrs import Converter

NAME = "shadowpen"
_LAST_WORDS_S = 5.0  # what is still to be told to the daemon when the editor is gone


def _brief_converter() -> Converter:
    """pygls' converter, which stops at the first thing that is wrong: an account of 100,000 takes minutes."""
    converter = default_converter()
    converter.detailed_validation = False
    return converter


class ShadowpenServer(LanguageServer):
    """pygls' server with one session; `connect` makes the client of the daemon, given the editor's name."""

    def __init__(
        self,
        connect: Callable[[str], DaemonClient],
    ) -> None:
        super().__init__(
            NAME,
            metadata.version("shadowpen"),
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=EditorProtocol,
            converter_factory=_brief_converter,
        )
        self._connect = connect
        self.consent = Consent(self, lambda question: self.session.status.ask(question))
        self._warnings = Warnings(self)
        self._session: EditorSession | None = None
        self._client_name = ""
        self._wishes: Any = None
        self._started = False
        self._registrar: registration.Registrar | None = None

    @property
    def session(self) -> EditorSession:
        """From `begin` on; what a client sends before its `initialize` is refused."""
        assert self._session is not None, "a client sends initialize first"
        return self._session

    def begin(self, params: types.InitializeParams) -> None:
        """Make the session that the client's `initialize` describes."""
        name = self._client_name = self.consent.client = params.client_info.name if params.client_info else ""
        client, settings = self._connect(name or "an editor"), config.load()
        language.speak(lambda: language.chosen(settings.interface.language, params.locale))
        pulling = self._look_again if registration.pulls_diagnostics(params.capabilities) else None
        self._session = EditorSession(
            client, settings, self._send, self._show, partial(self.consent.ask, name), pulling, name
        )
        self._session.documents.encoding = Encoding(self.workspace.position_encoding or Encoding.UTF16)
        self._wishes = params.initialization_options
        loop = asyncio.get_running_loop()
        parent.watch(params.process_id, lambda: self._orphaned(loop))
        protocol = cast(EditorProtocol, self.protocol)
        protocol.unsupported_methods = self.session.unsupported_methods

    def start(self) -> None:
        """The client is ready to be told things, and may say so twice."""
        if not self._started:
            self._started = True
            self.session.start(self._wishes)
            later = cast(EditorProtocol, self.protocol).registrations
            self._registrar = registration.Registrar(self, later, self.session.refused)
            self._registrar.offer(self.session.inactive_methods)

    def configure(self, raw: Any) -> None:
        """Take over the editor's options, and let it use what there is by them."""
        self.session.configure(raw)
        if self._registrar is not None:
            self._registrar.offer(self.session.inactive_methods)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """In place of pygls' pop-up for each: stderr has them, without text."""

    def _orphaned(self, loop: asyncio.AbstractEventLoop) -> None:
        """The editor has ended without a word; its end of the pipe may be open still, so that no read ends."""
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(self.session.close(), loop).result(_LAST_WORDS_S)
        os._exit(1)

    def _look_again(self) -> None:
        """What was told of mistakes may be different now."""
        workspace = self.client_capabilities.workspace
        if workspace is not None and workspace.diagnostics is not None and workspace.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)

    def _send(self, method: str, params: Any) -> None:
        self.protocol.notify(method, params)

    def _show(self, sentence: str) -> None:
        code = self._session.status.now.code if self._session is not None else ""
        self._warnings.show(sentence, code, self._client_name)
