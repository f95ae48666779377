"""Nothing scripted: a real Vim, the plug-in as it is installed, the real language server, daemon and a tiny model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.screens.session import Desk

from .conftest import start_vim

SHADOWPEN = Path(sys.executable).with_name("shadowpen")


def shadowpen(*arguments: str, text: str = "") -> str:
    """The output of the command line, which starts the daemon of this test's home when it needs one."""
    command = [str(SHADOWPEN), *arguments]
    return subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=120).stdout


@pytest.mark.timeout(240)
def test_from_a_clean_home_to_a_paragraph(
    vim: str, sandbox: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    shadowpen("config", "set", "learning.enabled", "off")
    shadowpen("config", "set", "completion.deadline_ms", "5000")
    shadowpen("complete", text="The harbour lay")
    shadowpen("install", "vim")
    file = sandbox / "text.md"
    file.write_text("")
    desk = Desk()
    try:
        session = start_vim(vim, sandbox, file, "", desk)
        session.wait_value("shadowpen#Status()", "shadowpen: ready")
        session.keys("iThe harbour lay")
        session.screen.wait_for("The harbour lay still")
        session.keys("\x1b[1;5C")
        session.wait_buffer("The harbour lay still")
        session.screen.wait_for("The harbour lay still in")
        session.keys("\t")
        session.wait_buffer_where(lambda lines: lines[0].startswith("The harbour lay still in"))
        session.keys("\x1b")
        before = session.buffer
        session.keys(":ShadowpenExpand\r")
        session.screen.wait_for("take: <Tab>")
        assert session.buffer == before
        session.keys("\t")
        session.wait_buffer_where(lambda lines: lines != before)
        session.keys("u")
        session.wait_buffer(*before)
        session.keys(":ShadowpenContinue\r")
        session.wait_buffer_where(lambda lines: lines != before)
        session.keys("u")
        session.wait_buffer(*before)
        session.keys(":Shadowpen why\r")
        session.screen.wait_for("Shadowpen: ")
        session.keys("\r:Shadowpen pause 5\r")
        session.wait_value("shadowpen#Status()", "shadowpen: paused")
        assert '"taken": 0' not in shadowpen("status", "--json")
    finally:
        desk.close()
