"""The extension alone on a machine: it asks, installs the server that it carries, and updates it.

What it carries here is a stand-in for the server, so nothing is downloaded. Environment, pip and program are real.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from support.screens import browser

from . import conftest

SCRIPT = conftest.HERE / "first_start.mjs"
WHOLE_S = 600


def path_without_shadowpen(folder: Path) -> str:
    """A PATH with node and a Python that can make environments, and with no Shadowpen."""
    folder.mkdir()
    (folder / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    (folder / "node").symlink_to(str(shutil.which("node")))
    others = [each for each in os.get_exec_path() if not Path(each, "shadowpen").exists()]
    return os.pathsep.join([str(folder), *others])


@pytest.mark.slow
@pytest.mark.timeout(WHOLE_S + 60)
def test_one_answer_brings_ghost_text_and_one_a_newer_server(root: Path) -> None:
    script = {"socket": str(root / "script"), "table": [["The quick", " brown fox."]], "held": [], "range": "cursor"}
    home = root / "person"
    home.mkdir()
    variables = {
        "HOME": str(home),
        "PATH": path_without_shadowpen(root / "programs"),
        "SHADOWPEN_SCRIPT": json.dumps(script),
        "PYTHONUNBUFFERED": "1",  # Python then writes a line in pieces
    }
    with conftest.editor(root, None, variables) as editor:
        conftest.write(editor.folder / "text.md", "")
        (extension,) = root.glob("extensions/shadowpen.shadowpen-*")
        conftest.carry_server(root / "newer", "10.0")
        given = {
            "base": editor.base,
            "folder": str(editor.folder),
            "socket": script["socket"],
            "seen": str(home / "seen"),
            "server": str(extension / "server"),
            "newer": str(root / "newer"),
        }
        (told,) = browser.run_script(SCRIPT, given, WHOLE_S)
    assert "nothing of what you write leaves it" in told["said"]
    assert any("Install Shadowpen" in entry for entry in told["menu"])
    assert not any("Pause" in entry for entry in told["menu"])
    assert (home / ".shadowpen" / "bin" / "shadowpen").exists()
    assert "Version 9.9 is installed" in told["offered"] and "version 10.0" in told["offered"]
    assert (home / "stopped").exists(), "the old version's daemon goes on"
    assert not any("Update Shadowpen" in entry for entry in told["later"])
    (record,) = home.glob(".shadowpen/lib/*/site-packages/shadowpen-*.dist-info")
    assert record.name == "shadowpen-10.0.dist-info"
