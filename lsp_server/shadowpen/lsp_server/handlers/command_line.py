"""Run the command line for tasks that take seconds or need much that the server does not load.

This file knows nothing of what is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from typing import Any

# -P: never import from the folder the process happens to stand in.
SHADOWPEN = (sys.executable, "-P", "-m", "shadowpen.daemon.cli")
_LONGEST_S = 120.0


async def run(command: Sequence[str], what: str) -> dict[str, Any]:
    """The document that `command` answers with; one with an "error" if it cannot be had. It ends with the request.

    `what` begins the sentence of that error.
    """
    try:
        return await _answer(command)
    except (TimeoutError, OSError, ValueError) as error:
        return {"error": {"message": f"{what}: {type(error).__name__}."}}


def reason(told: dict[str, Any]) -> str:
    """Why a document is none, in a sentence and its hint; "" for one that is."""
    failure = told.get("error", {})
    return f"{failure.get('message', '')} {failure.get('hint', '')}".strip()


async def _answer(command: Sequence[str]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _LONGEST_S)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    told = json.loads(output)
    if not isinstance(told, dict):
        raise ValueError("not an object")
    return told
