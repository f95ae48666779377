"""Folders with documents, mail and archives among the texts: what is read, dated, left out and why."""

from __future__ import annotations

import errno
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support import documents

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.corpus import Corpus, read_alone
from shadowpen.daemon.corpus.folders import Report, read_file
from shadowpen.daemon.formats import table
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

_NAMES = str.split("word open rich book sheet cell letter takeout binder scene card note")
_SENTENCES = {
    name: f"The {name} lay in the harbour that winter, and nobody had thought of rowing out to it before the tide came."
    for name in (
        "word",
        "open",
        "rich",
        "book",
        "sheet",
        "cell",
        "letter",
        "takeout",
        "binder",
        "scene",
        "card",
        "note",
    )
}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """One file of each format, each with one sentence."""
    folder = tmp_path / "texts"
    folder.mkdir()
    said = _SENTENCES
    cells = [{"cell_type": "markdown", "source": said["cell"]}, {"cell_type": "code", "source": "import os"}]
    files: dict[str, bytes] = {
        "a.docx": documents.docx(said["word"]),
        "a.odt": documents.odt(f"<text:p>{said['open']}</text:p>"),
        "a.rtf": documents.rtf(said["rich"]),
        "a.epub": documents.epub([f"<p>{said['book']}</p>"]),
        "a.pdf": documents.pdf([[said["sheet"]]]),
        "a.ipynb": json.dumps({"cells": cells}).encode(),
        "Sent.mbox": documents.mbox(documents.mail(said["letter"])),
        "t.zip": documents.zipped({"Takeout/Drive/a.docx": documents.docx(said["takeout"])}),
        "a.fountain": f"Title: Boats\n\nINT. BOAT - DAY\n\n{said['scene']}\n\nANNA\nWe row.\n".encode(),
        "vault/board.canvas": json.dumps({"nodes": [{"type": "text", "text": said["card"]}]}).encode(),
        "vault/note.md": said["note"].encode(),
        "vault/sketch.excalidraw.md": b"drawing",
        "vault/.obsidian/templates.json": b'{"folder": "Templates"}',
        "vault/Templates/daily.md": b"A template for the day, which nobody wrote by hand every single time.",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    binder = '<BinderItem UUID="AB" Type="Text" Modified="2015-01-02 03:04:05 +0100"><Title>One</Title></BinderItem>'
    documents.scrivener(folder / "N.scriv", binder, {"AB": documents.rtf(said["binder"])})
    return folder


def learn(texts: Path, forgotten: ForgottenTexts | None = None, **settings: list[str]) -> Corpus:
    return read_alone(str(texts), LearningSettings(**settings), forgotten or ForgottenTexts())  # type: ignore[arg-type]


def test_every_format_is_read_and_dated(texts: Path) -> None:
    corpus = learn(texts)

    said = " ".join(document.text for document in corpus.documents)
    assert [name for name, sentence in _SENTENCES.items() if sentence not in said] == []
    days = {
        str(Path(document.origin).relative_to(texts)): datetime.fromtimestamp(document.time, UTC).date().isoformat()
        for document in corpus.documents
    }
    assert days["a.docx"] == "2019-03-04"
    assert days["a.odt"] == "2018-02-03"
    assert days["a.epub"] == "2017-05-06"
    assert days["a.pdf"] == "2016-07-08"
    assert days["N.scriv/One (AB)"] == "2015-01-02"
    assert days["t.zip/Takeout/Drive/a.docx"] == "2019-03-04"
    assert any(name.startswith("Sent.mbox/2019-03-04 ") for name in days)
    assert corpus.report.files == {"a drawing": 1, "template of an Obsidian vault": 1}


def test_what_is_in_a_document_is_cleaned_as_any_text(texts: Path) -> None:
    for path in list(texts.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    secret = "sk-proj-abcdefghijklmnopqrstuvwx1234"
    (texts / "a.docx").write_bytes(documents.docx(f"{_SENTENCES['word']} {secret}", "Quote: Somebody else said that."))

    (document,) = learn(texts).documents

    assert secret not in document.text and "Somebody" not in document.text
    assert "The word lay" in document.text


def test_settings_hold_for_files_and_for_what_is_in_them(texts: Path) -> None:
    (texts / "t.zip").write_bytes(
        documents.zipped(
            {f"Takeout/{name}": _SENTENCES["takeout"] for name in ("passwords.txt", "diary/a.txt", "b.txt")}
        )
    )

    corpus = learn(texts, exclude=["*.pdf", "diary"], private_folders=[str(texts / "vault")])

    said = " ".join(document.text for document in corpus.documents)
    assert _SENTENCES["sheet"] not in said and _SENTENCES["card"] not in said
    origins = [document.origin for document in corpus.documents if "t.zip" in document.origin]
    assert origins == [str(texts / "t.zip/Takeout/b.txt")]
    assert corpus.report.files["its name says that it may hold secrets"] == 1
    assert corpus.report.files["excluded by your settings"] == 2


def test_own_addresses_open_every_mailbox(texts: Path) -> None:
    mine, theirs = documents.mail(_SENTENCES["letter"]), documents.mail("Theirs.", sender="you@example.org")
    (texts / "Sent.mbox").rename(texts / "All.mbox")
    (texts / "All.mbox").write_bytes(documents.mbox(mine, theirs))

    closed, opened = learn(texts), learn(texts, own_addresses=["me@example.org"])

    assert closed.report.files["mail that may be from others (name your addresses)"] == 2
    assert opened.report.files["mail from others"] == 1
    assert _SENTENCES["letter"] in " ".join(document.text for document in opened.documents)


def test_one_file_alone_gives_its_texts(texts: Path) -> None:
    def said(name: str) -> list[str]:
        return [found.text for found in read_file(texts / name, LearningSettings(), Report())]

    assert said("a.docx") == [_SENTENCES["word"]]
    assert said("t.zip") == [_SENTENCES["takeout"]]
    assert said("none.docx") == []


def test_a_missing_library_is_one_sentence_for_its_kind(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = table.find_spec
    monkeypatch.setattr(table, "find_spec", lambda name: None if name == "pypdf" else real(name))
    (texts / "b.pdf").write_bytes(documents.pdf([["Another one."]]))

    report = learn(texts).report

    assert report.files["needs a package that is not installed"] == 2
    assert report.needs == {"PDF documents": ["pypdf"]}
    assert report.needed().startswith("Left out because packages are missing: PDF documents. To include them: ")
    assert report.needed().endswith("install pypdf")


def test_bombs_and_broken_files_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    bomb = documents.docx("Text.", members={"word/document.xml": b" " * 100_000_000})
    entities = '<!DOCTYPE x [<!ENTITY a "b">' + "".join(f'<!ENTITY a{n} "&a;&a;">' for n in range(99)) + "]><x/>"
    files = {
        "bomb.docx": bomb,
        "entities.docx": documents.docx("Text.", members={"word/document.xml": entities}),
        "broken.docx": documents.docx("Text.")[:300],
        "broken.epub": b"PK",
        "empty.docx": b"",
        "broken.pdf": b"%PDF-1.7 and no more",
        "code.zip": documents.zipped({"a.txt": "x"}),
        "good.docx": documents.docx(_SENTENCES["word"]),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with (folder / "huge.pdf").open("wb") as file:
        file.truncate(100_000_000)

    corpus = learn(folder)

    assert [document.text for document in corpus.documents] == [_SENTENCES["word"]]
    assert corpus.report.files == {
        "unpacks to more than 64 MB": 1,
        "defines XML entities, which are not allowed": 1,
        "damaged, or not what its name says": 3,
        "empty": 1,
        "an archive, but not one of Google Takeout": 1,
        "too large": 1,
    }


def test_a_closed_folder_does_not_keep_the_others_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that may be listed and not entered, nothing can be looked at."""
    for folder in ("open", "closed/inner"):
        (tmp_path / "texts" / folder).mkdir(parents=True)
    (tmp_path / "texts" / "open" / "a.md").write_text(_SENTENCES["note"])
    look = os.stat

    def closed(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
        if str(path).startswith(str(tmp_path / "texts" / "closed" / "i")):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, *arguments, **named)

    monkeypatch.setattr(os, "stat", closed)
    assert [document.text for document in learn(tmp_path / "texts").documents] == [_SENTENCES["note"]]
    assert learn(tmp_path / "texts" / "closed" / "inner").report.folders == {"not there": 1}
