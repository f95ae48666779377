"""One file that only its passphrase opens, and that says so when it is damaged."""

from __future__ import annotations

import errno
import io
import tarfile
from pathlib import Path
from typing import IO

import pyrage
import pytest

from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable
from shadowpen.daemon.transfer import sealed

PASSPHRASE = "plum cakes when it rains"
CONTENT = bytes(range(256)) * 2_000


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "learned.shadowpen"
    sealed.seal(path, PASSPHRASE, _write)
    return path


def _write(stream: IO[bytes]) -> None:
    for start in range(0, len(CONTENT), 1_000):
        stream.write(CONTENT[start : start + 1_000])


def _opened(path: Path, passphrase: str = PASSPHRASE) -> bytes:
    found: list[bytes] = []
    sealed.open_sealed(path, passphrase, lambda stream: found.append(stream.read()))
    return found[0]


def test_what_was_sealed_comes_back(good: Path) -> None:
    assert _opened(good) == CONTENT
    assert good.stat().st_mode & 0o077 == 0
    assert CONTENT[:100] not in good.read_bytes()
    assert [path.name for path in good.parent.iterdir()] == [good.name]


def test_it_is_made_of_two_plain_age_files(good: Path) -> None:
    with tarfile.open(good) as archive:
        members = {name: archive.extractfile(name) for name in archive.getnames()}
        assert list(members) == ["key.age", "learned.tar.age"]
        key, content = (member.read() for member in members.values() if member)
    identity = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, PASSPHRASE).decode())
    assert pyrage.decrypt(content, [identity]) == CONTENT


def test_a_wrong_passphrase_is_one_sentence(good: Path) -> None:
    with pytest.raises(ConfigInvalid, match="passphrase does not open"):
        _opened(good, "plum cakes when it snows")


@pytest.mark.parametrize("place", [700, 60_000])
def test_a_changed_byte_is_noticed(good: Path, tmp_path: Path, place: int) -> None:
    content = bytearray(good.read_bytes())
    content[place] ^= 1
    (tmp_path / "changed").write_bytes(content)

    with pytest.raises((ConfigInvalid, StateUnusable)):
        _opened(tmp_path / "changed")


@pytest.mark.parametrize("kept", [100, 1_500, 100_000])
def test_a_file_that_was_cut_off_is_noticed(good: Path, tmp_path: Path, kept: int) -> None:
    (tmp_path / "cut").write_bytes(good.read_bytes()[:kept])

    with pytest.raises((ConfigInvalid, StateUnusable)):
        _opened(tmp_path / "cut")


def test_any_other_file_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "essay.md").write_text("An essay.\n" * 1_000)
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("hello"), io.BytesIO())

    for name in ("essay.md", "other.tar"):
        with pytest.raises(ConfigInvalid, match="not written by"):
            _opened(tmp_path / name)
    with pytest.raises(StateUnusable):
        _opened(tmp_path / "missing")


def test_nothing_is_overwritten_and_nothing_left_of_a_failure(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")

    with pytest.raises(ConfigInvalid, match="exists already"):
        sealed.seal(tmp_path / "there", PASSPHRASE, _write)
    with pytest.raises(ZeroDivisionError):
        sealed.seal(tmp_path / "failed", PASSPHRASE, lambda stream: stream.write(bytes(1 // 0)))
    with pytest.raises(ConfigInvalid, match="shorter than 8"):
        sealed.seal(tmp_path / "short", "1234", _write)

    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_what_the_reader_finds_wrong_is_told(good: Path) -> None:
    def read(stream: IO[bytes]) -> None:
        raise StateUnusable("That is no archive.")

    with pytest.raises(StateUnusable, match="no archive"):
        sealed.open_sealed(good, PASSPHRASE, read)


def test_a_disk_that_fills_meanwhile_is_not_told_as_damage(good: Path) -> None:
    def read(stream: IO[bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        sealed.open_sealed(good, PASSPHRASE, read)
