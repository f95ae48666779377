"""A session of each terminal editor: the real one with the plug-in, and the scripted language server it talks to.

The folder of an editor pins `editor`; the tests beside this file run in each. And a daemon behind what a browser shows.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import daemons
from support.models import fake_model
from support.screens.driver import EditorDriver
from support.screens.scripted import SERVER
from support.screens.session import Desk, Session

from shadowpen.daemon.base import store

from .emacs.driver import EMACS
from .vim.driver import VIM

EDITORS = (EMACS, VIM)

Start = Callable[..., Session]


@pytest.fixture(params=EDITORS, ids=lambda driver: driver.name)
def editor(request: pytest.FixtureRequest) -> EditorDriver:
    driver: EditorDriver = request.param
    return driver


@pytest.fixture
def program(editor: EditorDriver) -> str:
    """The editor's path; the tests are skipped where it is absent, but not in CI."""
    missing = editor.program.missing()
    if missing and not os.environ.get("CI"):
        pytest.skip(missing)
    assert not missing, missing
    return str(shutil.which(editor.program.command))


@pytest.fixture
def sandbox(editor: EditorDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which the editor finds no configuration but the test's."""
    for name, value in {"HOME": str(tmp_path), "TERM": "xterm-256color", **editor.environment}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def start(editor: EditorDriver, program: str, sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a session: `start(table={...}, before="settings read before the plug-in", text="...")`."""
    desk = Desk()

    def run(
        table: dict[str, str] | None = None,
        *,
        held: list[str] | None = None,
        before: str = "",
        name: str = "text.md",
        text: str = "",
        **script: Any,
    ) -> Session:
        script |= {"socket": str(desk.script), "table": list((table or {}).items()), "held": held or []}
        monkeypatch.setenv("SHADOWPEN_SCRIPT", json.dumps(script))
        file = sandbox / name
        file.write_text(text, encoding="utf-8")
        configuration = editor.configure([sys.executable, str(SERVER), "lsp"], before)
        session = editor.launch(program, sandbox, file, configuration, desk)
        session.ready()
        return session

    yield run
    desk.close()


@pytest.fixture
def writing(layout: store.Layout) -> Iterator[None]:
    """The daemon runs: it suggests the prefix again, and expands notes by repeating them."""
    fake_model.install(layout)
    with daemons.in_thread(layout, fake_model.load):
        yield
