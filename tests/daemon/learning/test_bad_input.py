"""Folders that shrink, move, are away or hold a text five times: nothing is lost, and nothing is learned twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.corpus.documents import Document, paragraphs
from shadowpen.daemon.learning.ledger import Ledger, marks
from shadowpen.daemon.learning.withdrawal import withdraw
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.versions import Base, TextSource, Version

_PARAGRAPHS = (
    "The harbour lay still in the morning, and nobody had come down to the boats since the storm began.",
    "My brother wrote that he would wait until the river rose again before he left the house for good.",
    "There was a letter from her on the table, which I had not opened since the winter came to us all.",
    "What we wanted from the sea was never what it brought, though we kept asking it for years and years.",
)
_IN_ALL_FORMATS = {
    "md": "{}", "txt": "{}", "org": "{}", "rst": "{}", "adoc": "{}", "typ": "{}",
    "tex": "\\documentclass{{article}}\n\\begin{{document}}\n{}\n\\end{{document}}\n",
    "html": "<html><body><p>{}</p></body></html>",
}  # fmt: skip


@pytest.fixture
def layout(tmp_path: Path) -> store.Layout:
    return store.Layout(tmp_path, tmp_path, tmp_path, tmp_path, tmp_path, tmp_path)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, paragraph in enumerate(_PARAGRAPHS):
        (folder / f"{number}.md").write_text(paragraph)
    return folder


def _collected(layout: store.Layout, folder: Path) -> list[Document]:
    return collect(layout, LearningSettings(enabled="on", folders=[str(folder)])).documents


def _learn(layout: store.Layout, documents: list[Document]) -> Ledger:
    """Publish a version that learned them all."""
    staged = store.private_directory(layout.data / "staged")
    sources = [
        TextSource(origin=one.origin, sha256=one.sha256, tokens=1, pieces=dict.fromkeys(marks(one), 1))
        for one in documents
    ]
    version = Version(
        state="promoted", created="", base=Base(name="default", sha256=""), method="full", sources=sources
    )
    return Ledger(versions.publish(layout, staged, version))


def _texts(documents: list[Document]) -> list[str]:
    return [one.text[start:end] for one in documents for start, end in paragraphs(one.text)]


def test_a_folder_that_shrinks_leaves_what_was_learned(layout: store.Layout, texts: Path) -> None:
    ledger = _learn(layout, _collected(layout, texts))
    (texts / "0.md").unlink()
    (texts / "1.md").write_text("")

    assert ledger.new(_collected(layout, texts)) == []
    assert withdraw(layout) == []
    assert len(ledger.times) == len(_PARAGRAPHS)


def test_a_folder_that_is_renamed_is_not_learned_again(layout: store.Layout, texts: Path) -> None:
    ledger = _learn(layout, _collected(layout, texts))
    moved = texts.rename(texts.with_name("essays"))
    (moved / "0.md").rename(moved / "renamed.txt")

    assert ledger.new(_collected(layout, moved)) == []
    assert len(_collected(layout, moved)) == len(_PARAGRAPHS)


def test_a_drive_that_is_away_is_neither_forgotten_nor_learned_again(layout: store.Layout, texts: Path) -> None:
    ledger = _learn(layout, _collected(layout, texts))
    away = texts.rename(texts.with_name("away"))

    assert _collected(layout, texts) == []
    assert withdraw(layout) == []
    away.rename(texts)
    (texts / "new.md").write_text(
        "Only this paragraph was written while the drive was somewhere else entirely, I think."
    )

    assert _texts(ledger.new(_collected(layout, texts))) == [(texts / "new.md").read_text()]


def test_the_same_text_in_many_formats_is_learned_once(layout: store.Layout, tmp_path: Path) -> None:
    folder = tmp_path / "formats"
    folder.mkdir()
    for suffix, frame in _IN_ALL_FORMATS.items():
        between = "</p><p>" if suffix == "html" else "\n\n"
        (folder / f"essay.{suffix}").write_text(frame.format(between.join(_PARAGRAPHS)))

    documents = _collected(layout, folder)

    assert sorted(_texts(documents)) == sorted(_PARAGRAPHS)
    ledger = _learn(layout, documents)
    for kept in _IN_ALL_FORMATS:  # whichever is left when the others are gone
        alone = tmp_path / kept
        alone.mkdir()
        os.link(folder / f"essay.{kept}", alone / f"essay.{kept}")
        assert ledger.new(_collected(layout, alone)) == [], kept


@pytest.mark.parametrize("year", [1970, 2100])
def test_a_clock_that_jumps_changes_the_order_and_nothing_else(layout: store.Layout, texts: Path, year: int) -> None:
    ledger = _learn(layout, _collected(layout, texts))
    os.utime(texts / "3.md", ((year - 1970) * 31_557_600, (year - 1970) * 31_557_600))

    documents = _collected(layout, texts)

    assert ledger.new(documents) == []
    assert [one.time for one in documents] == sorted(one.time for one in documents)


def test_a_version_made_under_a_wrong_clock_does_not_hide_the_next(layout: store.Layout, texts: Path) -> None:
    staged = store.private_directory(layout.data / "future")
    version = Version(state="promoted", created="2100-01-01", base=Base(name="default", sha256=""), method="full")
    versions.publish(layout, staged, version)
    future = layout.adapters / "v0001-21000101"
    next(layout.adapters.glob("v0001-*")).rename(future)

    _learn(layout, _collected(layout, texts))

    assert [path.name[:5] for path in sorted(layout.adapters.glob("v*"))] == ["v0001", "v0002"]
