"""daemon/base/store.py: where things lie, private folders, and files that are read with a bound."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable


def test_lock_and_connection_are_the_same_in_every_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SHADOWPEN_HOME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    desktop = store.layout()
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert store.layout() == desktop
    assert desktop.data in desktop.lock.parents and desktop.data in desktop.connection_file.parents


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_a_private_folder_has_private_parents(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask & 0o077)
    try:
        store.private_directory(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(before)
    for path in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_file_in_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(StateUnusable, match="cannot be used"):
            store.private_directory(path)


def test_a_folder_that_all_users_share_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(StateUnusable, match="shared by all users"):
        store.private_directory(shared)
    assert shared.stat().st_mode & 0o7777 == 0o1777


def test_a_private_folder_with_the_sticky_bit_is_taken(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own").chmod(0o1700)
    assert store.private_directory(tmp_path / "own") == tmp_path / "own"


def test_the_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    with pytest.raises(StateUnusable, match="belongs to another user"):
        store.private_directory(tmp_path)


def test_a_bounded_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    assert store.read_bounded(tmp_path / "file", 10) == b"0123456789"
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert store.read_bounded(tmp_path / "link", 10) == b"0123456789"


def test_what_is_no_regular_file_of_that_size_is_an_oserror(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "endless").symlink_to("/proc/self/mem")
    (tmp_path / "large").write_bytes(bytes(11))
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 2 << 30)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("pipe", "folder", "device", "large", "sparse", "loop", "missing"):
        with pytest.raises(OSError):
            store.read_bounded(tmp_path / name, 10)


def test_a_folder_that_cannot_take_a_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> tuple[int, str]:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(StateUnusable, match="cannot be used: Read-only file system"):
        store.write_atomic(tmp_path / "file", b"")


@pytest.mark.parametrize("variable", ["SHADOWPEN_HOME", "SHADOWPEN_MODELS"])
def test_the_home_of_an_unknown_user_is_no_folder_below_the_current_one(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "~nobody-of-that-name/state")
    with pytest.raises(StateUnusable, match=f"{variable} names the home folder of an unknown user"):
        store.layout()


def _raises(*_: object, **__: object) -> object:
    raise RuntimeError("could not determine the home directory")


def _is_relative(*_: object, **__: object) -> object:
    folders = ("user_data_dir", "user_config_dir", "user_cache_dir", "user_log_dir")
    return SimpleNamespace(**dict.fromkeys(folders, "~/.local/share/shadowpen"))


@pytest.mark.parametrize("folders", [_raises, _is_relative])
def test_a_user_without_a_home_has_no_state_below_the_current_folder(
    folders: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHADOWPEN_HOME")
    monkeypatch.setattr("platformdirs.PlatformDirs", folders)
    with pytest.raises(StateUnusable, match="This user has no home folder"):
        store.layout()
