"""What was extracted from documents is kept: for the user alone, bounded, and never what may not be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.base import store
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus import extracted
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.corpus.extracted import ExtractedTexts
from shadowpen.daemon.formats.reading import FileReader
from shadowpen.daemon.learning import forgetting
from shadowpen.daemon.learning.forgetting import Wish
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

BOATS = "The boats lay in the harbour that winter, and nobody had thought of rowing out to them before the tide came."
GULLS = "We counted the gulls on the wall until the postman came with the letters, and then we went home for supper."
SECRET = f"{GULLS} The password is hunter22trombone, which nobody should ever read again."


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of documents that were really opened."""
    names: list[str] = []
    really: Callable[..., object] = FileReader.read

    def noting(self: FileReader, path: Path, form: object) -> object:
        names.append(path.name)
        return really(self, path, form)

    monkeypatch.setattr(FileReader, "read", noting)
    return names


@pytest.fixture
def learning(tmp_path: Path) -> LearningSettings:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.docx").write_bytes(documents.docx(BOATS))
    (folder / "b.docx").write_bytes(documents.docx(GULLS))
    return LearningSettings(enabled="on", folders=[str(folder)])


def texts(layout: store.Layout, learning: LearningSettings) -> set[str]:
    return {document.text for document in collect(layout, learning).documents}


def kept(layout: store.Layout) -> bytes:
    folder = extracted.folder_of(layout)
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_document_is_extracted_again_only_when_it_changed(
    layout: store.Layout, learning: LearningSettings, read: list[str]
) -> None:
    first = texts(layout, learning)
    assert texts(layout, learning) == first == {BOATS, GULLS}
    assert read == ["a.docx", "b.docx"]
    Path(learning.folders[0], "a.docx").write_bytes(documents.docx(f"{BOATS} It was cold."))
    assert texts(layout, learning) == {f"{BOATS} It was cold.", GULLS}
    assert read == ["a.docx", "b.docx", "a.docx"]
    assert len(list(extracted.folder_of(layout).iterdir())) == 2, "what it was before is gone"


def test_what_is_kept_is_the_users_alone(layout: store.Layout, learning: LearningSettings) -> None:
    texts(layout, learning)
    folder = extracted.folder_of(layout)
    assert BOATS.encode() in kept(layout)
    assert not any(name.encode() in kept(layout) for name in ("a.docx", learning.folders[0]))
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("enabled", ["off", "ask"])
def test_without_consent_nothing_is_kept(layout: store.Layout, learning: LearningSettings, enabled: str) -> None:
    assert texts(layout, replace(learning, enabled=enabled)) == {BOATS, GULLS}
    assert kept(layout) == b""


def test_what_is_excluded_later_is_kept_no_longer(layout: store.Layout, learning: LearningSettings) -> None:
    texts(layout, learning)
    assert texts(layout, replace(learning, exclude=["*/b.docx"])) == {BOATS}
    assert GULLS.encode() not in kept(layout) and BOATS.encode() in kept(layout)
    assert texts(layout, replace(learning, folders=[])) == set()
    assert kept(layout) == b""


def test_a_document_in_an_archive_that_is_excluded_is_not_kept(layout: store.Layout, tmp_path: Path) -> None:
    (tmp_path / "t.zip").write_bytes(
        documents.zipped({"Takeout/Drive/a.docx": documents.docx(BOATS), "Takeout/Drive/b.docx": documents.docx(GULLS)})
    )
    learning = LearningSettings(enabled="on", folders=[str(tmp_path)], exclude=["*/b.docx"])
    assert texts(layout, learning) == texts(layout, learning) == {BOATS}
    assert BOATS.encode() in kept(layout) and GULLS.encode() not in kept(layout)


def test_a_document_with_a_secret_is_extracted_each_time(
    layout: store.Layout, learning: LearningSettings, read: list[str]
) -> None:
    Path(learning.folders[0], "b.docx").write_bytes(documents.docx(SECRET))
    assert texts(layout, learning) == texts(layout, learning)
    assert read == ["a.docx", "b.docx", "b.docx"]
    assert b"hunter22" not in kept(layout)


def test_what_was_forgotten_is_not_kept_and_does_not_come_back(
    layout: store.Layout, learning: LearningSettings
) -> None:
    texts(layout, learning)
    wish = Wish(phrase=" ".join(GULLS.split()[:8]))
    forgetting.carry_out(layout, forgetting.plan(layout, learning, wish))
    assert kept(layout) == b""
    texts(layout, learning)
    assert b"gulls" not in kept(layout) and BOATS.encode() in kept(layout)


def test_what_is_kept_has_a_bound(layout: store.Layout, learning: LearningSettings, read: list[str]) -> None:
    folder = extracted.folder_of(layout)

    def reading(most_bytes: int) -> None:
        from shadowpen.daemon.corpus.corpus import gather

        gather(layout, learning, ForgottenTexts(), ExtractedTexts(folder, (), ForgottenTexts(), most_bytes))

    reading(200)
    assert len(list(folder.iterdir())) == 1 and len(kept(layout)) <= 200
    reading(200)
    assert read == ["a.docx", "b.docx", "b.docx"]


@pytest.mark.parametrize("damage", [b"", b"\xff\xff", b"\x91\x01"])
def test_a_damaged_file_is_extracted_again(
    layout: store.Layout, learning: LearningSettings, read: list[str], damage: bytes
) -> None:
    texts(layout, learning)
    for path in extracted.folder_of(layout).iterdir():
        path.write_bytes(damage)
    assert texts(layout, learning) == {BOATS, GULLS}
    assert texts(layout, learning) == {BOATS, GULLS}
    assert read == ["a.docx", "b.docx"] * 2


def test_a_document_whose_reader_failed_is_tried_again(
    layout: store.Layout, learning: LearningSettings, read: list[str]
) -> None:
    Path(learning.folders[0], "b.docx").write_bytes(b"PK\x03\x04 and no more")
    assert texts(layout, learning) == texts(layout, learning) == {BOATS}
    assert read == ["a.docx", "b.docx", "b.docx"]


def test_what_a_reading_kept_that_had_begun_before_it_was_forgotten_goes_with_the_next(
    layout: store.Layout, learning: LearningSettings, read: list[str]
) -> None:
    texts(layout, learning)
    old = {path: path.read_bytes() for path in extracted.folder_of(layout).iterdir()}
    forgetting.carry_out(layout, forgetting.plan(layout, learning, Wish(phrase=GULLS)))
    for path, content in old.items():
        store.write_atomic(path, content)
    read.clear()
    assert texts(layout, learning) == {BOATS}
    assert read == ["b.docx"] and b"gulls" not in kept(layout)
