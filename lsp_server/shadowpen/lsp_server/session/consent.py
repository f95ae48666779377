"""The one question before anything is stored, asked where it does not take the focus.

VS Code shows a notification with buttons. Other editors would stop the author in mid-word with a dialogue, so they are
only told how to answer; the status carries the question until then, for a plug-in that has a better place for it. The
answer is a setting, and can be changed at any time by `shadowpen learn on|off`. This file knows neither what is kept
nor the daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.privacy.consent import QUESTION
from shadowpen.lsp_server.session.buttons import has_buttons

_ANSWERS = dict(
    zip(words("Yes", "Only what I accept", "No"), (("on", "both"), ("on", "accepted"), ("off", None)), strict=True)
)
# One line that fits everywhere: a longer one makes some editors stop and wait for a key.
_NEXT = "Learning is on. Next, your texts: shadowpen learn add FOLDER"
_NEXT_IN_MENU = "Learning is on. Next, your texts: click Shadowpen in the status bar, then Learn from a folder."
_HOW_TO_ANSWER = "Keep what you accept and type instead? shadowpen learn on|off"
# Our plug-ins with a command for it need no terminal.
_IN_EDITOR = {
    "Emacs": (
        "Keep what you accept and type instead? M-x shadowpen-learn",
        "Learning is on. Next, your texts: M-x shadowpen-learn-add",
    ),
    "Vim": (
        "Keep what you accept and type instead? :ShadowpenLearn on|off",
        "Learning is on. Next, your texts: :ShadowpenLearn add FOLDER",
    ),
}


class Consent:
    """Asks once a session at most, and writes the answer down. `show_question` tells the status ("": answered)."""

    def __init__(self, server: LanguageServer, show_question: Callable[[str], None]) -> None:
        self._server = server
        self._show_question = show_question
        self._asking: asyncio.Task[None] | None = None
        self.client = ""  # the editor's name, once it is known

    def ask(self, client: str) -> None:
        """Put the question as the client of this name can take it."""
        self.client = client
        if has_buttons(client):
            self._asking = asyncio.get_running_loop().create_task(self._with_buttons())
        else:
            self._show_question(QUESTION)
            how, _ = _IN_EDITOR.get(client, (_HOW_TO_ANSWER, _NEXT))
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, translated(how)))

    def answer(self, answer: str, keep: str | None = None) -> None:
        """Write down "on" or "off", and what to `keep`; that it cannot be written is told to the author."""
        path = store.layout().config_file
        try:
            if keep is not None:
                config_file.write(path, "learning", "keep", keep)
            config_file.write(path, "learning", "enabled", answer)
            self._show_question("")
            if answer == "on" and not config.load(path).learning.folders:
                _, step = _IN_EDITOR.get(self.client, ("", _NEXT_IN_MENU if has_buttons(self.client) else _NEXT))
                self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, translated(step)))
        except ShadowpenError as error:
            text = translated(f"{error.message} {error.hint}")
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Error, text))

    async def _with_buttons(self) -> None:
        answers = {translated(title): answer for title, answer in _ANSWERS.items()}
        actions = [types.MessageActionItem(title) for title in answers]
        request = types.ShowMessageRequestParams(types.MessageType.Info, translated(QUESTION), actions)
        chosen = await self._server.window_show_message_request_async(request)
        if chosen is not None:
            self.answer(*answers[chosen.title])
