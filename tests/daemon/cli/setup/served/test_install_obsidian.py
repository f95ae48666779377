"""The plug-in for Obsidian: put into a vault with what it needs to be let in, and the user's settings stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import extras, store


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "notes" / ".obsidian").mkdir(parents=True)
    return tmp_path / "notes"


def test_it_is_put_into_the_vault_with_port_and_token(shadowpen: Shadowpen, vault: Path, layout: store.Layout) -> None:
    assert "shadowpen serve" in shadowpen("install", "obsidian", str(vault)).out
    folder = vault / ".obsidian" / "plugins" / "shadowpen"
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["id"] == "shadowpen"
    assert (folder / "main.js").stat().st_size > 1000
    settings = json.loads((folder / "data.json").read_text("utf-8"))
    assert settings == {"port": 8017, "token": layout.serve_token.read_text("utf-8").strip()}


def test_settings_stay_when_it_is_installed_again_and_the_token_is_the_one_of_now(
    shadowpen: Shadowpen, vault: Path, layout: store.Layout
) -> None:
    own = vault / ".obsidian" / "plugins" / "shadowpen" / "data.json"
    own.parent.mkdir(parents=True)
    own.write_text('{"ghostText": false, "port": 8020, "token": "sp-of-another-machine"}', "utf-8")
    assert shadowpen("install", "obsidian", str(vault)).status == 0
    token = layout.serve_token.read_text("utf-8").strip()
    assert json.loads(own.read_text("utf-8")) == {"ghostText": False, "port": 8020, "token": token}


@pytest.mark.parametrize("damaged", ["{", "[]", "\udcff"])
def test_settings_that_cannot_be_read_stay_and_the_token_is_shown_the_way(
    shadowpen: Shadowpen, vault: Path, damaged: str
) -> None:
    own = vault / ".obsidian" / "plugins" / "shadowpen" / "data.json"
    own.parent.mkdir(parents=True)
    own.write_text(damaged, "utf-8", errors="surrogateescape")
    done = shadowpen("install", "obsidian", str(vault))
    assert done.status == 0 and "shadowpen serve --token" in done.err
    assert own.read_text("utf-8", errors="surrogateescape") == damaged


def test_a_folder_that_is_no_vault_stays_as_it_is(shadowpen: Shadowpen, tmp_path: Path) -> None:
    done = shadowpen("install", "obsidian", str(tmp_path))
    assert done.status == 2 and "not an Obsidian vault" in done.err and not list(tmp_path.iterdir())


def test_packages_that_serve_lacks_are_named_before_it_is_started(
    shadowpen: Shadowpen, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "needs" not in shadowpen("install", "obsidian", str(vault)).out
    monkeypatch.setattr(extras, "_is_installed", lambda module: module == "pip")
    told = shadowpen("install", "obsidian", str(vault)).out
    assert "`shadowpen serve` needs starlette and uvicorn. Install it with: " in told
    assert told.index("uvicorn>=") < told.index("Next: ")
