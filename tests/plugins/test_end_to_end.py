"""Nothing scripted: a real editor, the installed plug-in, the real language server, daemon and a tiny model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.screens.driver import EditorDriver
from support.screens.session import Desk

SHADOWPEN = Path(sys.executable).with_name("shadowpen")


def shadowpen(*arguments: str, text: str = "") -> str:
    """The output of the command line, which starts the daemon of this test's home when it needs one."""
    command = [str(SHADOWPEN), *arguments]
    return subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=120).stdout


@pytest.mark.timeout(240)
def test_from_a_clean_home_to_a_paragraph(
    editor: EditorDriver, program: str, sandbox: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    shadowpen("config", "set", "learning.enabled", "off")
    shadowpen("config", "set", "completion.deadline_ms", "5000")
    shadowpen("complete", text="The harbour lay")
    shadowpen("install", editor.name)
    file = sandbox / "text.md"
    file.write_text("")
    desk = Desk()
    try:
        session = editor.launch(program, sandbox, file, "", desk)
        session.wait_value(*editor.ready)
        session.keys(editor.insert + "The harbour lay")
        session.screen.wait_for("The harbour lay still")
        session.keys("\x1b[1;5C")
        session.wait_buffer("The harbour lay still")
        session.screen.wait_for("The harbour lay still in")
        session.keys("\t")
        session.wait_buffer_where(lambda lines: lines[0].startswith("The harbour lay still in"))
        session.keys(editor.leave)
        before = session.buffer
        session.keys(editor.expand)
        session.screen.wait_for(editor.take_hint)
        assert session.buffer == before
        session.keys("\t")
        session.wait_buffer_where(lambda lines: lines != before)
        session.keys(editor.undo)
        session.wait_buffer(*before)
        session.keys(editor.continue_paragraph)
        session.wait_buffer_where(lambda lines: lines != before)
        session.keys(editor.undo)
        session.wait_buffer(*before)
        session.keys(editor.why)
        session.screen.wait_for("Shadowpen: ")
        session.keys(editor.pause.format(5))
        session.wait_value(*editor.paused)
        assert '"taken": 0' not in shadowpen("status", "--json")
    finally:
        desk.close()
