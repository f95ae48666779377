"""Commands are run in this process unless a test is about processes."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import Outcome, Process, Shadowpen

from shadowpen.daemon import cli


@pytest.fixture(autouse=True)
def user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder: commands that put things into editors, and remove them, meet none of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("user")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture
def shadowpen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shadowpen:
    """`shadowpen("config", "--json")`; `stdin` is what comes in."""

    def run(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        status = cli.run(arguments)
        out, err = capsys.readouterr()
        return Outcome(status, out, err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """The same as a process of its own."""

    def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=tmp_path, timeout=60, check=False)

    return run


@pytest.fixture
def with_model(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model `default` is installed: it recites tiny.LINES."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    return tiny_models
