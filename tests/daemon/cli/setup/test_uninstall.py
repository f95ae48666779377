"""`shadowpen uninstall`: what goes, what stays, and that documents always stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.extras import uninstall_command
from shadowpen.daemon.cli.setup import install
from shadowpen.daemon.storage import own_words
from shadowpen.daemon.wire import lock


@pytest.fixture
def used(layout: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A home in which everything was used, and a plug-in in Neovim."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    files = {
        "model": layout.models / "prose/int8/model.onnx",
        "manifest": layout.models / "prose/manifest.json",
        "cache": layout.cache / "download.part",
        "log": layout.log_file,
        "edits": layout.edits / "2026-11.jsonl",
        "memory": layout.memory / "index.bin",
        "words often used": own_words.used_often(layout),
        "words added": own_words.added(layout),
        "adapter": layout.adapters / "1/adapter.safetensors",
        "report": layout.report,
    }
    for path in files.values():
        store.write_atomic(path, b"x" * 1000)
    config_file.write(layout.config_file, "completion", "deadline_ms", 80)
    return {**files, "settings": layout.config_file, "plugin": install.neovim_folder()}


def _there(used: dict[str, Path]) -> set[str]:
    return {name for name, path in used.items() if path.exists()}


LEARNED = {"settings", "edits", "memory", "words often used", "words added", "adapter", "report"}


def test_what_can_be_had_again_goes_and_what_was_learned_stays(shadowpen: Shadowpen, used: dict[str, Path]) -> None:
    shadowpen("install", "neovim")
    done = shadowpen("uninstall", "--yes")
    assert done.status == 0
    assert _there(used) == LEARNED
    assert "the model prose" in done.out and "2 kB" in done.out and "in all" in done.out
    assert uninstall_command() in done.out


def test_purge_leaves_nothing(shadowpen: Shadowpen, used: dict[str, Path], layout: store.Layout) -> None:
    shadowpen("install", "neovim")
    assert shadowpen("uninstall", "--purge", "--yes").status == 0
    assert _there(used) == set()
    assert not layout.data.exists()
    assert not used["plugin"].parent.exists()


def test_purge_leaves_nothing_of_all_that_has_a_place(shadowpen: Shadowpen, layout: store.Layout) -> None:
    for name in (name for name, value in vars(store.Layout).items() if isinstance(value, property)):
        path = getattr(layout, name)
        store.write_atomic(path if path.suffix else path / "content", b"")
    config_file.write(layout.config_file, "completion", "deadline_ms", 80)
    shadowpen("uninstall", "--purge", "--yes")
    assert not layout.data.exists(), list(layout.data.rglob("*"))


def test_it_asks_first(shadowpen: Shadowpen, used: dict[str, Path]) -> None:
    before = _there(used)
    assert "Nothing was removed" in shadowpen("uninstall", "--purge", stdin=b"n\n").out
    assert _there(used) == before
    shadowpen("uninstall", "--purge", stdin=b"y\n")
    assert _there(used) == set()


def test_a_dry_run_removes_nothing(shadowpen: Shadowpen, used: dict[str, Path]) -> None:
    before = _there(used)
    document = shadowpen("uninstall", "--purge", "--dry-run", "--json").json
    assert _there(used) == before and document["removed"] is False
    sizes = {Path(piece["path"]): piece["bytes"] for piece in document["pieces"]}
    assert sizes[used["model"].parents[1]] == 2000
    assert used["settings"] in sizes


def test_a_script_must_say_yes(shadowpen: Shadowpen, used: dict[str, Path]) -> None:
    before = _there(used)
    done = shadowpen("uninstall", "--json")
    assert done.status == 2 and "--yes" in done.json["error"]["hint"]
    assert _there(used) == before


def test_documents_inside_the_home_stay(shadowpen: Shadowpen, used: dict[str, Path], layout: store.Layout) -> None:
    """SHADOWPEN_HOME=~/Documents, where the author has a folder `memory` of their own."""
    diary = layout.memory / "diary.md"
    diary.write_text("mine")
    chapter = layout.data / "chapter.md"
    chapter.write_text("mine too")
    done = shadowpen("uninstall", "--purge", "--yes")
    assert diary.read_text() == "mine" and chapter.read_text() == "mine too"
    assert "diary.md" in done.out
    assert _there(used) == {"memory", "words often used"}


def test_a_learning_folder_stays_wherever_it_is(
    shadowpen: Shadowpen, used: dict[str, Path], layout: store.Layout
) -> None:
    letters = layout.cache / "letters"
    letters.mkdir()
    (letters / "plain").write_text("mine")
    config_file.write(layout.config_file, "learning", "folders", [str(letters)])
    shadowpen("uninstall", "--purge", "--yes")
    assert (letters / "plain").read_text() == "mine"


def test_other_things_in_a_shared_models_folder_stay(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "shared"))
    ours, other = tmp_path / "shared/prose/manifest.json", tmp_path / "shared/other/weights.bin"
    for path in (ours, other):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    done = shadowpen("uninstall", "--purge", "--yes")
    assert ours.exists() and "other homes may use it" in done.out
    shadowpen("uninstall", "--purge", "--yes", "--models")
    assert not ours.parent.exists() and other.exists()


def test_a_link_to_shared_models_is_no_way_to_them(shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path) -> None:
    ours = tmp_path / "shared/prose/manifest.json"
    ours.parent.mkdir(parents=True)
    ours.touch()
    store.private_directory(layout.data)
    layout.models.symlink_to(tmp_path / "shared")
    shadowpen("uninstall", "--purge", "--yes")
    assert ours.exists()


def test_what_a_crash_left_goes_too_and_what_is_not_ours_stays(
    shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [
        layout.data / ".trigger.json.abcd1234",
        layout.data / ".attention.json._bcd1234",
        layout.data / "monitoring.db-journal",
        layout.data / "monitoring.damaged",
        layout.serve_token,
        layout.data / ".serve-token.abcd1234",
        layout.config_dir / ".config.toml.abcd1234",
        layout.data / "core",
        layout.data / "core.4711",
        layout.models / ".setup.lock",
        layout.models / ".staging-default-abcd/model.onnx",
        layout.adapters / ".current.abcd1234",
        layout.edits / ".2026-01-01-0001.jsonl.abcd1234",
        layout.data / ".import-abcd1234" / "edits.jsonl",
    ]
    mine = [layout.data / ".config", layout.data / "core.md", layout.data / ".novel.abcd1234"]
    for path in (*left, *mine):
        store.write_atomic(path, b"x")
    shadowpen("uninstall", "--purge", "--yes")
    assert [path for path in left if path.exists()] == []
    assert all(path.exists() for path in mine)


def test_the_sockets_of_a_long_home_go_too(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_HOME", str(tmp_path / ("long" * 30)))
    folder = store.private_directory(store.layout().socket_path("requests").parent)
    (folder / "requests.sock").touch()
    assert folder.parent != store.layout().runtime
    shadowpen("uninstall", "--purge", "--yes")
    assert not folder.exists()


def test_of_a_link_only_the_link_goes(shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "log").write_text("x")
    layout.data.mkdir(parents=True)
    layout.logs.symlink_to(elsewhere)
    shadowpen("uninstall", "--yes")
    assert not layout.logs.is_symlink() and (elsewhere / "log").exists()


def test_a_plugin_that_is_not_ours_stays(shadowpen: Shadowpen, used: dict[str, Path]) -> None:
    used["plugin"].mkdir(parents=True)
    (used["plugin"] / "init.lua").write_text("-- mine")
    shadowpen("uninstall", "--purge", "--yes")
    assert (used["plugin"] / "init.lua").exists()


def test_a_running_daemon_is_ended_first(shadowpen: Shadowpen, layout: store.Layout) -> None:
    shadowpen("daemon", "--detach")
    shadowpen("uninstall", "--purge", "--yes")
    assert lock.holder(layout) is None and not layout.data.exists()


def test_there_may_be_nothing_to_remove(shadowpen: Shadowpen) -> None:
    done = shadowpen("uninstall", "--purge", "--yes")
    assert done.status == 0 and "nothing to remove" in done.out
