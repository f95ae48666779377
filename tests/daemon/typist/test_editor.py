"""The benchmark's document knows where its cursor is."""

from __future__ import annotations

from lsprotocol.types import Position

from shadowpen.daemon.typist.editor import EditedDocument


def test_keys_and_whole_paragraphs_go_in_at_the_cursor() -> None:
    document = EditedDocument("file:///a.md", "one\nthree")
    assert document.position() == Position(1, 5)
    document.move(0, 3)
    document.insert("!")
    document.insert("\n\ntwo")
    document.insert(".")
    assert document.lines == ["one!", "", "two.", "three"]
    assert document.position() == Position(2, 4)


def test_positions_count_what_the_protocol_counts() -> None:
    document = EditedDocument("file:///a.md", "𝒳 é")
    assert document.position() == Position(0, 4)
    document.insert("🥸")
    assert document.position() == Position(0, 6)
