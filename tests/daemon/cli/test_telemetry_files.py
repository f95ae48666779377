"""What onnxruntime's telemetry left behind is named by `doctor` and removed on request; nothing else goes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.cli import telemetry_files


@pytest.fixture
def left_behind(user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The queue in the user's cache and the session file in the temporary folder."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    queue = user / ".cache/Microsoft/DeveloperTools/.onnxruntime"
    queue.mkdir(parents=True)
    (queue / "onnxruntime.db").write_bytes(b"events")
    session = temporary / ".ses"
    session.write_text("1795974470491\n")
    return queue, session


def test_doctor_names_them_and_removes_them_on_request(shadowpen: Shadowpen, left_behind: tuple[Path, Path]) -> None:
    queue, session = left_behind
    found = [one for one in shadowpen("doctor", "--json").json["findings"] if one["matter"] == "telemetry"]
    assert [one["level"] for one in found] == ["warn", "warn"]
    assert str(queue) in found[0]["message"] and "--clean" in found[0]["advice"]
    assert queue.is_dir(), "it only looked"
    shadowpen("doctor", "--clean")
    assert not queue.exists() and not session.exists()
    assert not queue.parents[1].exists(), "the folders that are empty now go too"


def test_purge_removes_them(shadowpen: Shadowpen, left_behind: tuple[Path, Path]) -> None:
    assert shadowpen("uninstall", "--purge", "--yes").status == 0
    assert not any(path.exists() for path in (*left_behind, left_behind[0].parents[1]))


def test_what_others_keep_beside_them_stays(left_behind: tuple[Path, Path]) -> None:
    queue, _ = left_behind
    other = queue.parent / "other-tool"
    other.mkdir()
    telemetry_files.remove_leftovers()
    assert other.is_dir() and not queue.exists()


def test_a_link_in_the_temporary_folder_is_not_followed(left_behind: tuple[Path, Path], tmp_path: Path) -> None:
    _, session = left_behind
    session.unlink()
    precious = tmp_path / "notes"
    precious.write_text("mine")
    session.symlink_to(precious)
    assert session not in telemetry_files.remove_leftovers()
    assert session.is_symlink() and precious.read_text() == "mine"
