"""The report on what Shadowpen does for its author: made by the command line, shown by the editor.

Making it takes seconds and much that the language server does not load, so a process of its own does it. This file
knows nothing of what is in the report.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from shadowpen.lsp_server.session.server import ShadowpenServer

REPORT_COMMAND = "shadowpen.report"
# -P: never import from the folder the process happens to stand in.
MAKE = (sys.executable, "-P", "-m", "shadowpen.daemon.cli", "report", "--json")
_MAKE_S = 120.0
_SHOW_S = 10.0


async def report(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[]` → `{path, helps, better, shown, reason}`: the report is made anew and shown, as a page where that can be."""
    try:
        told = await _made(MAKE)
    except (TimeoutError, OSError, ValueError) as error:
        told = {"error": {"message": f"The report could not be made: {type(error).__name__}."}}
    if "path" not in told:
        failure = told.get("error", {})
        reason = f"{failure.get('message', '')} {failure.get('hint', '')}".strip()
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"Shadowpen: {reason}"))
        return {"path": "", "helps": "", "better": "", "shown": False, "reason": reason}
    path = Path(told["path"])
    shown = await _shown(ls, path)
    if not shown:
        sentence = f"{told.get('helps', '')} {path}".strip()
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, sentence))
    about = {name: str(told.get(name, "")) for name in ("helps", "better")}
    return {"path": str(path), **about, "shown": shown, "reason": ""}


async def _made(command: Sequence[str]) -> dict[str, Any]:
    """What the command line answers; the process ends with the request."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _MAKE_S)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    told = json.loads(output)
    if not isinstance(told, dict):
        raise ValueError("not an object")
    return told


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
