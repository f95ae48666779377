from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.exporters.graphs.replacing import put_in_place


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """What was built, where it belongs, and where the old one waits meanwhile."""
    built = tmp_path / "built"
    built.mkdir()
    (built / "file").write_text("new")
    return built, tmp_path / "place", tmp_path / "aside"


def test_the_new_folder_stands_and_nothing_else_is_left(folders: tuple[Path, Path, Path]) -> None:
    built, place, aside = folders
    place.mkdir()
    (place / "file").write_text("old")
    (place / "more").write_text("old")
    put_in_place(*folders)
    assert sorted(path.name for path in place.iterdir()) == ["file"]
    assert (place / "file").read_text() == "new"
    assert not aside.exists()
    assert not built.exists()


def test_where_nothing_stood_it_just_stands(folders: tuple[Path, Path, Path]) -> None:
    put_in_place(*folders)
    assert (folders[1] / "file").read_text() == "new"


def test_a_rename_that_fails_puts_the_old_one_back(
    folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    built, place, aside = folders
    place.mkdir()
    (place / "file").write_text("old")
    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda self, to: _full() if self == built else rename(self, to))
    with pytest.raises(OSError, match="full"):
        put_in_place(*folders)
    assert (place / "file").read_text() == "old"
    assert not aside.exists()


def _full() -> None:
    raise OSError("the disk is full")
