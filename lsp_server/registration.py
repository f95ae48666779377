"""Announcing what depends on the client: at the handshake, or by client/registerCapability where the client takes that.

Never both: a client that heard of a method twice would ask twice. What a client does with a registration is its own
matter; nothing here waits for an answer. This file knows nothing of what the methods do.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

from shadowpen.lsp_server import completion_fallback, options

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

# Method → where the server's capabilities and the client's text document capabilities name it.
_METHODS = {
    types.TEXT_DOCUMENT_INLINE_COMPLETION: ("inline_completion_provider", "inline_completion"),
    types.TEXT_DOCUMENT_COMPLETION: ("completion_provider", "completion"),
    types.TEXT_DOCUMENT_HOVER: ("hover_provider", "hover"),
    types.TEXT_DOCUMENT_CODE_ACTION: ("code_action_provider", "code_action"),
}
_log = logging.getLogger(__name__)


def withhold(offered: types.ServerCapabilities, client: types.ClientCapabilities) -> list[types.Registration]:
    """Take out of `offered` what this client is not to get at the handshake; what is to be registered with it later."""
    if not completion_fallback.offered(client):
        offered.completion_provider = None
    later = [_configuration(client.workspace)]
    for method, (provider, capability) in _METHODS.items():
        announced = getattr(offered, provider)
        if announced and _is_dynamic(getattr(client.text_document, capability, None)):
            setattr(offered, provider, None)
            later.append(_registration(method, {} if announced is True else get_converter().unstructure(announced)))
    return [registration for registration in later if registration is not None]


def register(server: LanguageServer, registrations: Sequence[types.Registration]) -> None:
    """Ask the client to use these from now on."""
    if registrations:
        answer = server.client_register_capability(types.RegistrationParams(list(registrations)))
        answer.add_done_callback(_note_refusal)


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
    # No document selector: what a client has opened with this server is for this server.
    return types.Registration(f"shadowpen-{uuid.uuid4().hex}", method, register_options)


def _is_dynamic(capability: Any) -> bool:
    return bool(getattr(capability, "dynamic_registration", False))


def _note_refusal(answer: Future[None]) -> None:
    if not answer.cancelled() and (error := answer.exception()) is not None:
        _log.warning("The editor does not take a registration: %s", type(error).__name__)
