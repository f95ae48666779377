"""The extension in a Chinese VS Code, by what it draws; the editor's own words stay English, for its pack is empty."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.screens import browser

from . import conftest

SCRIPT = conftest.HERE / "chinese.mjs"
WHOLE_S = 600


def speak_chinese(user: Path) -> None:
    """Lay an empty language pack among the settings; the editor knows a display language only by one."""
    pack = user / "empty.i18n.json"
    conftest.write(pack, {"version": "1.0.0", "contents": {}})
    extensions = [{"extensionIdentifier": {"id": "empty.pack"}, "version": "1.0.0"}]
    about = {"hash": "0", "label": "中文", "extensions": extensions, "translations": {"vscode": str(pack)}}
    conftest.write(user / "languagepacks.json", {"zh-cn": about})


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.timeout(WHOLE_S + 60)
def test_what_the_extension_writes_is_chinese(root: Path, screenshots: Path) -> None:
    script = {"socket": str(root / "script"), "table": [], "held": [], "range": "cursor"}
    speak_chinese(root / "user")
    command = [sys.executable, str(conftest.SCRIPTED_SERVER), "lsp"]
    with conftest.editor(root, command, {"SHADOWPEN_SCRIPT": json.dumps(script)}, "zh-cn") as editor:
        conftest.write(editor.folder / "text.md", "")
        given = {
            "base": editor.base,
            "folder": str(editor.folder),
            "socket": script["socket"],
            "shots": str(screenshots),
        }
        (told,) = browser.run_script(SCRIPT, given, WHOLE_S)
    assert "Shadowpen：就绪（scripted@1）" in told["tooltip"]
    for entry in ("暂停 15 分钟", "为什么有这条联想？", "续写段落", "开启或关闭学习", "显示入门步骤"):
        assert any(entry in row for row in told["menu"]), entry
    assert any("Shadowpen: 续写段落" in row for row in told["palette"])
    assert "Shadowpen 入门" in told["steps"] and "接受灰色文字" in told["steps"]
