"""OpenDocument texts: headings, paragraphs and lists stay; notes, comments, indexes and deletions go."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.formats.pieces import Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import opendocument


def odt(tmp_path: Path, content: bytes) -> Piece:
    path = tmp_path / "a.odt"
    path.write_bytes(content)
    (piece,) = opendocument.read(path, Terms())
    return piece


def test_what_the_author_wrote_is_read(tmp_path: Path) -> None:
    piece = odt(
        tmp_path,
        documents.odt(
            '<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h text:outline-level="2">Boats'
            '</text:h><text:p>One<text:s text:c="2"/><text:span>two</text:span><text:note><text:p>note</text:p>'
            "</text:note> *three*.<office:annotation><text:p>comment</text:p></office:annotation></text:p>"
            '<text:p text:style-name="P1">Somebody said.</text:p><text:table-of-content><text:p>Boats 3</text:p>'
            "</text:table-of-content><table:table><table:table-row><table:table-cell><text:p>cell</text:p>"
            "</table:table-cell></table:table-row></table:table><text:list><text:list-item><text:p>oars</text:p>"
            "</text:list-item><text:list-item><text:p>sails</text:p></text:list-item></text:list>"
            "<text:section><text:p>In a section.</text:p></text:section>"
        ),
    )

    assert piece.text == "## Boats\n\nOne  two *three*.\n\n> Somebody said.\n\n- oars\n- sails\n\nIn a section."
    assert piece.date == "2018-02-03T04:05:06"


def test_an_encrypted_document_has_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="encrypted"):
        odt(tmp_path, documents.odt("<text:p>One.</text:p>", encrypted=True))


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "boats">]><x>&a;</x>'
    with pytest.raises(Unreadable, match="entities"):
        odt(tmp_path, documents.zipped({"content.xml": bomb}))


def test_a_spreadsheet_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not a text document"):
        odt(tmp_path, documents.zipped({"content.xml": "<x/>"}))


def test_lists_within_lists_end_somewhere(tmp_path: Path) -> None:
    deep = "<text:list><text:list-item>" * 120 + "<text:p>deep</text:p>" + "</text:list-item></text:list>" * 120
    assert odt(tmp_path, documents.odt(deep + "<text:p>Flat.</text:p>")).text.endswith("Flat.")
