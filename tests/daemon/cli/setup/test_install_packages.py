"""`shadowpen install emacs` and `shadowpen install vim`: what they write, where, and what goes again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.cli.setup.installation import COMMAND_FILE

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
FOLDERS = {"emacs": ".emacs.d/elpa/shadowpen", "vim": ".vim/pack/shadowpen/start/shadowpen"}
SOURCES = {"emacs": "shadowpen.el", "vim": "autoload/shadowpen/ghost.vim"}


@pytest.fixture(params=FOLDERS)
def editor(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each editor, in a home of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME")
    return str(request.param)


def test_the_plugin_is_put_where_the_editor_loads_it(shadowpen: Shadowpen, editor: str, tmp_path: Path) -> None:
    done = shadowpen("install", editor)
    folder = tmp_path / FOLDERS[editor]
    assert done.status == 0 and str(folder) in done.out
    assert (folder / SOURCES[editor]).read_bytes() == (PLUGINS / editor / SOURCES[editor]).read_bytes()
    command = json.loads((folder / COMMAND_FILE).read_text("utf-8"))
    assert command == [str(Path(sys.executable).with_name("shadowpen")), "lsp"]


def test_a_dry_run_writes_nothing(shadowpen: Shadowpen, editor: str, tmp_path: Path) -> None:
    assert SOURCES[editor] in shadowpen("install", editor, "--dry-run").out
    assert not (tmp_path / FOLDERS[editor]).exists()


def test_a_file_changed_by_hand_is_kept(shadowpen: Shadowpen, editor: str, tmp_path: Path) -> None:
    shadowpen("install", editor)
    changed = tmp_path / FOLDERS[editor] / SOURCES[editor]
    changed.write_text("mine")
    assert shadowpen("install", editor).status == 2
    assert changed.read_text() == "mine"
    assert shadowpen("install", editor, "--force").status == 0


def test_uninstall_takes_it_away(shadowpen: Shadowpen, editor: str, tmp_path: Path) -> None:
    shadowpen("install", editor)
    assert shadowpen("uninstall", "--yes").status == 0
    assert not (tmp_path / FOLDERS[editor]).exists()


def test_a_configuration_in_the_xdg_folder_is_found(
    shadowpen: Shadowpen, editor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    own = tmp_path / "xdg" / editor
    own.mkdir(parents=True)
    (own / "vimrc").write_text("")
    shadowpen("install", editor)
    below = FOLDERS[editor].partition("/")[2]
    assert (own / below / SOURCES[editor]).is_file()
    shadowpen("uninstall", "--yes")
    assert not (own / below).exists()
