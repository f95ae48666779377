"""Vim in a terminal: its keys, its configuration, and how a test asks it for values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from support.screens.driver import EditorDriver
from support.screens.session import Desk, Session

from .install import VIM as PROGRAM

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "vim"
LINES = "getline(1, '$')"


def configure(command: Sequence[str], before: str) -> str:
    """The plug-in, a server `command`, and a request for every key."""
    return f"""
{before}
let g:shadowpen = {json.dumps({"throttle_ms": 0, "cmd": list(command)})}
set runtimepath^={PLUGIN}
filetype plugin on
"""


def start_vim(program: str, home: Path, file: Path, configuration: str, desk: Desk) -> Session:
    """A Vim that edits `file`, with the configuration in its home, and answers at the desk's remote."""
    remote = desk.remote()
    folder = home / ".vim"
    folder.mkdir(exist_ok=True)
    (folder / "vimrc").write_text(
        f"{_QUIET}\n{configuration}\nlet g:remote = ch_open('unix:{remote}')\n", encoding="utf-8"
    )
    return desk.start([program, str(file)], LINES)


_QUIET = """
set nocompatible encoding=utf-8 noswapfile viminfo= noshowmode noruler shortmess+=I ttimeout ttimeoutlen=20
set backspace=indent,eol,start belloff=all fillchars=eob:\\  noshowcmd
"""

VIM = EditorDriver(
    program=PROGRAM,
    launch=start_vim,
    configure=configure,
    environment={"LANG": "C.UTF-8", "LC_ALL": None, "VIMINIT": None},
    added_line_end="\n",
    insert="i",
    line_start="0",
    leave="\x1b",
    undo="u",
    dismiss="\x1d",
    ask="\x07g",
    next="\x07n",
    previous="\x07p",
    expand_all="ggVj\x07",
    expand=":ShadowpenExpand\r",
    discard="\x1b",
    continue_paragraph=":ShadowpenContinue\r",
    why=":Shadowpen why\r",
    pause="\r:Shadowpen pause {}\r",
    restart="\x1b:ShadowpenRestart\r",
    take_hint="take: <Tab>",
    ready=("shadowpen#Status()", "shadowpen: ready"),
    paused=("shadowpen#Status()", "shadowpen: paused"),
    ways_out={
        "escape": "\x1b",
        "control-c": "\x03",
        "another place": "\x1b[H",
        "a command": "\x0f:",
        "another window": "\x0f:new\r",
        "another file": "\x0f:edit! other.md\r",
        "the end of insert mode by a command": "\x0f:stopinsert\r",
        "a menu": "\x0e",
        "switched off": "\x0f:ShadowpenToggle\r",
    },
    ways_out_start={"text": "\nquickest quickly\n"},
)
