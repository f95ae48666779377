"""Messages with buttons, for clients that show them without taking the focus.

A missing model is a matter of one command, which fetches hundreds of megabytes: it runs in a terminal of the client's,
before the user's eyes. This file knows neither documents nor the daemon.
"""

from __future__ import annotations

import asyncio
import sys

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from shadowpen.daemon.base.errors import ModelMissing
from shadowpen.daemon.base.translation.language import translated

SETUP_METHOD = "shadowpen/setup"  # {command: [program, …]}, for a terminal
_WITH_BUTTONS = ("visual studio code", "code-server", "vscodium", "code - oss", "cursor", "windsurf")
_GET = "Get the Model"
# -P: never import from the folder the process happens to stand in.
_SETUP = (sys.executable, "-P", "-m", "shadowpen.daemon.cli", "setup")


def has_buttons(client: str) -> bool:
    """Whether the client of this name shows the buttons of a message beside the text."""
    return client.lower().startswith(_WITH_BUTTONS)


class Warnings:
    """Sentences put before the user's eyes; one about a missing model has a button where `client` shows it."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._asking: set[asyncio.Task[None]] = set()

    def show(self, sentence: str, code: str, client: str) -> None:
        """`code` is that of the error that the sentence is of, if any."""
        if code == ModelMissing.code and "shadowpen setup" in sentence and has_buttons(client):
            task = asyncio.get_running_loop().create_task(self._offer(sentence))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        else:
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, translated(sentence)))

    async def _offer(self, sentence: str) -> None:
        actions = [types.MessageActionItem(translated(_GET))]
        request = types.ShowMessageRequestParams(types.MessageType.Warning, translated(sentence), actions)
        chosen = await self._server.window_show_message_request_async(request)
        if chosen is not None:
            self._server.protocol.notify(SETUP_METHOD, {"command": list(_SETUP)})
