"""PDF: paragraphs from lines, without running heads; encrypted, damaged and scanned ones have a reason."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest
from support import documents

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import pdf

_NUMBERS = ("first", "second", "third", "fourth", "fifth")
_PAGES = [
    [
        "The Book of Boats",
        f"On the {number} page the boats lay in the old har-",
        "bour, and nobody wanted to row out to them before",
        "the tide.",
        f"Then the {number} boat went out with all its oars, and",
        f"came back. {place}",
        str(place),
    ]
    for place, number in enumerate(_NUMBERS, 1)
]
_TERMS = Terms()


def read(tmp_path: Path, content: bytes, terms: Terms = _TERMS) -> list[Piece | LeftOut]:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    return list(pdf.read(path, terms))


def test_lines_become_paragraphs_again(tmp_path: Path) -> None:
    (piece,) = read(tmp_path, documents.pdf(_PAGES))

    assert isinstance(piece, Piece)
    paragraphs = piece.text.split("\n\n")
    assert paragraphs[0] == (
        "On the first page the boats lay in the old harbour, and nobody wanted to row out to them before the tide."
    )
    assert "Book of Boats" not in piece.text
    assert piece.suffix == ".txt"
    assert piece.date.startswith("2016-07-08T09:00:00")


def test_a_wider_gap_ends_a_paragraph_and_a_sentence_goes_on_across_one(tmp_path: Path) -> None:
    page = [
        "The boats lay in the old harbour all that winter long",
        "and nobody had thought of them in all those months so",
        "that they were grey.",
        "",
        "Nobody wanted to row out to them before the tide came",
        "",
        "in, and then it was too late to do anything about them.",
    ]

    (piece,) = read(tmp_path, documents.pdf([page]))

    assert isinstance(piece, Piece)
    assert piece.text.split("\n\n") == [" ".join(page[:3]), f"{page[4]} {page[6]}"]


def test_pages_beyond_the_limit_are_told(tmp_path: Path) -> None:
    left_out, piece = read(tmp_path, documents.pdf(_PAGES), Terms(pages=2))

    assert isinstance(piece, Piece) and "second" in piece.text and "third" not in piece.text
    assert left_out == LeftOut("pages beyond the first 2")


def test_an_encrypted_document_has_a_reason_and_one_without_password_is_read(tmp_path: Path) -> None:
    (tmp_path / "plain.pdf").write_bytes(documents.pdf(_PAGES))
    for password in ("secret", ""):
        writer = pypdf.PdfWriter(tmp_path / "plain.pdf")
        writer.encrypt(user_password=password, owner_password="other", algorithm="RC4-128")
        writer.write(tmp_path / f"locked{password}.pdf")

    with pytest.raises(Unreadable, match="encrypted"):
        read(tmp_path, (tmp_path / "lockedsecret.pdf").read_bytes())
    assert any(isinstance(item, Piece) for item in read(tmp_path, (tmp_path / "locked.pdf").read_bytes()))


def test_a_scan_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no text layer"):
        read(tmp_path, documents.pdf([[], []]))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\n%%EOF", b"\0" * 10_000, documents.pdf(_PAGES)[:200]])
def test_a_damaged_document_has_a_reason(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        read(tmp_path, content)
