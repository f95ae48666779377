"""The plug-in as `shadowpen install neovim` leaves it: it knows its program and needs no line in init.lua."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from ..conftest import PLUGIN, SERVER, Start

FOX = {"The quick": " brown fox jumps."}
PACKAGE = "data/nvim/site/pack/shadowpen/start/shadowpen"


@pytest.fixture
def package(sandbox: Path) -> Path:
    """The installed plug-in; its command.json names the scripted server."""
    folder = sandbox / PACKAGE
    shutil.copytree(PLUGIN, folder)
    (folder / "command.json").write_text(json.dumps([sys.executable, str(SERVER), "lsp"]))
    return folder


def test_without_a_line_in_init_lua_there_is_ghost_text(package: Path, start: Start) -> None:
    session = start(FOX, init="vim.o.swapfile = false")
    session.keys("iThe quick")
    session.screen.wait_for("The quick brown fox jumps.")
    session.keys("<Tab>")
    session.screen.wait_buffer("The quick brown fox jumps.")


def test_options_of_ones_own_hold_with_the_stored_program(package: Path, start: Start) -> None:
    session = start(FOX, init="require('shadowpen').setup({ keys = { accept = '<C-l>' } })")
    session.keys("iThe quick")
    session.screen.wait_for("The quick brown fox jumps.")
    session.keys("<C-l>")
    session.screen.wait_buffer("The quick brown fox jumps.")
    assert len({event["pid"] for event in session.server.events}) == 1


def test_it_stays_off_where_the_writer_says_so(package: Path, start: Start) -> None:
    session = start(FOX, init="vim.g.shadowpen_setup = false", wait=False)
    assert session.screen.lua("return require('shadowpen').options() == nil")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null"])
def test_a_broken_file_leaves_the_program_of_the_path(package: Path, start: Start, content: str) -> None:
    (package / "command.json").write_text(content)
    session = start(init="require('shadowpen').setup()", wait=False)
    assert session.screen.lua("return require('shadowpen').options().cmd") == ["shadowpen", "lsp"]
