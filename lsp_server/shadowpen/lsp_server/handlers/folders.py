"""Add a folder of the user's texts, through the command line.

This file does not read the folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from shadowpen.daemon.base.translation.language import translated
from shadowpen.lsp_server.handlers import command_line

if TYPE_CHECKING:
    from shadowpen.lsp_server.session.server import ShadowpenServer

ADD_FOLDER_COMMAND = "shadowpen.addFolder"
_MOST_TOLD = 3


async def add_folder(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, str | bool]:
    """`[path]` → `{added, message}`: what is read of that folder from now on and what not, also said to the user."""
    given: list[Any] = list(params.arguments or ())
    if len(given) != 1 or not isinstance(given[0], str) or not given[0] or "\0" in given[0]:
        raise JsonRpcInvalidParams(f"{params.command} takes the path of a folder.")
    command = [*command_line.SHADOWPEN, "learn", "add", "--json", "--", given[0]]
    told = await command_line.run(command, "The folder could not be read")
    failure = command_line.reason(told)
    message = translated(failure) or _sentences(told)
    kind = types.MessageType.Warning if failure else types.MessageType.Info
    ls.window_show_message(types.ShowMessageParams(kind, message))
    return {"added": not failure, "message": message}


def _sentences(told: dict[str, Any]) -> str:
    report = told.get("left_out", {})
    files = report.get("files", {})
    most = sorted(files.items(), key=lambda one: -one[1])[:_MOST_TOLD]
    left_out = ", ".join(f"{count} ({translated(reason)})" for reason, count in most)
    parts = [told["message"], f"Files that it does not read: {left_out}." if left_out else ""]
    parts.append(report.get("needs", ""))
    if told.get("enabled") != "on":
        parts.append("Nothing is learned before you turn learning on.")
    return " ".join(translated(part) for part in parts if part)
