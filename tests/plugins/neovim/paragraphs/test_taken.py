"""Ten expansions taken and edited in a real Neovim: each is in the journal once, with its notes and what was kept.

Real language server and daemon; the model answers by rule.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import daemons, rule_daemon
from support.rule_daemon import paragraph
from support.waiting import wait_until

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.reporting import own
from shadowpen.daemon.storage import journal

from ..conftest import init_lua
from ..install import EDITORS
from ..screen import Happenings, Screen

COUNT = 10
ADDED = " That is all."


@pytest.fixture
def screen(sandbox: Path, layout: store.Layout) -> Iterator[Screen]:
    """A Neovim on an empty file, whose user agreed to learning."""
    config_file.write(layout.config_file, "learning", "enabled", "on")
    daemons.start(layout, command=(sys.executable, str(rule_daemon.__file__)))
    init, file = sandbox / "init.lua", sandbox / "text.md"
    server = f"cmd = {{ '{sys.executable}', '-P', '-m', 'shadowpen.lsp_server' }}"
    statusline = "vim.o.laststatus = 2; vim.o.statusline = \"%{v:lua.require'shadowpen'.status()}\""
    init.write_text(init_lua(server, statusline), encoding="utf-8")
    file.write_text("", encoding="utf-8")
    screen = Screen(EDITORS["0.11"].program, init, file, Happenings())
    screen.wait_for("shadowpen: ready")
    yield screen
    screen.close()


def take(screen: Screen, number: int) -> tuple[str, str]:
    """Type notes, take a paragraph of them in one of three ways and edit it; the notes, and what was taken."""
    notes = f"number {number}, ferry late again, met Anna at the quay"
    screen.keys(f"Go<CR>{notes.replace(' ', '<Space>')}<Esc>")
    screen.wait_buffer_where(lambda lines: lines[-1] == notes)
    screen.command("ShadowpenExpand")
    text = paragraph(notes, 0, 0)
    screen.wait_for("1 of 3")
    if number % 3 == 1:
        screen.keys("<C-n>")
        screen.wait_for("2 of 3")
        text = paragraph(notes, 0, 1)
    elif number % 3 == 2:
        screen.lua("require('shadowpen').change('shorter')")
        screen.wait_for("4 of 6")
        text = f"shorter: {text}"
    screen.keys("<Tab>")
    screen.wait_buffer_where(lambda lines: lines[-1] == text)
    if number == 0:  # one undo takes all of it back, and it is taken once all the same
        screen.keys("u")
        screen.wait_buffer_where(lambda lines: lines[-1] == notes)
        screen.keys("<C-r>")
        screen.wait_buffer_where(lambda lines: lines[-1] == text)
    screen.command(f"Shadowpen rate {number % 5 + 1}")
    screen.wait_for(f"noted as {number % 5 + 1}.")
    screen.keys(f"0xA{ADDED.replace(' ', '<Space>')}<Esc>")
    screen.wait_buffer_where(lambda lines: lines[-1] == text[1:] + ADDED)
    return notes, text


@pytest.mark.timeout(180)
def test_each_is_there_once_with_notes_rating_and_what_was_kept(screen: Screen, layout: store.Layout) -> None:
    done = [take(screen, number) for number in range(COUNT)]
    screen.command("write")
    screen.command("bdelete")
    wait_until(
        lambda: len([edit for edit in journal.read(layout.edits).edits if edit.kept]) >= COUNT,
        "what was kept of each",
    )
    contents = journal.read(layout.edits)
    edits = sorted(contents.edits, key=lambda edit: edit.accepted.time)
    assert [(edit.accepted.notes, edit.accepted.taken) for edit in edits] == done
    assert [edit.final_text for edit in edits] == [text[1:] for _, text in done]
    assert [edit.rating for edit in edits] == [number % 5 + 1 for number in range(COUNT)]
    assert len({edit.id for edit in edits}) == COUNT and contents.unreadable_lines == 0
    assert not layout.pasted.exists()
    figures = own.figures(contents)
    assert (figures.whole.taken, figures.expanded.taken, figures.rated, figures.rating) == (COUNT, COUNT, COUNT, 3.0)
