"""Lists of settings grow and shrink without disturbing what else a person wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base import config, config_file
from shadowpen.daemon.base.errors import ConfigInvalid

_WRITTEN = """# mine
[completion]
deadline_ms = 80   # a slow machine

[later]
thing = 1
"""


def test_a_list_grows_and_shrinks_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(_WRITTEN)

    assert config_file.add_item(path, "learning", "folders", "/a")
    assert config_file.add_item(path, "learning", "folders", "/b")
    assert not config_file.add_item(path, "learning", "folders", "/a")
    assert config_file.remove_item(path, "learning", "folders", "/a")
    assert not config_file.remove_item(path, "learning", "folders", "/a")

    assert path.read_text().startswith(_WRITTEN)
    assert config.load(path, {}).learning.folders == ["/b"]


def test_a_list_begins_in_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"

    assert config_file.add_item(path, "learning", "private_folders", "/a")
    assert config.load(path, {}).learning.private_folders == ["/a"]


def test_what_the_environment_says_is_not_written_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("SHADOWPEN_LEARNING_FOLDERS", "/elsewhere")

    config_file.add_item(path, "learning", "folders", "/a")

    assert config.load(path, {}).learning.folders == ["/a"]


def test_a_place_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")

    with pytest.raises(ConfigInvalid, match=r"config.toml cannot be changed: Not a directory\.$"):
        config_file.add_item(tmp_path / "home" / "config.toml", "learning", "folders", "/a")


def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[learning\n")

    with pytest.raises(ConfigInvalid, match="cannot be changed"):
        config_file.add_item(path, "learning", "folders", "/a")

    assert path.read_text() == "[learning\n"
