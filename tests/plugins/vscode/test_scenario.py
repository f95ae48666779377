"""The plug-in in a real VS Code: every step of scenario.mjs, driven once, against the scripted language server."""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path
from typing import Any

import pytest
from support.screens import browser

from . import conftest

SCENARIO = conftest.HERE / "scenario.mjs"
SERVER = conftest.HERE.parents[1] / "support" / "scripted_server.py"
STEPS = re.findall(r"^await step\('(.+?)',", SCENARIO.read_text("utf-8"), re.MULTILINE)
WHOLE_S = 600

# Ghost text by the text before the cursor; its place in the table is in its id.
TABLE = {
    "The quick": " brown fox, jumps over the lazy dog.",
    "Dear Mrs": " Smith,\n\nThank you for your letter.",
    "I did recei": "ve the parcel.",
    "Größe 🐱 ist ": "grö🐱ßer als 你好.",
    "q": " ghost of q",
    "Two": " words.",
    "wonde": "r why.",
    "He went": " home. “Why?” she",
}
FILES = {
    "text.md": "",
    "plain.txt": "wonderful wonders\n",
    "crlf.md": "One.\r\n",
    "notes.md": "Notes.\r\n",
    "other.md": "Here.\n",
    "data.json": "{}\n",
}
# What a workspace that is not to be trusted would try, and what it may.
WORKSPACE = {
    "shadowpen.command": ["/nowhere/evil", "lsp"],
    "shadowpen.languages": ["json"],
    "shadowpen.languagesOff": ["typst"],
    "shadowpen.exclude": ["drafts/"],
    "shadowpen.deadlineMs": 200,
}

pytestmark = [pytest.mark.soak, pytest.mark.slow, pytest.mark.timeout(WHOLE_S + 60)]


@pytest.fixture(scope="module")
def steps(root: Path, screenshots: Path) -> dict[str, dict[str, Any]]:
    """What each step of the scenario reported."""
    script = {
        "socket": str(root / "script"),
        "table": list(TABLE.items()),
        "held": ["slowly", "choose"],
        "range": "cursor",
    }
    variables = {"SHADOWPEN_SCRIPT": json.dumps(script)}
    with conftest.editor(root, [sys.executable, str(SERVER), "lsp"], variables) as editor:
        for name, text in FILES.items():
            conftest.write(editor.folder / name, text)
        workspace = editor.folder / ".vscode" / "settings.json"
        conftest.write(workspace, WORKSPACE)
        given = {
            "base": editor.base,
            "folder": str(editor.folder),
            "socket": script["socket"],
            "machineSettings": str(editor.machine_settings),
            "workspaceSettings": str(workspace),
            "shots": str(screenshots),
        }
        return {told["step"]: told for told in browser.run_script(SCENARIO, given, WHOLE_S)}


@pytest.mark.parametrize("name", STEPS)
def test_step(steps: dict[str, dict[str, Any]], name: str) -> None:
    assert name in steps, "a step before it failed"
    assert steps[name]["error"] is None


def test_ghost_text_is_drawn_soon(steps: dict[str, dict[str, Any]], record_property: pytest.RecordProperty) -> None:
    """No limit: the machine may be busy. The figures go into the report (`--junit-xml`) and, with -s, on the screen."""
    measured = steps["from key to drawn ghost"]["latencies"]
    tenths = statistics.quantiles(measured, n=10)
    record_property("key_to_ghost_p50_ms", statistics.median(measured))
    record_property("key_to_ghost_p90_ms", tenths[8])
    print(f"key to drawn ghost, {len(measured)} keys: p50 {statistics.median(measured):.0f} ms, p90 {tenths[8]:.0f} ms")
    assert len(measured) == 40
