from __future__ import annotations

import pytest

from shadowpen.lsp_server.documents.context import MAX_CHARACTERS, TextWindow, window
from shadowpen.lsp_server.documents.line_index import LineIndex
from shadowpen.lsp_server.documents.positions import Point

PROSE = "".join(
    f"Paragraph {n} says something of its own. It has a second sentence, too, and it is no longer than that.\n\n"
    for n in range(400)
)


def at_end(text: str) -> TextWindow:
    lines = LineIndex(text)
    return window(lines, lines.end())


def test_a_short_document_is_given_whole() -> None:
    lines = LineIndex("Dear\r\nreader,\rgood\u2028bye")
    assert window(lines, Point(1, 2)) == TextWindow("Dear\nre", "ader,\ngood\u2028bye", whole=True)


@pytest.mark.parametrize("line", [0, 1, 60, 130, 400, 700, 799])
def test_no_request_carries_more_than_8000_characters(line: int) -> None:
    context = window(LineIndex(PROSE), Point(line, 0))
    assert MAX_CHARACTERS - 2_600 < len(context.prefix) + len(context.suffix) <= MAX_CHARACTERS


def test_the_side_with_little_text_leaves_its_share_to_the_other() -> None:
    assert len(at_end(PROSE).prefix) > 6_500
    assert len(window(LineIndex(PROSE), Point(0, 0)).suffix) > 7_500


def test_the_window_begins_with_a_paragraph() -> None:
    context = at_end(PROSE)
    assert context.prefix.startswith("Paragraph ")
    assert not context.whole


@pytest.mark.parametrize("unit", ["A sentence without an end of line follows another. ", "word ", "字"])
def test_the_start_of_the_window_moves_in_hops_and_not_with_each_key(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    lines = LineIndex(text)
    starts = []
    for _ in range(1_500):
        end = lines.end()
        lines.replace(end, end, "x")
        starts.append(lines.offset(lines.end()) - len(window(lines, lines.end()).prefix))
    assert len(set(starts)) <= 3


def test_long_lines_are_cut_at_a_sentence_else_at_a_word() -> None:
    assert at_end("It is one line. " * 1_000).prefix.startswith("It is")
    assert at_end("unfinished words " * 1_000).prefix.split(" ")[0] in ("unfinished", "words")


def test_the_text_after_the_cursor_ends_with_a_word() -> None:
    suffix = window(LineIndex(PROSE), Point(400, 0)).suffix
    assert len(suffix) < 3_000
    assert PROSE[PROSE.index(suffix) + len(suffix) - 1].isspace()
