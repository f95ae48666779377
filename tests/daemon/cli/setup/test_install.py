"""`shadowpen install neovim`: what it writes, and what it never overwrites."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.cli.setup import install, plugin_folder
from shadowpen.daemon.cli.setup.installation import COMMAND_FILE

PLUGIN = Path(__file__).resolve().parents[4] / "plugins/neovim"


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the plug-in goes for this test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("NVIM_APPNAME", raising=False)
    return tmp_path / "nvim/site/pack/shadowpen/start/shadowpen"


def test_the_plugin_is_put_where_neovim_loads_it(shadowpen: Shadowpen, target: Path) -> None:
    done = shadowpen("install", "neovim")
    assert done.status == 0 and str(target) in done.out
    for name in ("plugin/shadowpen.lua", "lua/shadowpen/init.lua"):
        assert (target / name).read_bytes() == (PLUGIN / name).read_bytes()
    assert install.plugin_state() == "current"


def test_at_its_end_the_question_is_put_until_it_is_answered(shadowpen: Shadowpen, target: Path) -> None:
    question = "what you accept, and what you write where a suggestion was shown"
    assert question in shadowpen("install", "neovim").out
    shadowpen("learn", "off")
    assert question not in shadowpen("install", "neovim").out


def test_help_works_without_helptags(shadowpen: Shadowpen, target: Path) -> None:
    shadowpen("install", "neovim")
    documented = {path.name for path in (PLUGIN / "doc").glob("*.txt")}
    lines = (target / "doc/tags").read_text("utf-8").splitlines()
    assert lines == sorted(lines)
    for tag, file, address in (line.split("\t") for line in lines):
        assert file in documented and address == f"/*{tag}*"
        assert f"*{tag}*" in (target / "doc" / file).read_text("utf-8")


def test_a_dry_run_writes_nothing(shadowpen: Shadowpen, target: Path) -> None:
    done = shadowpen("install", "neovim", "--dry-run")
    assert "Nothing was changed" in done.out and "lua/shadowpen/init.lua" in done.out
    assert not target.exists()


def test_another_app_name_has_its_own(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    monkeypatch.setenv("NVIM_APPNAME", "writing")
    assert "/writing/site/pack/" in install.neovim_folder().as_posix()


def test_a_new_version_replaces_the_old_one(shadowpen: Shadowpen, target: Path) -> None:
    shadowpen("install", "neovim")
    left_over = target / "lua/shadowpen/of_an_older_version.lua"
    left_over.write_text("-- old\n")
    receipt = json.loads((target / plugin_folder.RECEIPT).read_text())
    receipt["files"]["lua/shadowpen/of_an_older_version.lua"] = plugin_folder.hash_of(left_over)
    (target / plugin_folder.RECEIPT).write_text(json.dumps(receipt))
    assert install.plugin_state() == "other"
    assert shadowpen("install", "neovim").status == 0
    assert not left_over.exists() and install.plugin_state() == "current"
    assert [path.name for path in target.parent.iterdir()] == ["shadowpen"]


def test_a_file_changed_by_hand_is_kept(shadowpen: Shadowpen, target: Path) -> None:
    shadowpen("install", "neovim")
    changed = target / "plugin/shadowpen.lua"
    changed.write_text("-- mine\n")
    done = shadowpen("install", "neovim")
    assert done.status == 2 and "plugin/shadowpen.lua" in done.err
    assert changed.read_text() == "-- mine\n"
    assert shadowpen("install", "neovim", "--force").status == 0
    assert changed.read_text() != "-- mine\n"


def test_a_folder_of_somebody_else_is_kept(shadowpen: Shadowpen, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "notes.md").write_text("mine")
    done = shadowpen("install", "neovim")
    assert done.status == 2 and "--force" in done.err
    assert [path.name for path in target.iterdir()] == ["notes.md"]


def test_a_link_to_a_checkout_is_kept(shadowpen: Shadowpen, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.symlink_to(PLUGIN)
    for arguments in (["install", "neovim"], ["install", "neovim", "--force"]):
        assert shadowpen(*arguments).status == 2
    assert target.is_symlink()


def test_a_script_gets_the_folder_and_the_line_for_init_lua(shadowpen: Shadowpen, target: Path) -> None:
    document = shadowpen("install", "neovim", "--json").json
    assert document["folder"] == str(target) and document["written"]
    assert set(document["files"]) == {
        path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()
    } - {plugin_folder.RECEIPT}


def test_the_plugin_is_told_which_program_it_starts(shadowpen: Shadowpen, target: Path) -> None:
    done = shadowpen("install", "neovim")
    command = json.loads((target / COMMAND_FILE).read_text("utf-8"))
    assert command == [str(Path(sys.executable).with_name("shadowpen")), "lsp"]
    assert f"It starts: {' '.join(command)}" in done.out
    assert shadowpen("install", "neovim", "--json").json["starts"] == command


def test_a_plugin_of_another_installation_is_noticed(shadowpen: Shadowpen, target: Path) -> None:
    shadowpen("install", "neovim")
    receipt = json.loads((target / plugin_folder.RECEIPT).read_text("utf-8"))
    receipt["files"][COMMAND_FILE] = "0" * 64
    (target / plugin_folder.RECEIPT).write_text(json.dumps(receipt))
    assert install.plugin_state() == "other"


@pytest.mark.parametrize(
    ("version", "said"), [("0.11.4", ""), ("0.9.5", "yours is 0.9."), ("", "there is none on your PATH.")]
)
def test_what_comes_next_names_the_neovim_that_is_needed(
    shadowpen: Shadowpen, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    program = tmp_path / "bin/nvim"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho NVIM v{version}\n")
    program.chmod(0o755 if version else 0o644)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin")
    out = shadowpen("install", "neovim").out
    assert said in out and ("needs Neovim" in out) == bool(said)
