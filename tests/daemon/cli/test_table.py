"""The table names commands that exist, and other packages can add to it but not replace."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from support.installed import packages

from shadowpen.daemon import cli
from shadowpen.daemon.base.errors import PluginBroken
from shadowpen.daemon.cli import table
from shadowpen.daemon.plugins import registry


@pytest.mark.parametrize("name", table.COMMANDS)
def test_every_command_loads_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    assert f"Usage: shadowpen {name}" in capsys.readouterr().out


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package `inkwell` that brings the commands `blot`, `broken`, `wrong` and its own `status`."""
    source = "import click\n@click.command()\ndef blot():\n    'Blot.'\n    click.echo('blotted')\nnumber = 7\n"
    names = {"blot": "inkwell:blot", "broken": "inkwell.missing:x", "wrong": "inkwell:number", "status": "inkwell:blot"}
    packages.install(tmp_path, monkeypatch, "inkwell", source, commands=names)


@pytest.mark.usefixtures("other_package")
def test_another_package_adds_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["blot"]) == 0
    assert capsys.readouterr().out == "blotted\n"
    cli.run(["--help"])
    assert "From the package inkwell." in capsys.readouterr().out


@pytest.mark.usefixtures("other_package")
def test_another_package_cannot_replace_ours() -> None:
    assert "status" in {plugin.name for plugin, _ in registry.refused("commands", table.COMMANDS)}
    found = table.find("status")
    assert found is table.COMMANDS["status"]
    assert isinstance(found.load("status"), click.Command)


@pytest.mark.usefixtures("other_package")
@pytest.mark.parametrize("name", ["broken", "wrong"])
def test_a_broken_one_is_an_error_of_its_own_only(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    entry = table.find(name)
    assert entry is not None
    with pytest.raises(PluginBroken):
        entry.load(name)
    assert cli.run([name]) == 2
    assert f"'{name}'" in capsys.readouterr().err
    assert cli.run(["--help"]) == 0
