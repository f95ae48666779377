"""`:checkhealth shadowpen` and the help file: what they say is true and complete."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ..conftest import PLUGIN, Session, Start


def health(session: Session) -> str:
    session.screen.command("checkhealth shadowpen")
    return "\n".join(session.screen.buffer)


def test_all_is_well(start: Start) -> None:
    report = health(start(status={"running": True, "model": {"state": "ready", "model": "tiny@base"}}))
    assert "ERROR" not in report
    assert "WARNING" not in report
    assert "Neovim 0.1" in report
    assert "scripted_server.py lsp" in report
    assert "The language server is running, with 1 buffer." in report
    assert "The daemon is running, with tiny@base." in report
    assert "accept: <Tab>" in report
    assert "continue: <M-CR>" in report
    assert "expand: <M-CR>" in report
    assert "Ghost text has a colour of its own" in report
    assert "take: <Tab>, while an expansion is shown" in report


def test_it_speaks_chinese_where_neovim_does(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_MESSAGES", "zh_CN.UTF-8")
    report = health(start(status={"running": True, "model": {"state": "ready", "model": "tiny@base"}}))
    assert "语言服务器正在运行，有 1 个缓冲区。" in report and "守护进程正在运行，模型为 tiny@base。" in report
    assert "take：<Tab>，在显示扩写时" in report


def test_no_daemon_is_no_fault(start: Start) -> None:
    report = health(start(status={"running": False}))
    assert "No daemon is running" in report
    assert "ERROR" not in report


def test_a_daemon_that_cannot_serve(start: Start) -> None:
    error = {"message": "No model is installed.", "hint": "Run: shadowpen setup."}
    report = health(start(status={"running": True, "model": {"state": "failed", "error": error}}))
    assert "ERROR The daemon cannot serve: No model is installed." in report
    assert "Run: shadowpen setup." in report


def test_a_missing_program_and_what_to_do(start: Start) -> None:
    session = start(options="cmd = { 'no-such-shadowpen', 'lsp' },", wait=False)
    report = health(session)
    assert "ERROR 'no-such-shadowpen' cannot be run." in report
    assert "shadowpen install neovim" in report and "pip install" not in report


def test_a_dead_server(start: Start) -> None:
    session = start()
    session.server.order(exit=3)
    session.screen.wait_for("the server stopped (exit code 3).")
    assert "ERROR the server stopped (exit code 3)." in health(session)


@pytest.mark.parametrize("true_colour", [True, False])
def test_ghost_text_that_looks_like_typed_text(start: Start, true_colour: bool) -> None:
    session = start(before=f"vim.o.termguicolors = {str(true_colour).lower()}")
    assert "WARNING Ghost text" not in health(session)
    session.screen.command("highlight Normal guifg=#eeeeee ctermfg=7")
    session.screen.command("highlight! link ShadowpenGhost Normal")
    report = health(session)
    assert "WARNING Ghost text looks like typed text" in report
    assert f":highlight ShadowpenGhost {'guifg' if true_colour else 'ctermfg'}=gray" in report
    session.screen.command("highlight! link ShadowpenGhost NONE")
    session.screen.command("highlight ShadowpenGhost gui=underline cterm=underline")
    assert "WARNING Ghost text" not in health(session)


def test_a_key_of_the_writers_own(start: Start) -> None:
    session = start(before="vim.keymap.set('i', '<Tab>', 'mine', { desc = 'my own tab' })")
    report = health(session)
    assert "accept: <Tab> is mapped by your own configuration (my own tab)" in report
    assert "accept_word: <C-Right>" in report


def test_a_visual_key_of_the_writers_own(start: Start) -> None:
    mine = "vim.keymap.set('x', '<C-g>', 'mine', { desc = 'my own' }); vim.keymap.set('n', '<Tab>', 'mine')"
    report = health(start(before=mine, options="keys = { expand = '<C-g>' }"))
    assert "expand: <C-g> is mapped by your own configuration (my own)" in report
    assert report.count("WARNING") == 1  # the keys of a preview are only lent


def test_before_setup(start: Start) -> None:
    session = start(init=f'vim.opt.runtimepath:prepend("{PLUGIN}")', wait=False)
    assert "ERROR setup() was not called." in health(session)


def test_help_tags_every_command_function_and_option(start: Start, tmp_path: Path) -> None:
    session = start(wait=False)
    doc = tmp_path / "doc"
    shutil.copytree(PLUGIN / "doc", doc)
    session.screen.command(f"helptags {doc}")
    tags = {line.split("\t")[0] for line in (doc / "tags").read_text().splitlines()}
    commands = session.screen.lua("return vim.tbl_keys(vim.api.nvim_get_commands({}))")
    assert {f":{name}" for name in commands if name.startswith("Shadowpen")} <= tags
    functions = session.screen.lua(
        "return vim.tbl_filter(function(k) return type(require('shadowpen')[k]) == 'function' end,"
        " vim.tbl_keys(require('shadowpen')))"
    )
    assert {f"shadowpen.{name}()" for name in functions} <= tags
    options = session.screen.lua("return require('shadowpen').options()")
    assert {f"shadowpen-{name}" for name in options} <= tags
    assert {f"shadowpen-keys-{name}" for name in options["keys"]} <= tags


def test_help_names_the_defaults(start: Start) -> None:
    text = (PLUGIN / "doc" / "shadowpen.txt").read_text(encoding="utf-8")
    session = start(init=f'vim.opt.runtimepath:prepend("{PLUGIN}"); require("shadowpen").setup()', wait=False)
    options = session.screen.lua("return require('shadowpen').options()")
    for name, key in options["keys"].items():
        assert re.search(rf'{name} = "{re.escape(key)}"'.replace(r"\\", r"\\\\"), text), name
    for filetype in options["filetypes"]:
        assert filetype in text
    assert f"throttle_ms = {options['throttle_ms']}" in text
    assert [line for line in text.splitlines() if len(line) > 78] == []
