"""Announce capabilities that depend on the client.

Never both: a client that heard of a method twice would ask twice. What was registered is unregistered while there is
nothing to answer, so that the client need not ask. What it does with a registration is its own matter; nothing here
waits for an answer. This file knows nothing of what the methods do.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

from shadowpen.lsp_server.editor import options
from shadowpen.lsp_server.ghost_text import completion_fallback

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

# Method → where the server's capabilities and the client's text document capabilities name it.
_METHODS = {
    types.TEXT_DOCUMENT_INLINE_COMPLETION: ("inline_completion_provider", "inline_completion"),
    types.TEXT_DOCUMENT_COMPLETION: ("completion_provider", "completion"),
    types.TEXT_DOCUMENT_HOVER: ("hover_provider", "hover"),
    types.TEXT_DOCUMENT_CODE_ACTION: ("code_action_provider", "code_action"),
    types.TEXT_DOCUMENT_DIAGNOSTIC: ("diagnostic_provider", "diagnostic"),
}
_log = logging.getLogger(__name__)


def withhold(
    offered: types.ServerCapabilities, client: types.ClientCapabilities, unsupported: Collection[str] = ()
) -> list[types.Registration]:
    """Take out of `offered` what this client is not to get at the handshake; what is to be registered with it later.

    The `unsupported` methods are not announced at all.
    """
    if not completion_fallback.offered(client):
        offered.completion_provider = None
    if not pulls_diagnostics(client):
        offered.diagnostic_provider = None
    for method in unsupported:
        setattr(offered, _METHODS[method][0], None)
    later = [_configuration(client.workspace)]
    for method, (provider, capability) in _METHODS.items():
        announced = getattr(offered, provider)
        if announced and _is_dynamic(getattr(client.text_document, capability, None)):
            setattr(offered, provider, None)
            later.append(_registration(method, {} if announced is True else get_converter().unstructure(announced)))
    return [registration for registration in later if registration is not None]


def pulls_diagnostics(client: types.ClientCapabilities) -> bool:
    """Whether the client asks for them, so that they are not to be sent to it as well."""
    return client.text_document is not None and client.text_document.diagnostic is not None


class Registrar:
    """Registers capabilities with the client after the handshake.

    `on_refused` hears of each method that it does not want to use.
    """

    def __init__(
        self, server: LanguageServer, later: Sequence[types.Registration], on_refused: Callable[[str], None]
    ) -> None:
        self._server = server
        self._later = {one.method: one for one in later}
        self._on_refused = on_refused
        self._registered: dict[str, str] = {}  # method → the id of its registration

    def offer(self, inactive: Collection[str]) -> None:
        """The client shall use all but the `inactive` methods from now on."""
        for method, registration in list(self._later.items()):
            if method in inactive and method in self._registered:
                self._unregister(method)
            elif method not in inactive and method not in self._registered:
                self._register(registration)

    def _register(self, wanted: types.Registration) -> None:
        id = self._registered[wanted.method] = f"shadowpen-{uuid.uuid4().hex}"
        asked = types.RegistrationParams([types.Registration(id, wanted.method, wanted.register_options)])

        def heed(answer: Future[None]) -> None:
            if _is_refused(answer) and self._later.pop(wanted.method, None) is not None:
                self._registered.pop(wanted.method, None)
                self._on_refused(wanted.method)

        self._server.client_register_capability(asked).add_done_callback(heed)

    def _unregister(self, method: str) -> None:
        ended = types.Unregistration(self._registered.pop(method), method)
        answer = self._server.client_unregister_capability(types.UnregistrationParams([ended]))
        answer.add_done_callback(_is_refused)


def _configuration(workspace: types.WorkspaceClientCapabilities | None) -> types.Registration | None:
    """Some clients tell of changed settings only where that is registered; None for those that do so anyway.

    A client that can be asked for its settings names no section: what it answers then may be joined with care, what it
    sends of itself is the plain section, in which a workspace's values have replaced the author's own.
    """
    if workspace is None or not _is_dynamic(workspace.did_change_configuration):
        return None
    section = {} if workspace.configuration else {"section": options.SECTION}
    return _registration(types.WORKSPACE_DID_CHANGE_CONFIGURATION, section)


def _registration(method: str, register_options: dict[str, Any]) -> types.Registration:
    # No document selector: what a client has opened with this server is for this server. Each time it gets another id.
    return types.Registration("", method, register_options)


def _is_dynamic(capability: Any) -> bool:
    return bool(getattr(capability, "dynamic_registration", False))


def _is_refused(answer: Future[None]) -> bool:
    if answer.cancelled() or (error := answer.exception()) is None:
        return False
    _log.warning("The editor does not take a registration: %s", type(error).__name__)
    return True
