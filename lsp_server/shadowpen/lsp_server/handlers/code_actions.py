"""The menu of code actions at a place, and how an action comes to its text.

A command of the server is the way for clients that apply its edits: the text streams, shows progress and can be
cancelled, where many clients stand still while an action is resolved. Only a client that cannot be sent an edit gets
it by resolving the action. This file knows neither the daemon nor what is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from shadowpen.daemon.base.translation.language import translated
from shadowpen.lsp_server.handlers import commands
from shadowpen.lsp_server.writing import continuation, expansion, verbs

if TYPE_CHECKING:
    from shadowpen.lsp_server.session.server import ShadowpenServer

Way = Literal["command", "late command", "edit"]
_REQUEST_FAILED = -32803
_RESOLVABLE = {
    expansion.EXPAND_COMMAND: commands.write_expansion,
    continuation.CONTINUE_COMMAND: commands.write_continuation,
    verbs.VERB_COMMAND: commands.write_verb,
}


def options() -> types.CodeActionOptions:
    kinds = [types.CodeActionKind.RefactorRewrite, types.CodeActionKind.QuickFix]
    return types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True)


def listed(params: types.CodeActionParams, client: types.ClientCapabilities, *, notes: bool) -> list[types.CodeAction]:
    """The actions of the asked range as this client can carry them out; `notes`: whether it holds any."""
    support = _support(client)
    tags = support.tag_support if support else None
    tagged = tags is not None and types.CodeActionTag.LlmGenerated in tags.value_set
    wanted = (expansion.code_action, continuation.code_action) if notes else (continuation.code_action,)
    offered = [offer(params, tagged=tagged) for offer in wanted]
    offered += verbs.code_actions(params, selected=notes, tagged=tagged)
    way = way_of(client)
    return [_prepared(action, way) for action in offered if action is not None]


def way_of(client: types.ClientCapabilities) -> Way:
    """How this client gets from a chosen action to text."""
    support, workspace = _support(client), client.workspace
    resolved: list[str] = []
    if support and support.data_support and support.resolve_support:
        resolved = list(support.resolve_support.properties)
    if "edit" in resolved and not (workspace and workspace.apply_edit):
        return "edit"
    return "late command" if "command" in resolved else "command"


async def resolve(ls: ShadowpenServer, action: types.CodeAction) -> types.CodeAction:
    """The action with what was left out of the list; one that is not ours, or whole already, as it is.

    An edit takes as long as writing it does. Refused with the reason, where there is none.
    """
    data = action.data
    if not isinstance(data, dict) or data.get("command") not in _RESOLVABLE or action.command or action.edit:
        return action
    command, arguments = data["command"], data.get("arguments")
    if not isinstance(arguments, list):
        raise JsonRpcInvalidParams("The action's data is not what it was listed with.")
    if way_of(ls.client_capabilities) == "edit":
        action.edit = await _edit(ls, types.ExecuteCommandParams(command, arguments))
    else:
        action.command = types.Command(action.title, command, arguments=arguments)
    return action


class Collected:
    """Stands in for an editor, and collects the edit."""

    def __init__(self) -> None:
        self.edit: types.WorkspaceEdit | None = None
        self.refused = False

    async def begin(self, title: str, on_cancel: Callable[[], object]) -> None:
        """The request itself is what the user cancels."""

    def report(self, text: str) -> None:
        """Nobody draws it."""

    def end(self, message: str) -> None:
        """The answer says it."""

    def warn(self, sentence: str) -> None:
        """As `end`."""

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> types.ApplyWorkspaceEditResult:
        self.edit = edit
        return types.ApplyWorkspaceEditResult(applied=True)


def _prepared(action: types.CodeAction, way: Way) -> types.CodeAction:
    command = action.command
    if way != "command" and command is not None:
        action.data = {"command": command.command, "arguments": list(command.arguments or ())}
        action.command = None
    return action


async def _edit(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> types.WorkspaceEdit:
    collected = Collected()
    result: dict[str, Any] = await _RESOLVABLE[params.command](ls, params, collected)
    if collected.edit is None:
        raise JsonRpcException(translated(f"Shadowpen: {result['reason']}"), _REQUEST_FAILED)
    return collected.edit if knows_versions(ls.client_capabilities) else _without_versions(collected.edit)


def knows_versions(client: types.ClientCapabilities) -> bool:
    edits = client.workspace.workspace_edit if client.workspace else None
    return bool(edits and edits.document_changes)


def _without_versions(edit: types.WorkspaceEdit) -> types.WorkspaceEdit:
    changes: dict[str, list[types.TextEdit]] = {}
    for change in edit.document_changes or ():
        if isinstance(change, types.TextDocumentEdit):
            edits = [each for each in change.edits if isinstance(each, types.TextEdit)]
            changes.setdefault(change.text_document.uri, []).extend(edits)
    return types.WorkspaceEdit(changes=changes)


def _support(client: types.ClientCapabilities) -> types.CodeActionClientCapabilities | None:
    return client.text_document.code_action if client.text_document else None
