"""A real Neovim, the real language server and a real daemon whose model answers by rule: the whole path of an order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import daemons, rule_daemon
from support.rule_daemon import paragraph
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.wire.protocol import Status, StatusReport

from .conftest import init_lua
from .screen import Happenings, Screen

NOTES = "- ferry late\n- [[harbour]] {{date}}\n"
FIRST, SECOND = (paragraph(NOTES, 0, rank) for rank in (0, 1))


@pytest.fixture
def screen(neovim: Path, sandbox: Path, layout: store.Layout) -> Iterator[Screen]:
    """A Neovim on a file of two notes, its server at the daemon."""
    daemons.start(layout, command=(sys.executable, str(rule_daemon.__file__)))
    init, file = sandbox / "init.lua", sandbox / "text.md"
    server = f"cmd = {{ '{sys.executable}', '-P', '-m', 'shadowpen.lsp_server' }}"
    statusline = "vim.o.laststatus = 2; vim.o.statusline = \"%{v:lua.require'shadowpen'.status()}\""
    init.write_text(init_lua(server, statusline), encoding="utf-8")
    file.write_text(NOTES, encoding="utf-8")
    screen = Screen(neovim, init, file, Happenings())
    screen.wait_for("shadowpen: ready")
    yield screen
    screen.close()


def slow(layout: store.Layout) -> int:
    """Requests that the daemon works on and never answers."""
    with daemons.connect(layout) as client:
        reply = client.request(Status(id="status"))
    assert isinstance(reply, StatusReport)
    return reply.report.model.documents


def test_a_paragraph_is_chosen_taken_and_taken_back(screen: Screen) -> None:
    screen.keys("Vj:ShadowpenExpand<CR>")
    screen.wait_for("1 of 3")
    screen.wait_for(FIRST)
    screen.keys("<C-n>")
    screen.wait_for("2 of 3")
    screen.wait_for(SECOND)
    screen.wait_for("left out: {{date}}")
    screen.keys("<Tab>")
    screen.wait_buffer(SECOND)
    screen.keys("u")
    screen.wait_buffer(*NOTES.splitlines())


def test_more_paragraphs_come_from_another_seed(screen: Screen) -> None:
    screen.keys("Vj<Plug>(shadowpen-expand)")
    screen.wait_for("1 of 3")
    screen.keys("<C-n><C-n><C-n>")
    screen.wait_for("4 of 6")
    screen.wait_for(paragraph(NOTES, 1, 0))


def test_escape_reaches_the_daemon(screen: Screen, layout: store.Layout) -> None:
    screen.keys("ccslowly<Esc>")
    screen.command("ShadowpenExpand")
    screen.wait_for("writing …")
    wait_until(lambda: slow(layout) == 1, "the daemon to work on it")
    screen.keys("<Esc>")
    wait_until(lambda: slow(layout) == 0, "the daemon to drop it")
    screen.wait_gone("writing …")
    assert screen.buffer[0] == "slowly"


def test_five_thousand_words_are_refused_in_a_sentence(screen: Screen) -> None:
    screen.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { string.rep('word ', 5000) })")
    screen.command("ShadowpenExpand")
    screen.wait_for("Shadowpen: 5000 words are too many for one")
    report = screen.lua("return table.concat(require('shadowpen.status').report(), ' ')")
    assert "Select at most 400 words." in report
    screen.wait_for("shadowpen: ready")


def test_neovims_own_code_action_on_a_selection_has_the_preview(screen: Screen) -> None:
    screen.lua("vim.ui.select = function(items, _, choose) choose(items[1]) end")
    screen.keys("Vj<Cmd>lua vim.lsp.buf.code_action()<CR>")
    screen.wait_for("1 of 3")
    screen.wait_for(FIRST)
    screen.keys("<Tab>")
    screen.wait_buffer(FIRST)
