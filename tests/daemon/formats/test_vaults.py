"""Obsidian vaults: templates and ignored folders are passed over, as Obsidian's own settings say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.formats import vaults


def vault(tmp_path: Path, **files: Any) -> Path:
    (tmp_path / ".obsidian" / "plugins" / "templater-obsidian").mkdir(parents=True)
    for name, content in files.items():
        path = tmp_path / ".obsidian" / {"templater": "plugins/templater-obsidian/data"}.get(name, name)
        path.with_suffix(".json").write_text(content if isinstance(content, str) else json.dumps(content))
    return tmp_path


def test_templates_and_ignored_folders_are_left_out(tmp_path: Path) -> None:
    folder = vault(
        tmp_path,
        templates={"folder": "Meta/Templates"},
        templater={"templates_folder": "Templater/"},
        app={"userIgnoreFilters": ["Archive/", "../outside", "/x/", 7]},
    )

    assert vaults.left_out(folder) == {
        str(folder / "Meta/Templates"): "template of an Obsidian vault",
        str(folder / "Templater"): "template of an Obsidian vault",
        str(folder / "Archive"): "ignored in Obsidian",
    }


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '{"folder": null}'])
def test_damaged_settings_leave_nothing_out(tmp_path: Path, content: str) -> None:
    assert vaults.left_out(vault(tmp_path, templates=content, app=content)) == {}


def test_a_folder_that_is_no_vault_is_none(tmp_path: Path) -> None:
    assert vaults.left_out(tmp_path) == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_settings_that_are_no_file_leave_nothing_out_and_are_not_waited_for(tmp_path: Path) -> None:
    folder = vault(tmp_path)
    os.mkfifo(folder / ".obsidian" / "app.json")
    (folder / ".obsidian" / "templates.json").symlink_to("/dev/zero")
    assert vaults.left_out(folder) == {}
