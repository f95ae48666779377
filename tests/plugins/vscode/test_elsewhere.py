"""The extension where a text is part of something else: a notebook's cell, a commit's message and the box for one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.screens import browser

from . import conftest

SCRIPT = conftest.HERE / "elsewhere.mjs"
WHOLE_S = 600


def lay_out(folder: Path) -> None:
    """A text, a notebook with one cell, and a repository whose message is being written."""
    conftest.write(folder / "text.md", "")
    cells = [{"cell_type": "markdown", "metadata": {}, "source": []}]
    conftest.write(folder / "notes.ipynb", {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    conftest.write(folder / ".git" / "COMMIT_EDITMSG", "")
    conftest.write(folder / ".vscode" / "settings.json", {"git.enabled": True})


@pytest.mark.slow
@pytest.mark.timeout(WHOLE_S + 60)
def test_a_cell_a_commit_message_and_its_box_are_written_in(root: Path, screenshots: Path) -> None:
    script = {"socket": str(root / "script"), "table": [["The quick", " brown fox."]], "held": [], "range": "cursor"}
    command = [sys.executable, str(conftest.SCRIPTED_SERVER), "lsp"]
    with conftest.editor(root, command, {"SHADOWPEN_SCRIPT": json.dumps(script)}) as editor:
        lay_out(editor.folder)
        given = {
            "base": editor.base,
            "folder": str(editor.folder),
            "socket": script["socket"],
            "shots": str(screenshots),
        }
        told = browser.run_script(SCRIPT, given, WHOLE_S)
    assert [step["step"] for step in told] == ["cell", "file", "box"]
