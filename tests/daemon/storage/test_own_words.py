from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.storage import own_words


@pytest.fixture
def folder(layout: store.Layout) -> int:
    """The memory's folder, open."""
    return os.open(store.private_directory(layout.memory), os.O_RDONLY)


def test_words_used_three_times_are_written_down_as_they_are_written(layout: store.Layout, folder: int) -> None:
    own_words.note(layout, ["Zorblat saw the zorblat, the", "zorblat’s zorblat. zorblat the x1x x1x x1x"], folder)
    file = own_words.used_often(layout)
    assert own_words.read(file) == {"the", "x", "zorblat"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_was_gathered_before_something_was_forgotten_is_not_kept(layout: store.Layout, folder: int) -> None:
    shutil.rmtree(layout.memory)
    own_words.note(layout, ["secret secret secret"], folder)
    assert not own_words.used_often(layout).exists()


@pytest.mark.parametrize(
    ("word", "form"),
    [("Zorblat", "zorblat"), ("zorblat’s", "zorblat"), ("zorblats’", "zorblats"), ("can’t", "can't"), ("NASA", "NASA")],
)
def test_a_word_is_known_in_its_forms(word: str, form: str) -> None:
    assert form in own_words.forms(word)


@pytest.mark.parametrize(("word", "other"), [("NASA", "nasa"), ("zorblat", "Zorblat"), ("iPod", "ipod")])
def test_capitals_that_mean_something_count(word: str, other: str) -> None:
    assert other not in own_words.forms(word)


def test_an_added_word_stands_behind_the_authors_own(layout: store.Layout) -> None:
    file = own_words.added(layout)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("naïve\nfoo")
    for word in ("zorblat", "foo", "zorblat"):
        own_words.add(file, word)
    assert file.read_text() == "naïve\nfoo\nzorblat\n"
    assert own_words.read(file) == {"naïve", "foo", "zorblat"}


def test_a_file_that_is_no_text_is_left_alone_and_said(layout: store.Layout) -> None:
    file = own_words.added(layout)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"caf\xe9\n")
    with pytest.raises(StateUnusable) as refused:
        own_words.add(file, "zorblat")
    assert refused.value.hint
    assert file.read_bytes() == b"caf\xe9\n"


def test_no_file_no_words(layout: store.Layout) -> None:
    assert own_words.read(own_words.added(layout)) == frozenset()


def test_a_file_as_windows_saves_it_is_read(layout: store.Layout) -> None:
    file = own_words.added(layout)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\xef\xbb\xbffoo\r\nbar\r\n")
    assert own_words.read(file) == {"foo", "bar"}
    own_words.add(file, "foo")
    own_words.remove(file, "foo")
    assert own_words.read(file) == {"bar"}


def test_a_file_that_is_a_link_stays_one(layout: store.Layout, tmp_path: Path) -> None:
    file = own_words.added(layout)
    file.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "words").write_text("foo\n")
    file.symlink_to(tmp_path / "words")
    own_words.add(file, "bar")
    assert file.is_symlink() and (tmp_path / "words").read_text() == "foo\nbar\n"
