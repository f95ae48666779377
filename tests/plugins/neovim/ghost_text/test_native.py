"""Neovim 0.12's own inline completion: as a client of the server without the plugin, and beside the plugin."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from ..conftest import PLUGIN, SERVER, Start
from ..install import EDITORS

FOX = {"The quick": " brown fox jumps."}
GHOST = "The quick brown fox jumps."


@pytest.fixture(params=["0.12"])
def neovim(request: pytest.FixtureRequest) -> Path:
    return EDITORS[request.param].program


def documented() -> str:
    """The set-up that the help file gives, with the scripted server for the real one."""
    help_file = (PLUGIN / "doc" / "shadowpen.txt").read_text(encoding="utf-8")
    found = re.search(r"Without this plugin: >lua\n(.*?)\n<", help_file, re.DOTALL)
    assert found
    setup = found[1].replace('"shadowpen", "lsp"', f'"{sys.executable}", "{SERVER}", "lsp"')
    assert str(SERVER) in setup
    return f"vim.o.swapfile = false\n{setup}"


def test_the_documented_set_up_draws_and_accepts(start: Start) -> None:
    session = start(FOX, init=documented(), text=", and so on\n")
    session.keys("0iThe quick")
    session.screen.wait_for(GHOST + ", and so on")
    session.keys("<Tab>")
    session.screen.wait_buffer(GHOST + ", and so on")
    assert session.server.wait_command("shadowpen.accept")["params"]["arguments"][1] == " brown fox jumps."


def test_an_empty_answer_takes_the_old_ghost_away(start: Start) -> None:
    session = start(FOX, init=documented())
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    session.keys("x")
    session.screen.wait_gone("fox")
    session.keys("<Tab>")
    session.screen.wait_buffer("The quickx  ")


def test_beside_the_plugin_it_draws_nothing(start: Start) -> None:
    session = start(FOX, before="vim.lsp.inline_completion.enable()")
    session.keys("iThe quick")
    session.screen.wait_for(GHOST)
    session.quiet()
    native = "vim.api.nvim_create_namespace('nvim.lsp.inline_completion')"
    assert session.screen.lua(f"return vim.api.nvim_buf_get_extmarks(0, {native}, 0, -1, {{}})") == []
    client = "vim.lsp.get_clients({ name = 'shadowpen' })[1]"
    assert not session.screen.lua(f"return vim.lsp.inline_completion.is_enabled({{ client_id = {client}.id }})")
    session.keys("<Tab>")
    session.screen.wait_buffer(GHOST)
