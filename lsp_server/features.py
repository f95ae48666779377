"""Which methods and commands the server offers, and what of their parameters its session needs.

Parameters of notifications outside the standard come from clients of all kinds: what is missing in them
is taken as absent. This file knows neither documents nor suggestions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from shadowpen.daemon.protocol import LONGEST_PAUSE_MINUTES
from shadowpen.lsp_server import continuation, expansion, items, options
from shadowpen.lsp_server.editor import WorkDone
from shadowpen.lsp_server.positions import Encoding, column_of

if TYPE_CHECKING:
    from shadowpen.lsp_server.server import ShadowpenServer

PAUSE_COMMAND = "shadowpen.pause"
RESUME_COMMAND = "shadowpen.resume"
MANUAL_COMMAND = "shadowpen.manual"
STATUS_COMMAND = "shadowpen.status"
LEARN_COMMAND = "shadowpen.learn"
DISMISS_COMMAND = "shadowpen.dismiss"
RATE_COMMAND = "shadowpen.rate"
_RATINGS = {"good": 5, "bad": 1}
DID_SHOW = "textDocument/didShowCompletion"
DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion"
DID_FOCUS = "textDocument/didFocus"


def register(server: ShadowpenServer) -> None:
    """Announce everything to pygls, which tells the client."""
    # Without the options object pygls announces no inline completion.
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())(inline_completion)
    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.RefactorRewrite])
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(code_actions)
    for method, handler in _NOTIFICATIONS.items():
        server.feature(method)(handler)
    for name, command in _COMMANDS.items():
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
        ls.session.configure(raw)


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
    return await ls.session.inline(params)


def did_show(ls: ShadowpenServer, params: Any) -> None:
    """`{item}`: an item came to the screen, which its answer made us assume already."""


def did_partially_accept(ls: ShadowpenServer, params: Any) -> None:
    """`{item, acceptedLength}`: UTF-16 units from the item's beginning, all pieces together."""
    text, length = _at(params, "item", "insertText"), _at(params, "acceptedLength")
    arguments = _at(params, "item", "command", "arguments")
    if isinstance(text, str) and isinstance(length, int) and isinstance(arguments, list) and arguments:
        ls.session.confirm(str(arguments[0]), text[: column_of(text, length, Encoding.UTF16)])


# --- commands ------------------------------------------------------------------------------------------


