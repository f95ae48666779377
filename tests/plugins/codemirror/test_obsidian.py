"""The plug-in for Obsidian: what it draws and puts in, asked of a real `shadowpen serve`, and its manifest."""

from __future__ import annotations

import json

import pytest
from support.screens import browser
from support.web.served_app import served

from shadowpen.daemon.http.app import make_app

from . import install
from .test_pages import HERE, WHOLE_S

OBSIDIAN = install.ROOT / "plugins" / "obsidian"
TOKEN = "sp-" + "t" * 43


@pytest.mark.slow
@pytest.mark.usefixtures("writing")
def test_a_note_is_written_with_it() -> None:
    with served(lambda: make_app(TOKEN)) as port:
        given = {"port": port, "token": TOKEN, "plugin": str(install.PLUGIN), "script": str(OBSIDIAN / "main.js")}
        told = browser.run_script(HERE / "obsidian.mjs", given, WHOLE_S)
    steps = {line.pop("step"): line for line in told}

    # The model repeats the text before the cursor.
    assert steps["drawn"] == {"ghost": "One two.", "text": "One two."}
    assert steps["accepted"]["text"] == "One two.One two."
    assert steps["asked"]["ghost"] == "One two.One two.!"
    assert steps["expanded"]["text"].startswith("1. ferry late")
    assert steps["halved"] == {"told": []}
    told = ["The text changed meanwhile, so nothing was put into it."]
    assert steps["another note"] == {"text": "Another.", "told": told}
    assert steps["refused"]["text"] == steps["expanded"]["text"]
    assert [notice.split(":")[0] for notice in steps["refused"]["notices"]] == [
        "The token is wrong",
        "Enter the token of `shadowpen serve --token` in the settings of Shadowpen.",
    ]
    assert steps["chinese"] == {
        "notices": ["请先选中要点。", "请在 Shadowpen 的设置中填写 `shadowpen serve --token` 输出的令牌。"],
        "names": ["在这里联想", "续写段落", "将所选要点扩写成段"],
    }


def test_the_manifest_says_what_obsidian_asks_of_plugins() -> None:
    manifest = json.loads((OBSIDIAN / "manifest.json").read_text("utf-8"))
    assert manifest["id"] == "shadowpen" and manifest["isDesktopOnly"] is True
    assert "obsidian" not in manifest["id"] and "Obsidian" not in manifest["name"] + manifest["description"]
    assert manifest["description"].endswith(".") and len(manifest["description"]) <= 250
    package = json.loads((install.PLUGIN / "package.json").read_text("utf-8"))
    assert manifest["version"] == package["version"]
