"""Twenty edits taken in a real Neovim are in the journal: all of them, once each, with what was kept.

Real language server, real daemon; the model is the tiny one that knows a few lines by heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.waiting import wait_until
from tiny import LINES

from shadowpen.daemon.base import store
from shadowpen.daemon.storage import journal

from .conftest import init_lua
from .install import EDITORS
from .screen import Happenings, Screen
from .test_end_to_end import SHADOWPEN, shadowpen

EDITS = 20


@pytest.fixture
def screen(sandbox: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """A Neovim whose author agreed to learning, the model loaded."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    shadowpen("config", "set", "learning.enabled", "on")
    shadowpen("config", "set", "completion.deadline_ms", "5000")
    shadowpen("complete", text="The harbour lay")
    init, file = sandbox / "init.lua", sandbox / "text.md"
    statusline = "vim.o.laststatus = 2; vim.o.statusline = \"%{v:lua.require'shadowpen'.status()}\""
    init.write_text(init_lua(f"cmd = {{ '{SHADOWPEN}', 'lsp' }}", statusline), encoding="utf-8")
    file.write_text("", encoding="utf-8")
    screen = Screen(EDITORS["0.11"].program, init, file, Happenings())
    yield screen
    screen.close()


def take(screen: Screen, number: int) -> str:
    """Begin a line the model knows, take what it offers in one of three ways; the line as it then stands."""
    line = LINES[number % len(LINES)]
    beginning = " ".join(line.split()[: 3 + number % 2])
    screen.keys(("i" if number == 0 else "o") + beginning)
    screen.wait_text_in("Comment")
    key, before = "<Tab>", beginning
    if number % 3 == 1:
        key = "<C-Right>"
    elif number % 3 == 2:
        before = line[: len(beginning) + 2]
        screen.keys(line[len(beginning) : len(before)].replace(" ", "<Space>"))
        screen.wait_buffer_where(lambda lines: lines[-1] == before)
        screen.wait_text_in("Comment")
    screen.keys(key)
    screen.wait_buffer_where(lambda lines: len(lines[-1]) > len(before) + 1)
    screen.keys("<Esc>")
    return screen.buffer[-1].removeprefix(before)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_every_edit_is_there_once_with_what_was_kept(screen: Screen) -> None:
    screen.wait_for("shadowpen: ready")
    taken = [take(screen, number) for number in range(EDITS)]
    screen.command("Shadowpen why")
    screen.wait_for("Shadowpen: ")  # the last answer, whatever it was
    assert "nothing was asked" not in "\n".join(screen.frame.lines)
    screen.keys("<CR>")
    screen.command("Shadowpen rate bad")
    screen.wait_for("Shadowpen: noted as bad.")
    screen.keys("gg$x")
    screen.command("write")
    screen.command("bdelete")
    folder = store.layout().edits
    wait_until(
        lambda: len([edit for edit in journal.read(folder).edits if edit.kept]) >= EDITS, "what was kept of every edit"
    )
    contents = journal.read(folder)
    edits = sorted(contents.edits, key=lambda edit: edit.accepted.time)
    assert contents.unreadable_lines == 0
    assert [edit.accepted.taken for edit in edits] == taken
    assert [edit.final_text for edit in edits] == [taken[0][:-1], *taken[1:]]
    assert len({edit.id for edit in edits}) == EDITS
    assert [edit.was_bad for edit in edits] == [False] * (EDITS - 1) + [True]
