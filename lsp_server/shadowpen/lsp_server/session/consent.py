"""The one question before anything is kept, put where an editor can put it without taking the keys.

VS Code shows a notification with buttons. Editors that would stop the author in mid-word with a dialogue
(Neovim's prompt takes the next keys typed) only say how to answer. The answer is a setting, and can be
changed at any time by `shadowpen learn on|off`. This file knows neither what is kept nor the daemon.
"""

from __future__ import annotations

import asyncio

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.privacy.consent import QUESTION

_YES, _NO = "Yes, learn from what I accept", "No"
_WITH_BUTTONS = ("visual studio code", "code-server", "vscodium", "code - oss")
# One short line: a longer one makes Neovim stop and wait for a key.
_HOW_TO_ANSWER = "Learn from what you take? shadowpen learn on|off"


class Consent:
    """Asks once a session at most, and writes the answer down."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._asking: asyncio.Task[None] | None = None

    def ask(self, client: str) -> None:
        """Put the question as the client of this name can take it."""
        if client.lower().startswith(_WITH_BUTTONS):
            self._asking = asyncio.get_running_loop().create_task(self._with_buttons())
        else:
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, _HOW_TO_ANSWER))

    def answer(self, answer: str) -> None:
        """Write down "on" or "off"; a settings file that cannot be written is told to the author."""
        try:
            config_file.write(store.layout().config_file, "learning", "enabled", answer)
        except ShadowpenError as error:
            text = f"{error.message} {error.hint}"
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Error, text))

    async def _with_buttons(self) -> None:
        actions = [types.MessageActionItem(_YES), types.MessageActionItem(_NO)]
        request = types.ShowMessageRequestParams(types.MessageType.Info, QUESTION, actions)
        chosen = await self._server.window_show_message_request_async(request)
        if chosen is not None:
            self.answer("on" if chosen.title == _YES else "off")
