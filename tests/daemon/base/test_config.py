"""daemon/base/config.py: every setting has limits, holds at both of them, and falls back to its default beyond."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import get_type_hints

import pytest

from shadowpen.daemon.base import config, config_file, sections
from shadowpen.daemon.base.errors import ConfigInvalid

_NUMBERS = [
    (section, field)
    for section, kind in config.SECTIONS.items()
    for field in dataclasses.fields(kind)
    if get_type_hints(kind)[field.name] in (int, float)
]
_TEXTS = [
    (section, field.name)
    for section, kind in config.SECTIONS.items()
    for field in dataclasses.fields(kind)
    if get_type_hints(kind)[field.name] in (str, list[str])
]


def _load(path: Path, section: str, name: str, written: str) -> tuple[object, tuple[str, ...]]:
    path.write_text(f"[{section}]\n{name} = {written}\n")
    loaded = config.load(path, {})
    return getattr(getattr(loaded, section), name), loaded.problems


@pytest.mark.parametrize(("section", "field"), _NUMBERS, ids=lambda it: it if isinstance(it, str) else it.name)
def test_a_number_holds_at_its_limits_and_not_beyond(
    section: str, field: dataclasses.Field[float], tmp_path: Path
) -> None:
    low, high = field.metadata["low"], field.metadata["high"]
    assert low is not None and high is not None, "every number has both limits"
    path = tmp_path / "config.toml"
    for limit in (low, high):
        assert _load(path, section, field.name, str(limit)) == (limit, ())
        assert _load(path, section, field.name, f'"{limit}"') == (limit, ())
    beyond = [str(low - 1), str(high + 1), "inf", "-inf", "nan", '"inf"', '"nan"', "1e400", "9" * 400, "true", "[]"]
    for written in beyond:
        value, problems = _load(path, section, field.name, written)
        assert value == field.default
        assert len(problems) == 1 and f"{section}.{field.name}" in problems[0] and len(problems[0]) < 1000


@pytest.mark.parametrize(("section", "name"), _TEXTS)
def test_a_text_holds_no_zero_character(section: str, name: str, tmp_path: Path) -> None:
    default = getattr(getattr(config.Config(), section), name)
    written = '["a\\u0000b"]' if isinstance(default, list) else '"a\\u0000b"'
    value, problems = _load(tmp_path / "config.toml", section, name, written)
    assert value == default and f"{section}.{name}" in problems[0]


@pytest.mark.parametrize(
    "content",
    [
        b"a = " + b"[" * 5000,
        b"[daemon]\nexit_after_s = " + b"9" * 5000,
        b"\xff\xfe",
        b"\0",
        b"[daemon\n",
        b"x" * 2_000_000,
    ],
)
def test_a_file_of_nonsense_leaves_every_default_and_is_not_changed(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    loaded = config.load(path, {})
    assert loaded.daemon == sections.DaemonSettings() and loaded.unread
    assert str(path) in loaded.problems[0]
    with pytest.raises(ConfigInvalid, match="cannot be changed"):
        config_file.write(path, "daemon", "cache_mb", 64)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("written", "private"),
    [
        ("private_folders = 5", []),
        ('private_folders = ["/srv/diary", 5]', ["/srv/diary"]),
        ("exclude = [[]]", []),
        ('keep = "acepted"', []),
    ],
)
def test_nothing_is_kept_while_what_forbids_it_cannot_be_read(written: str, private: list[str], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[learning]\nenabled = "on"\n{written}\n')
    loaded = config.load(path, {})
    assert (loaded.learning.enabled, loaded.learning.private_folders) == ("off", private)
    assert loaded.problems[-1].endswith(f"until learning.{written.split()[0]} is fixed.")


def test_a_file_as_windows_saves_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[daemon]\r\nexit_after_s = 100\r\n")
    config_file.write(path, "daemon", "cache_mb", 64)
    loaded = config.load(path, {})
    assert (loaded.daemon.exit_after_s, loaded.daemon.cache_mb, loaded.problems) == (100, 64, ())


def test_half_a_character_is_no_text() -> None:
    assert config.check("model", "name", "a\udcff")[1] == "model.name must be text, not 'a\\udcff'"


def test_another_encoding_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes("[daemon]".encode("utf-16"))
    assert config.load(path, {}).problems == (
        f"{path} is not UTF-8 text; every setting keeps its default. Save it as UTF-8.",
    )


def test_a_value_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[daemon]\ncache_mb{'.a' * 5000} = 1\n")
    loaded = config.load(path, {})
    assert loaded.problems and loaded.daemon == sections.DaemonSettings()


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "sparse", "loop"])
def test_what_is_no_file_leaves_every_default(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        path.touch()
        os.truncate(path, 2 << 30)
    else:
        path.symlink_to({"device": "/dev/zero", "loop": str(path)}[kind])
    loaded = config.load(path, {})
    assert loaded.daemon == sections.DaemonSettings() and loaded.unread and loaded.problems


@pytest.mark.parametrize(
    ("name", "value", "private"),
    [("KEEP", "acepted", ["/srv/diary"]), ("PRIVATE_FOLDERS", "/srv/b:/srv/\udce9", ["/srv/diary", "/srv/b"])],
)
def test_what_forbids_something_in_the_environment_is_minded_as_much(
    name: str, value: str, private: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[learning]\nenabled = "on"\nprivate_folders = ["/srv/diary"]\n')
    loaded = config.load(path, {f"SHADOWPEN_LEARNING_{name}": value.replace(":", os.pathsep)})
    assert (loaded.learning.enabled, loaded.learning.private_folders) == ("off", private)
    assert loaded.problems[-1].startswith(f"$SHADOWPEN_LEARNING_{name}: nothing is kept or learned until")


def test_a_list_written_as_one_text_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[learning]\nprivate_folders = '/srv/a{os.pathsep}/srv/b'\n")
    assert config_file.add_item(path, "learning", "private_folders", "/srv/c")
    assert config_file.remove_item(path, "learning", "private_folders", "/srv/a")
    assert config.load(path, {}).learning.private_folders == ["/srv/b", "/srv/c"]


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    dotfiles, path = tmp_path / "dotfiles" / "shadowpen.toml", tmp_path / "config" / "config.toml"
    for folder in (dotfiles.parent, path.parent):
        folder.mkdir()
        folder.chmod(0o755)
    dotfiles.write_text("# mine\n[daemon]\n")
    path.symlink_to(dotfiles)
    config_file.write(path, "daemon", "cache_mb", 64)
    assert path.is_symlink() and dotfiles.read_text() == "# mine\n[daemon]\ncache_mb = 64\n"
    assert os.name == "nt" or dotfiles.parent.stat().st_mode & 0o777 == 0o755
    assert config_file.remove(path, "daemon", "cache_mb") and path.is_symlink()
