"""The extension for JupyterLab: put where JupyterLab finds it, its token where the user alone reads it; taken away."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import extras, store
from shadowpen.daemon.cli.setup.served.install_jupyterlab import extension_folder, settings_file


@pytest.fixture(autouse=True)
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of a Jupyter of this test alone."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("JUPYTERLAB_SETTINGS_DIR", raising=False)
    return tmp_path


def test_jupyterlab_finds_the_extension_and_its_settings(
    shadowpen: Shadowpen, jupyter: Path, layout: store.Layout
) -> None:
    assert "shadowpen serve" in shadowpen("install", "jupyterlab").out
    folder = jupyter / "data" / "labextensions" / "shadowpen"
    told = json.loads((folder / "package.json").read_text("utf-8"))
    assert told["name"] == folder.name and told["jupyterlab"]["extension"] is True
    assert (folder / told["jupyterlab"]["_build"]["load"]).stat().st_size > 1000
    schema = json.loads((folder / "schemas" / "shadowpen" / "plugin.json").read_text("utf-8"))
    stored = jupyter / "config" / "lab" / "user-settings" / "shadowpen" / "plugin.jupyterlab-settings"
    settings = json.loads(stored.read_text("utf-8"))
    assert settings == {"port": 8017, "token": layout.serve_token.read_text("utf-8").strip()}
    assert settings.keys() <= schema["properties"].keys()
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert all(settings["token"] not in path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


def test_settings_of_the_user_stay_and_an_old_token_does_not(shadowpen: Shadowpen, layout: store.Layout) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text('{"ghostText": false, "token": "old"}', "utf-8")
    assert shadowpen("install", "jupyterlab").status == 0
    token = layout.serve_token.read_text("utf-8").strip()
    assert json.loads(settings_file().read_text("utf-8")) == {"ghostText": False, "port": 8017, "token": token}


@pytest.mark.parametrize("content", ["// mine\n{}", "[]"])
def test_settings_that_are_no_json_stay_as_they_are(shadowpen: Shadowpen, content: str) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(content, "utf-8")
    done = shadowpen("install", "jupyterlab")
    assert done.status == 0 and "shadowpen serve --token" in done.err
    assert settings_file().read_text("utf-8") == content


def test_a_dry_run_writes_nothing(shadowpen: Shadowpen, jupyter: Path) -> None:
    assert "static/remoteEntry.js" in shadowpen("install", "jupyterlab", "--dry-run").out
    assert not (jupyter / "data").exists() and not (jupyter / "config").exists()


def test_another_extension_of_that_name_stays(shadowpen: Shadowpen) -> None:
    extension_folder().mkdir(parents=True)
    done = shadowpen("install", "jupyterlab")
    assert done.status == 2 and "--force" in done.err and not list(extension_folder().iterdir())
    assert not settings_file().exists()


def test_uninstalling_takes_it_and_its_token_away(shadowpen: Shadowpen) -> None:
    shadowpen("install", "jupyterlab")
    other = settings_file().parent.parent / "@jupyterlab"
    other.mkdir()
    assert "the JupyterLab extension" in shadowpen("uninstall", "--yes").out
    assert not extension_folder().exists() and not settings_file().parent.exists() and other.exists()


def test_every_key_and_menu_entry_has_its_command(shadowpen: Shadowpen) -> None:
    shadowpen("install", "jupyterlab")
    schema = json.loads((extension_folder() / "schemas/shadowpen/plugin.json").read_text("utf-8"))
    script = (extension_folder() / "static/remoteEntry.js").read_text("utf-8")
    entries = schema["jupyter.lab.shortcuts"] + schema["jupyter.lab.menus"]["main"][0]["items"]
    bound = {line["command"] for line in entries if "command" in line}
    assert bound and all(command.removeprefix("shadowpen:") in script for command in bound)


def test_packages_that_serve_lacks_are_named_before_it_is_started(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "needs" not in shadowpen("install", "jupyterlab").out
    monkeypatch.setattr(extras, "_is_installed", lambda module: module == "pip")
    told = shadowpen("install", "jupyterlab").out
    assert "`shadowpen serve` needs starlette and uvicorn. Install it with: " in told
    assert told.index("uvicorn>=") < told.index("Next: ")
