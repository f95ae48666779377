"""Show the report, which the command line makes.

Making it takes seconds and much that the language server does not load, so a process of its own does it. This file
knows nothing of what is in the report.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from shadowpen.daemon.base.translation.language import spoken, translated
from shadowpen.lsp_server.handlers import command_line

if TYPE_CHECKING:
    from shadowpen.lsp_server.session.server import ShadowpenServer

REPORT_COMMAND = "shadowpen.report"
MAKE = (*command_line.SHADOWPEN, "report", "--json")
_SHOW_S = 10.0


async def report(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, str | bool]:
    """`[]` → `{path, helps, better, shown, reason}`: the report is made anew and shown, as a page where that can be.

    `["here"]`: the client shows it itself, wherever its window is, and gets `html` and `text` (Markdown) as well.
    """
    given = list(params.arguments or ())
    if given not in ([], ["here"]):
        raise JsonRpcInvalidParams(f"{params.command} takes here, or nothing.")
    told = await command_line.run([*MAKE, "--language", spoken()], "The report could not be made")
    if "path" not in told:
        reason = translated(command_line.reason(told))
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, translated(f"Shadowpen: {reason}")))
        return {"path": "", "helps": "", "better": "", "shown": False, "reason": reason}
    path = Path(told["path"])
    about = {name: translated(str(told.get(name, ""))) for name in ("helps", "better")}
    if given:
        page = {"html": str(told.get("html", "")), "text": str(told.get("text", ""))}
        return {"path": str(path), **about, **page, "shown": False, "reason": ""}
    shown = await _shown(ls, path)
    if not shown:
        sentence = f"{about['helps']} {path}".strip()
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, sentence))
    return {"path": str(path), **about, "shown": shown, "reason": ""}


async def _shown(ls: ShadowpenServer, path: Path) -> bool:
    """Whether the editor opened it, outside of itself: it is a page for a browser."""
    window = ls.client_capabilities.window
    if window is None or window.show_document is None or not window.show_document.support:
        return False
    wish = types.ShowDocumentParams(path.as_uri(), external=True)
    try:
        return (await asyncio.wait_for(ls.window_show_document_async(wish), _SHOW_S)).success
    except (TimeoutError, JsonRpcException):
        return False