async def accept(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> None:
    """`[id, text]`"""
    id, text = _arguments(params, str, str)
    ls.session.confirm(id, text)


async def dismiss(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> None:
    """`[id?]`: a suggestion (without an id: whatever is shown) was waved away; it never comes again there."""
    id = params.arguments[0] if params.arguments else None
    if id is not None and not isinstance(id, str):
        raise JsonRpcInvalidParams(f"{params.command} takes a suggestion's id, or nothing.")
    ls.session.dismiss(id)


async def continue_paragraph(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[uri, position]` → `{applied, text, reason}`"""
    uri, raw = _arguments(params, str, dict)
    return await ls.session.continue_paragraph(uri, _position(raw), WorkDone(ls, params.work_done_token))


async def expand(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[uri, range]` → `{applied, text, reason}`; the best paragraph replaces the range.

    `[uri, range, {preview: true, seed, candidates}]` → `{applied: false, candidates, missing, version, reason}`.
    """
    wish = expansion.Wish()
    if len(params.arguments or ()) > 2:
        uri, raw, wished = _arguments(params, str, dict, dict)
        wish = _wish(wished)
    else:
        uri, raw = _arguments(params, str, dict)
    span = types.Range(_position(raw.get("start")), _position(raw.get("end")))
    return await ls.session.expand(uri, span, wish, WorkDone(ls, params.work_done_token))


def _wish(raw: dict[str, Any]) -> expansion.Wish:
    """What is absent keeps its default; names that only another version's client knows are let pass."""
    wish = expansion.Wish(**{name: raw[name] for name in ("preview", "seed", "candidates") if name in raw})
    if not isinstance(wish.preview, bool) or not _is_count(wish.seed) or not _is_count(wish.candidates):
        raise JsonRpcInvalidParams("The options must be {preview: true or false, seed: number, candidates: number}.")
    return wish


async def learn(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`["on"|"off"]`: the author's answer to whether accepted text may be kept; returns `{learning}`."""
    (answer,) = _arguments(params, str)
    if answer not in ("on", "off"):
        raise JsonRpcInvalidParams(f"{params.command} takes on or off.")
    ls.consent.answer(answer)
    return {"learning": answer}


async def rate(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`["good"|"bad"]`: the author's mark for the suggestion taken last; returns `{rated: bool}`."""
    (mark,) = _arguments(params, str)
    if mark not in _RATINGS:
        raise JsonRpcInvalidParams(f"{params.command} takes good or bad.")
    return {"rated": ls.session.rate(_RATINGS[mark])}


async def pause(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[]` toggles, `[minutes]` (0 goes on), `["tomorrow"]` (until its morning), `["on"]`; returns the status."""
    given: list[Any] = list(params.arguments or ())
    wish = given[0] if given else 0 if ls.session.pause.active else "on"
    if len(given) > 1 or not (_is_minutes(wish) or wish in ("tomorrow", "on")):
        raise JsonRpcInvalidParams(f"{params.command} takes a number of minutes, tomorrow, on, or nothing.")
    return ls.session.attend(pause=wish)


async def resume(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[]`: no longer paused; returns the status."""
    return ls.session.attend(pause=0)


async def manual(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`["on"|"off"]`, `[]` toggles: ghost text comes by a key only; returns the status."""
    given: list[Any] = list(params.arguments or ())
    if given not in ([], ["on"], ["off"]):
        raise JsonRpcInvalidParams(f"{params.command} takes on, off, or nothing.")
    return ls.session.attend(manual=given == ["on"] if given else not ls.session.pause.manual)


async def status(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[]` → state, message, hint, model, counts of this session, and the daemon's own report."""
    return await ls.session.report()


def code_actions(ls: ShadowpenServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    text_document = ls.client_capabilities.text_document
    support = text_document.code_action.tag_support if text_document and text_document.code_action else None
    tagged = support is not None and types.CodeActionTag.LlmGenerated in support.value_set
    offered = [offer(params, tagged=tagged) for offer in (expansion.code_action, continuation.code_action)]
    actions = [action for action in offered if action is not None]
    if actions:
        ls.session.focused(params.text_document.uri)  # the menu is open: read the text now
    return actions


def _arguments(params: types.ExecuteCommandParams, *kinds: type) -> Any:
    given = params.arguments or []
    if len(given) != len(kinds) or not all(isinstance(g, kind) for g, kind in zip(given, kinds, strict=True)):
        wanted = ", ".join(kind.__name__ for kind in kinds)
        raise JsonRpcInvalidParams(f"{params.command} needs the arguments [{wanted}].")
    return given


def _position(raw: Any) -> types.Position:
    if not isinstance(raw, dict) or not all(_is_count(raw.get(name)) for name in ("line", "character")):
        raise JsonRpcInvalidParams("A position must be {line: number, character: number}.")
    return types.Position(raw["line"], raw["character"])


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_minutes(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_PAUSE_MINUTES


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

_COMMANDS: dict[str, Callable[..., Any]] = {
    items.ACCEPT_COMMAND: accept,
    DISMISS_COMMAND: dismiss,
    continuation.CONTINUE_COMMAND: continue_paragraph,
    expansion.EXPAND_COMMAND: expand,
    PAUSE_COMMAND: pause,
    RESUME_COMMAND: resume,
    MANUAL_COMMAND: manual,
    STATUS_COMMAND: status,
    LEARN_COMMAND: learn,
    RATE_COMMAND: rate,
}
