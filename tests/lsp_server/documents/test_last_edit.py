"""lsp_server/documents/last_edit.py: typing, deleting, pasting, undoing."""

from __future__ import annotations

import pytest

from shadowpen.lsp_server.documents.documents import DocumentEdit
from shadowpen.lsp_server.documents.last_edit import LastEdits, kind_of, net_of
from shadowpen.lsp_server.documents.positions import Point


@pytest.mark.parametrize(
    ("removed", "inserted", "kind"),
    [
        ("", "a", "typed"),
        ("", "\n", "typed"),
        ("", "\n    - ", "typed"),
        ("", "()", "typed"),
        ("", "你好世界", "typed"),
        ("teh", "the", "typed"),
        ("a", "", "deleted"),
        ("a whole line", "a whole lin", "deleted"),
        ("a whole lin", "a whole line", "typed"),
        ("aa", "a", "deleted"),
        ("", "gathered keys of a quick writer", "typed"),
        ("", "a sentence that nobody can have typed between two keys, long as it is", "pasted"),
        ("", "two lines\nof text", "pasted"),
        ("", "https://example.org/a/very/long/address", "pasted"),
        ("same", "same", ""),
    ],
)
def test_what_really_came_and_went_counts(removed: str, inserted: str, kind: str) -> None:
    assert kind_of(net_of(DocumentEdit(Point(0, 0), removed, inserted))) == kind


URI = "file:///a.md"


class Line:
    """A line of text; `left` says where the next key left ghost text."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._edits = LastEdits()

    def put(self, text: str, at: int | None = None, *, left: bool = False) -> str:
        at = len(self.text) if at is None else at
        self.text = self.text[:at] + text + self.text[at:]
        return self._edits.judge(URI, DocumentEdit(Point(0, at), "", text), Point(0, at) if left else None)

    def cut(self, start: int, end: int | None = None) -> str:
        end = len(self.text) if end is None else end
        gone, self.text = self.text[start:end], self.text[:start] + self.text[end:]
        return self._edits.judge(URI, DocumentEdit(Point(0, start), gone, ""))

    def backspace(self, times: int) -> list[str]:
        return [self.cut(len(self.text) - 1) for _ in range(times)]


@pytest.mark.parametrize("slip", ["x", "xy", "xyz"])
def test_taking_back_what_left_ghost_text_is_typing_once_all_of_it_is_gone(slip: str) -> None:
    line = Line("The bro")
    for number, letter in enumerate(slip):
        assert line.put(letter, left=not number) == "typed"
    assert line.backspace(len(slip)) == ["deleted"] * (len(slip) - 1) + ["typed"]
    assert line.backspace(1) == ["deleted"]


def test_where_each_key_left_other_ghost_text_each_backspace_leads_back_onto_one() -> None:
    line = Line("The bro")
    line.put("x", left=True)
    line.put("y", left=True)
    assert line.backspace(3) == ["typed", "typed", "deleted"]


def test_a_line_that_is_sent_whole_is_judged_by_what_came_and_went() -> None:
    edits = LastEdits()
    edits.judge(URI, DocumentEdit(Point(0, 0), "The bro", "The broo"), Point(0, 7))
    assert edits.judge(URI, DocumentEdit(Point(0, 0), "The broo", "The bro")) == "typed"


def test_a_longer_deletion_is_no_slip() -> None:
    line = Line("The bro")
    for letter in "wxyz":
        line.put(letter, left=letter == "w")
    assert line.backspace(4) == ["deleted"] * 4


def test_nor_is_one_at_once_or_elsewhere_or_without_ghost_text_left() -> None:
    line = Line("The bro")
    line.put("x", left=True)
    line.put("y")
    assert line.cut(7) == "deleted"
    line.put("x", left=True)
    line.put("-", at=0)
    assert line.backspace(1) == ["deleted"]
    line.put("x")
    assert line.backspace(1) == ["deleted"]


def test_what_comes_back_in_one_piece_where_it_was_is_an_undo_and_so_is_its_redo() -> None:
    line = Line("The quick brown fox")
    assert line.cut(10, 16) == "deleted"
    assert line.put("brown ", at=10) == "undone"
    for letter in " ran":
        line.put(letter)
    assert line.cut(19) == "deleted"
    assert line.put(" ran") == "undone"


def test_letters_taken_out_one_by_one_come_back_as_one() -> None:
    line = Line("The quick brown")
    line.backspace(5)
    assert line.put("brown") == "undone"
    line = Line("The quick brown")
    for _ in range(5):
        line.cut(4, 5)
    assert line.put("quick", at=4) == "undone"


def test_older_steps_are_undone_too_and_what_was_typed_over() -> None:
    line = Line("one two three")
    line.cut(8)
    line.cut(0, 4)
    assert line.put("one ", at=0) == "undone"
    assert line.put("three") == "undone"
    edits = LastEdits()
    assert edits.judge(URI, DocumentEdit(Point(0, 0), "Two words", "X")) == "typed"
    assert edits.judge(URI, DocumentEdit(Point(0, 0), "X", "Two words")) == "undone"


def test_typing_a_letter_again_or_another_word_is_typing() -> None:
    line = Line("The quick brown")
    line.backspace(5)
    assert line.put("b") == "typed"
    line = Line("The quick brown")
    line.cut(10)
    assert line.put("red") == "typed"


def test_a_document_that_was_closed_is_forgotten() -> None:
    edits = LastEdits()
    edits.judge(URI, DocumentEdit(Point(0, 0), "some words", ""))
    edits.close(URI)
    assert edits.judge(URI, DocumentEdit(Point(0, 0), "", "some words")) == "typed"
