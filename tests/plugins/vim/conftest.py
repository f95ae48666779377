"""A session: a real Vim with the plug-in in a terminal, and the scripted language server it talks to."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.screens.scripted import SERVER
from support.screens.session import Desk, Session

from .install import VIM

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "vim"
LINES = "getline(1, '$')"

Start = Callable[..., Session]


@pytest.fixture
def vim() -> str:
    """The program; the tests are skipped where it is absent, but not in CI."""
    missing = VIM.missing()
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    assert not missing, missing
    return str(shutil.which("vim"))


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which Vim finds no configuration but the test's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("VIMINIT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def start(vim: str, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a session: `start(table={...}, options={...} of g:shadowpen, before="Vim script", text="...")`."""
    desk = Desk()

    def run(
        table: dict[str, str] | None = None,
        *,
        held: list[str] | None = None,
        options: dict[str, Any] | None = None,
        before: str = "",
        init: str | None = None,
        name: str = "text.md",
        text: str = "",
        wait: bool = True,
        **script: Any,
    ) -> Session:
        script |= {"socket": str(desk.script), "table": list((table or {}).items()), "held": held or []}
        monkeypatch.setenv("SHADOWPEN_SCRIPT", json.dumps(script))
        file = sandbox / name
        file.write_text(text, encoding="utf-8")
        own = (
            init
            if init is not None
            else plugin({"cmd": [sys.executable, str(SERVER), "lsp"], **(options or {})}, before)
        )
        session = start_vim(vim, sandbox, file, own, desk)
        if wait:
            session.ready()
        return session

    yield run
    desk.close()


def plugin(options: dict[str, Any], before: str = "") -> str:
    """A configuration with the plug-in; a request for every key, unless `options` say else."""
    return f"""
{before}
let g:shadowpen = {json.dumps({"throttle_ms": 0, **options})}
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
