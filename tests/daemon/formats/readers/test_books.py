"""EPUB books: chapters in order as one text, nothing that is encrypted or unpacks without end."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import books

_TERMS = Terms()


def read(tmp_path: Path, content: bytes, terms: Terms = _TERMS) -> list[Piece | LeftOut]:
    path = tmp_path / "a.epub"
    path.write_bytes(content)
    return list(books.epub(path, terms))


def test_the_chapters_are_one_text_without_contents_and_note_marks(tmp_path: Path) -> None:
    chapters = ["<h1>One</h1><p>It was <i>dark</i>.<sup>1</sup></p><script>x()</script>", "<p>Two &amp; a half</p>"]

    (piece,) = read(tmp_path, documents.epub(chapters))

    assert isinstance(piece, Piece)
    assert piece.text == "# One\n\nIt was *dark*.\n\nTwo & a half"
    assert piece.date == "2017-05-06"


def test_a_broken_chapter_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    huge = "<p>" + " " * 1_500_000 + "</p>"

    found = read(tmp_path, documents.epub(["<p>One</p>", huge, "<p>Three</p>"]), Terms(unpacked_bytes=1_000_000))

    assert found[0] == LeftOut("unpacks to more than 1 MB", "OEBPS/text/1.xhtml")
    assert isinstance(found[1], Piece) and found[1].text == "One\n\nThree"


def test_many_chapters_are_bounded_together(tmp_path: Path) -> None:
    chapter = "<p>word</p>" + " " * 400_000

    found = read(tmp_path, documents.epub([chapter] * 5), Terms(unpacked_bytes=1_000_000))

    assert isinstance(found[-1], Piece) and found[-1].text.count("word") == 2
    assert [type(item) for item in found] == [LeftOut, Piece]


def test_an_encrypted_book_has_a_reason(tmp_path: Path) -> None:
    told = (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherReference URI="OEBPS/text/0.xhtml"/>'
        "</encryption>"
    )
    with pytest.raises(Unreadable, match="encrypted"):
        read(tmp_path, documents.epub(["<p>One</p>"], members={"META-INF/encryption.xml": told}))


def test_chapters_nested_without_end_are_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, documents.epub(["<div>" * 20_000 + "deep", "<p>Flat</p>"]))

    assert isinstance(found[-1], Piece) and found[-1].text.endswith("Flat")


@pytest.mark.parametrize("content", [b"no archive", documents.zipped({"a": "b"})])
def test_what_is_no_book_has_a_reason(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="damaged, or not what its name says"):
        read(tmp_path, content)


def test_a_chapter_whose_bytes_are_damaged_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    book = bytearray(documents.epub(["<p>The first chapter is here.</p>", f"<p>{'The second one is long. ' * 99}</p>"]))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        damaged = next(member for member in archive.infolist() if "1.xhtml" in member.filename)
    assert damaged.compress_type == zipfile.ZIP_DEFLATED
    start = damaged.header_offset + 30 + len(damaged.filename)
    book[start : start + 30] = b"\xff" * 30
    left_out, piece = read(tmp_path, bytes(book))
    assert isinstance(left_out, LeftOut) and left_out.reason == "damaged, or not what its name says"
    assert isinstance(piece, Piece) and "The first chapter" in piece.text
