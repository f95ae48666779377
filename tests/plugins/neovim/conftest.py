"""A session: a real Neovim with the plugin, and the scripted language server it talks to."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.screens.happenings import Happenings
from support.screens.scripted import SERVER, Server

from .install import EDITORS
from .screen import Screen

HERE = Path(__file__).parent
PLUGIN = HERE.parents[2] / "plugins" / "neovim"


class Session:
    """One Neovim and its server; `type` and the expectations a test reads as sentences."""

    def __init__(self, screen: Screen, server: Server, file: Path) -> None:
        self.screen, self.server, self.file = screen, server, file

    def keys(self, keys: str) -> None:
        self.screen.keys(keys)

    def ready(self) -> None:
        """Wait until the server holds the document."""
        self.server.wait("textDocument/didOpen")
        self.server.settle()

    def quiet(self) -> None:
        """Wait until editor and server have nothing more to tell each other, and the screen shows it."""
        self.screen.lua("return 1")
        self.server.settle()
        self.screen.command("redraw")


Start = Callable[..., Session]


@pytest.fixture(params=sorted(EDITORS))
def neovim(request: pytest.FixtureRequest) -> Path:
    """The program of each Neovim the plugin is tested in."""
    editor = EDITORS[request.param]
    assert editor.program.exists(), f"Run {sys.executable} {HERE / 'install.py'} first."
    return editor.program


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which an editor finds no configuration but the test's."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("VIMINIT", raising=False)
    return tmp_path


@pytest.fixture
def start(neovim: Path, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a session: `start(table={...}, options="lua table fields", before="lua before setup", text="...")`."""
    sockets = Path(tempfile.mkdtemp(prefix="sp-"))  # Unix socket paths are limited to about 100 bytes
    happenings = Happenings()
    server = Server(sockets / "script", happenings)
    screens: list[Screen] = []

    def run(
        table: dict[str, str] | None = None,
        *,
        held: list[str] | None = None,
        options: str = "",
        before: str = "",
        init: str | None = None,
        name: str = "text.md",
        text: str = "",
        wait: bool = True,
        **script: Any,
    ) -> Session:
        script |= {"socket": str(sockets / "script"), "table": list((table or {}).items()), "held": held or []}
        monkeypatch.setenv("SHADOWPEN_SCRIPT", json.dumps(script))
        file = sandbox / name
        file.write_text(text, encoding="utf-8")
        configuration = sandbox / "init.lua"
        configuration.write_text(init or init_lua(options, before), encoding="utf-8")
        screen = Screen(neovim, configuration, file, happenings)
        screens.append(screen)
        session = Session(screen, server, file)
        if wait:
            session.ready()
        return session

    yield run
    for screen in screens:
        screen.close()
    server.close()
    shutil.rmtree(sockets)


def init_lua(options: str = "", before: str = "") -> str:
    """A configuration with the plugin and the scripted server; a request for every key, unless `options` say else."""
    return f"""
vim.opt.runtimepath:prepend("{PLUGIN}")
vim.o.swapfile = false
vim.o.showmode = false
vim.o.ruler = false
{before}
require("shadowpen").setup({{
  cmd = {{ "{sys.executable}", "{SERVER}", "lsp" }},
  throttle_ms = 0,
  {options}
}})
"""


os.environ.setdefault("NVIM_LOG_FILE", os.devnull)
