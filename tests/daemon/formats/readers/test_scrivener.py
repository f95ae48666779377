"""Scrivener projects: the draft's texts in order, without trash and research, and nothing outside the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import scrivener

_BINDER = (
    '<BinderItem UUID="AAAA" Type="DraftFolder"><Title>Draft</Title><Children>'
    '<BinderItem UUID="BBBB" Type="Text" Modified="2015-01-02 03:04:05 +0100"><Title>One/Two</Title></BinderItem>'
    '<BinderItem UUID="CCCC" Type="Text"><Title>Three</Title></BinderItem></Children></BinderItem>'
    '<BinderItem UUID="DDDD" Type="ResearchFolder"><Title>Research</Title><Children>'
    '<BinderItem UUID="EEEE" Type="Text"><Title>Found</Title></BinderItem></Children></BinderItem>'
    '<BinderItem UUID="../../secret" Type="Text"><Title>Outside</Title></BinderItem>'
)


def test_the_texts_are_read_in_the_order_of_the_binder(tmp_path: Path) -> None:
    texts = {"BBBB": documents.rtf("First text."), "CCCC": documents.rtf("Second."), "EEEE": documents.rtf("Theirs.")}
    project = documents.scrivener(tmp_path / "Novel.scriv", _BINDER, texts)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "content.rtf").write_bytes(documents.rtf("Outside."))

    found = list(scrivener.read(project, Terms()))

    pieces = [item for item in found if isinstance(item, Piece)]
    assert [piece.text.strip() for piece in pieces] == ["First text.", "Second."]
    assert [piece.name for piece in pieces] == ["Draft/One Two (BBBB)", "Draft/Three (CCCC)"]
    assert pieces[0].date == "2015-01-02T03:04:05+01:00"
    assert LeftOut("research of a Scrivener project", "Research") in found


def test_version_2_keeps_its_texts_by_number(tmp_path: Path) -> None:
    project = documents.scrivener(
        tmp_path / "Old.scriv", '<BinderItem ID="7" Type="Text"><Title>A</Title></BinderItem>', {}
    )
    (project / "Files" / "Docs").mkdir(parents=True)
    (project / "Files" / "Docs" / "7.rtf").write_bytes(documents.rtf("Old text."))

    (piece,) = scrivener.read(project, Terms())

    assert isinstance(piece, Piece) and piece.text.strip() == "Old text."


@pytest.mark.parametrize("binder", ["", "<x/>", '<!DOCTYPE x [<!ENTITY a "b">]><x/>'])
def test_what_is_no_project_has_a_reason(tmp_path: Path, binder: str) -> None:
    (tmp_path / "A.scriv").mkdir()
    if binder:
        (tmp_path / "A.scriv" / "A.scrivx").write_text(binder)
    with pytest.raises(Unreadable):
        list(scrivener.read(tmp_path / "A.scriv", Terms()))
