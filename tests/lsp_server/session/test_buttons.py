"""A missing model is told with a button where the client has room for one, and the button starts what mends it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from shadowpen.lsp_server.session.buttons import SETUP_METHOD, Warnings

MISSING = "No model is installed. Run `shadowpen setup`."


class Editor:
    """An editor whose user presses the first button, or none."""

    def __init__(self, *, presses: bool) -> None:
        self.presses = presses
        self.told: list[str] = []
        self.asked: list[str] = []
        self.notified: list[tuple[str, Any]] = []
        self.answered = asyncio.Event()
        self.protocol = self

    def notify(self, method: str, params: Any) -> None:
        self.notified.append((method, params))

    def window_show_message(self, params: types.ShowMessageParams) -> None:
        self.told.append(params.message)

    async def window_show_message_request_async(self, params: types.ShowMessageRequestParams) -> Any:
        self.asked.append(params.message)
        self.answered.set()
        return (params.actions or [None])[0] if self.presses else None


@pytest.mark.parametrize("presses", [True, False])
async def test_the_button_has_the_model_fetched_in_a_terminal(presses: bool) -> None:
    editor = Editor(presses=presses)
    Warnings(cast(LanguageServer, editor)).show(MISSING, "model_missing", "Visual Studio Code - Insiders")
    await asyncio.wait_for(editor.answered.wait(), 10)
    await asyncio.sleep(0)
    assert (editor.asked, editor.told) == ([MISSING], [])
    assert [method for method, _ in editor.notified] == ([SETUP_METHOD] if presses else [])
    if presses:
        assert editor.notified[0][1]["command"][-2:] == ["shadowpen.daemon.cli", "setup"]


@pytest.mark.parametrize(
    ("sentence", "code", "client"),
    [
        (MISSING, "model_missing", "Neovim"),
        (MISSING, "", "Visual Studio Code"),
        ("There is no version v7.", "model_missing", "Visual Studio Code"),
    ],
)
async def test_elsewhere_it_is_a_message(sentence: str, code: str, client: str) -> None:
    editor = Editor(presses=True)
    Warnings(cast(LanguageServer, editor)).show(sentence, code, client)
    assert (editor.told, editor.asked) == ([sentence], [])


def test_it_fits_into_a_line_of_eighty_columns() -> None:
    assert len("Shadowpen: " + MISSING) <= 68
