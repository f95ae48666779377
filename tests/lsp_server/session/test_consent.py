"""The question is put where an editor can put it, says what is kept, and its answer is written down."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from shadowpen.daemon.base import config
from shadowpen.daemon.privacy.consent import QUESTION
from shadowpen.lsp_server.session.consent import Consent


class Editor:
    """An editor that presses the button of this title, or none."""

    def __init__(self, presses: str | None = None) -> None:
        self.presses = presses
        self.asked: list[types.ShowMessageRequestParams] = []
        self.told: list[str] = []
        self.questions: list[str] = []
        self.consent = Consent(cast(LanguageServer, self), self.questions.append)

    def window_show_message(self, params: types.ShowMessageParams) -> None:
        self.told.append(params.message)

    async def window_show_message_request_async(self, params: types.ShowMessageRequestParams) -> Any:
        self.asked.append(params)
        return next((action for action in params.actions or () if action.title == self.presses), None)

    async def put(self, client: str) -> None:
        self.consent.ask(client)
        if self.consent._asking is not None:
            await asyncio.wait_for(self.consent._asking, 10)


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("Yes", ("on", "both")),
        ("Only what I accept", ("on", "accepted")),
        ("No", ("off", "both")),
        (None, ("ask", "both")),
    ],
)
@pytest.mark.parametrize("client", ["Visual Studio Code", "Cursor"])
async def test_where_there_are_buttons_they_answer(
    home: object, client: str, button: str | None, expected: tuple[str, str]
) -> None:
    editor = Editor(button)
    await editor.put(client)
    assert [request.message for request in editor.asked] == [QUESTION]
    learning = config.load().learning
    assert (learning.enabled, learning.keep) == expected
    assert [line for line in editor.told if "status bar" not in line] == []  # no terminal need be open there


@pytest.mark.parametrize("client", ["Neovim", "helix", ""])
async def test_elsewhere_one_line_says_how_to_answer_and_the_status_has_the_question(home: object, client: str) -> None:
    editor = Editor()
    await editor.put(client)
    (line,) = editor.told
    assert "shadowpen learn on|off" in line and "type instead" in line and len(line) < 68
    assert editor.questions == [QUESTION] and editor.asked == []
    editor.consent.answer("on", "written")
    assert editor.questions == [QUESTION, ""]
    assert config.load().learning.keep == "written"


@pytest.mark.parametrize(
    ("client", "answer", "next_step"),
    [
        ("Emacs", "M-x shadowpen-learn", "M-x shadowpen-learn-add"),
        ("Vim", ":ShadowpenLearn on|off", ":ShadowpenLearn add FOLDER"),
    ],
)
async def test_a_plug_in_with_a_command_for_it_names_the_command(
    home: object, client: str, answer: str, next_step: str
) -> None:
    editor = Editor()
    await editor.put(client)
    (line,) = editor.told
    assert line.endswith(f"? {answer}") and len(line) < 68
    editor.consent.answer("on")
    assert editor.told[-1].endswith(f": {next_step}")
