"""The methods that the server offers; each hands its session the parameters it needs.

Parameters of notifications outside the standard come from clients of all kinds: what is missing in them
is taken as absent. This file knows neither documents nor suggestions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from shadowpen.lsp_server.documents.positions import Encoding, column_of
from shadowpen.lsp_server.editor import options
from shadowpen.lsp_server.ghost_text import completion_fallback, explanation
from shadowpen.lsp_server.grammar.shown import SOURCE
from shadowpen.lsp_server.handlers import code_actions, commands
from shadowpen.lsp_server.session.editor_protocol import PerishableList

if TYPE_CHECKING:
    from shadowpen.lsp_server.session.server import ShadowpenServer

DID_SHOW = "textDocument/didShowCompletion"
DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion"
DID_FOCUS = "textDocument/didFocus"
# A word that is often used in other open texts is right here too, but not worth asking for all of them at every key.
DIAGNOSTICS = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=SOURCE)


def register(server: ShadowpenServer) -> None:
    """Announce everything to pygls, which tells the client."""
    # Without the options object pygls announces no inline completion.
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())(inline_completion)
    server.feature(types.TEXT_DOCUMENT_COMPLETION, completion_fallback.options())(completion)
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, code_actions.options())(actions)
    server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, DIAGNOSTICS)(diagnostic)
    server.feature(types.CODE_ACTION_RESOLVE)(code_actions.resolve)
    for method, handler in _NOTIFICATIONS.items():
        server.feature(method)(handler)
    for name, command in commands.COMMANDS.items():
        server.command(name)(command)


# --- life ----------------------------------------------------------------------------------------------


def initialize(ls: ShadowpenServer, params: types.InitializeParams) -> None:
    ls.begin(params)


def initialized(ls: ShadowpenServer, params: types.InitializedParams) -> None:
    ls.start()


async def shutdown(ls: ShadowpenServer, params: None) -> None:
    await ls.session.close()


async def did_change_configuration(ls: ShadowpenServer, params: types.DidChangeConfigurationParams) -> None:
    """Some clients send the settings, others only say that they changed and wait to be asked."""
    raw = options.section(params.settings)
    workspace = ls.client_capabilities.workspace
    if raw is None and workspace is not None and workspace.configuration:
        wanted = types.ConfigurationParams(items=[types.ConfigurationItem(section=options.SECTION)])
        raw = next(iter(await ls.workspace_configuration_async(wanted)), None)
    if raw is not None:
        ls.configure(raw)


# --- documents -----------------------------------------------------------------------------------------


def did_open(ls: ShadowpenServer, params: types.DidOpenTextDocumentParams) -> None:
    ls.session.opened(params.text_document)


def did_change(ls: ShadowpenServer, params: types.DidChangeTextDocumentParams) -> None:
    ls.session.changed(params)


def did_close(ls: ShadowpenServer, params: types.DidCloseTextDocumentParams) -> None:
    ls.session.closed(params.text_document.uri)


def did_focus(ls: ShadowpenServer, params: Any) -> None:
    """`{textDocument?: {uri}, position?}`, also when the cursor comes to rest; no document: none has the focus."""
    line, character = _at(params, "position", "line"), _at(params, "position", "character")
    known = isinstance(line, int) and isinstance(character, int) and min(line, character) >= 0
    ls.session.focused(_at(params, "textDocument", "uri"), types.Position(line, character) if known else None)


# --- suggestions ---------------------------------------------------------------------------------------


async def inline_completion(ls: ShadowpenServer, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    answer = await ls.session.suggestions.inline(params)
    document = ls.session.documents.get(params.text_document.uri)
    if document is None:
        return answer
    revision = document.revision
    return PerishableList(answer.items, lambda: document.closed or document.revision != revision)


async def completion(ls: ShadowpenServer, params: types.CompletionParams) -> types.CompletionList:
    return await ls.session.suggestions.completion(params)


async def hover(ls: ShadowpenServer, params: types.HoverParams) -> types.Hover | None:
    """Why there is ghost text at the cursor, or none."""
    found = await ls.session.suggestions.why(params.text_document.uri, params.position)
    text_document = ls.client_capabilities.text_document
    known = text_document.hover.content_format if text_document and text_document.hover else None
    return explanation.hover(found, known) if found is not None else None


def actions(ls: ShadowpenServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    notes = ls.session.holds_notes(params.text_document.uri, params.range)
    found = code_actions.listed(params, ls.client_capabilities, notes=notes)
    if found:
        ls.session.focused(params.text_document.uri)  # the menu is open: read the text now
    versioned = code_actions.knows_versions(ls.client_capabilities)
    return [*ls.session.grammar.fixes(params, versioned=versioned), *found]


async def diagnostic(ls: ShadowpenServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """Spelling and grammar, for clients that ask; a long first check is put off instead of keeping them waiting."""
    try:
        return await ls.session.mistakes(params.text_document.uri, params.previous_result_id)
    except TimeoutError as error:
        again = {"retriggerRequest": True}
        raise JsonRpcException("Still reading.", types.LSPErrorCodes.ServerCancelled, again) from error


def did_show(ls: ShadowpenServer, params: Any) -> None:
    """`{item}`: an item came to the screen, which its answer made us assume already."""


def did_partially_accept(ls: ShadowpenServer, params: Any) -> None:
    """`{item, acceptedLength}`: UTF-16 units from the item's beginning, all pieces together."""
    text, length = _at(params, "item", "insertText"), _at(params, "acceptedLength")
    arguments = _at(params, "item", "command", "arguments")
    if isinstance(text, str) and isinstance(length, int) and isinstance(arguments, list) and arguments:
        ls.session.suggestions.confirm(str(arguments[0]), text[: column_of(text, length, Encoding.UTF16)])


def _at(value: Any, *names: str) -> Any:
    """The value down the path of `names`; None where it breaks off."""
    with contextlib.suppress(AttributeError):
        for name in names:
            value = getattr(value, name)
        return value
    return None


_NOTIFICATIONS: dict[str, Callable[..., Any]] = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.SHUTDOWN: shutdown,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    DID_SHOW: did_show,
    DID_PARTIALLY_ACCEPT: did_partially_accept,
    DID_FOCUS: did_focus,
}
