"""Word and RTF documents: what the author wrote, dated, and nothing that would unpack without end."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.formats.pieces import Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import office

_BOMB = '<!DOCTYPE x [<!ENTITY a "boats"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
_TERMS = Terms()


def word(tmp_path: Path, content: bytes, terms: Terms = _TERMS) -> Piece:
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    (piece,) = office.word(path, terms)
    return piece


def test_a_word_document_is_read_as_its_author_left_it(tmp_path: Path) -> None:
    changed = (
        "<w:p><w:r><w:t>The tide was </w:t></w:r><w:del><w:r><w:delText>high</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>low</w:t></w:r></w:ins></w:p>"
    )
    piece = word(
        tmp_path,
        documents.docx(
            "Heading1: Boats", "The *boat* was grey_blue & <old>.", "Quote: Somebody said.", "TOC1: Boats 3", changed
        ),
    )

    assert piece.text == "# Boats\n\nThe *boat* was grey_blue & <old>.\n\n> Somebody said.\n\nThe tide was low"
    assert (piece.name, piece.suffix, piece.date) == ("", ".md", "2019-03-04T10:00:00Z")


def test_tables_of_word_are_tables_of_markdown(tmp_path: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc>"
    piece = word(tmp_path, documents.docx("Before.", f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>", "After."))

    assert all(line.startswith("|") for line in piece.text.split("\n") if "cell" in line)


@pytest.mark.parametrize("part", ["word/styles.xml", "docProps/core.xml", "word/document.xml"])
def test_entities_are_never_expanded(tmp_path: Path, part: str) -> None:
    with pytest.raises(Unreadable, match="entities"):
        word(tmp_path, documents.docx("Text.", members={part: _BOMB}))


def test_a_document_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = documents.docx("Text.", members={"word/comments.xml": b" " * 3_000_000})
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))

    assert len(content) < 10_000
    with pytest.raises(Unreadable, match="unpacks to more than 1 MB"):
        word(tmp_path, content, Terms(unpacked_bytes=1_000_000))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04 and no more", "damaged, or not what its name says"),
        (b"", "damaged, or not what its name says"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted, or in an old format"),
    ],
)
def test_what_is_no_word_document_has_a_reason(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        word(tmp_path, content)


def test_rich_text_is_read_by_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(documents.rtf("The “first” paragraph – été.", "The second."))

    (piece,) = office.rich_text(path, Terms())

    assert piece.text.strip().split("\n\n") == ["The “first” paragraph – été.", "The second."]
    assert piece.suffix == ".txt"


@pytest.mark.parametrize(
    ("told", "date"),
    [
        (rb"{\creatim\yr2003\mo2\dy1\hr9\min5}", "2003-02-01"),
        (rb"{\creatim\yr2003\mo2\dy1}{\revtim\yr2004\mo12\dy31\hr9}", "2004-12-31"),
        (rb"{\creatim\yr2003}", ""),
    ],
)
def test_rich_text_says_when_it_was_written(told: bytes, date: str) -> None:
    content = documents.rtf("A text.").replace(b"{\\rtf1", b"{\\rtf1{\\info" + told + b"}", 1)

    assert office.of_rich_text(content, Terms()).date == date


def test_rich_text_that_is_none_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(b"plain text")
    with pytest.raises(Unreadable, match="damaged"):
        list(office.rich_text(path, Terms()))
