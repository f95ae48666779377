"""Nothing scripted: Writer, the extension as it is installed, the language server, daemon and a tiny model."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .conftest import CONTROL, CONTROL_ALT, SHADOWPEN, Start


def shadowpen(*arguments: str, text: str = "") -> str:
    """The output of the command line, which starts the daemon of this test's home when it needs one."""
    command = [str(SHADOWPEN), *arguments]
    return subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=120).stdout


@pytest.mark.timeout(240)
def test_from_the_first_key_to_a_paragraph(start: Start, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    shadowpen("config", "set", "learning.enabled", "off")
    shadowpen("config", "set", "completion.deadline_ms", "5000")
    shadowpen("complete", text="The harbour lay")
    writer = start()
    writer.ask("open")
    writer.ask("type", "The harbour lay")
    writer.key("space", CONTROL_ALT)
    writer.wait_paragraphs(lambda found: found[0].startswith("The harbour lay still"), "a suggestion")
    suggested = writer.ask("grey")
    writer.key("right", CONTROL)
    writer.wait_grey(suggested.removeprefix(" still"))
    assert writer.ask("undo_titles")[0] == "Shadowpen"
    writer.key("tab")
    writer.wait_grey("")
    assert writer.paragraphs == ["The harbour lay" + suggested]
    writer.ask("undo")
    assert writer.paragraphs == ["The harbour lay still"]
    writer.ask("undo")
    assert writer.paragraphs == ["The harbour lay"]

    notes = ["The harbour was quiet.", "ferry late, 40 minutes", "met Anna at the quay"]
    writer.ask("put", *notes)
    writer.ask("cursor", 1, 0, len(notes[1]) + 1 + len(notes[2]))
    writer.key("return", CONTROL_ALT)
    expanded = writer.wait_paragraphs(lambda found: found != notes, "an expansion")
    assert expanded[0] == notes[0] and "Anna" in expanded[1]
    writer.ask("undo")
    assert writer.paragraphs == notes

    writer.ask("cursor", 0, 3)
    writer.key("return", CONTROL_ALT)
    continued = writer.wait_paragraphs(lambda found: found != notes, "a continuation")
    assert continued[0].startswith(notes[0]) and continued[1:] == notes[1:]
    writer.ask("undo")
    assert writer.paragraphs == notes
    assert '"taken": 0' not in shadowpen("status", "--json")
