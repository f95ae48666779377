from __future__ import annotations

import random

import pytest

from shadowpen.lsp_server.documents.line_index import LineIndex, split_lines
from shadowpen.lsp_server.documents.positions import Point


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one", ["one"]),
        ("one\n", ["one\n", ""]),
        ("a\r\nb\rc\nd", ["a\r\n", "b\r", "c\n", "d"]),
        ("\r\r\n\n", ["\r", "\r\n", "\n", ""]),
        ("a\u2028b\u2029c\x0cd\x0be\x85f\x1cg", ["a\u2028b\u2029c\x0cd\x0be\x85f\x1cg"]),
        ("a\u2028\r\nb", ["a\u2028\r\n", "b"]),
    ],
)
def test_lines_end_where_the_protocol_says_and_nowhere_else(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


PIECES = ["a", "Größe", "🥸", "\n", "\r", "\r\n", "\n\r", "\u2028", "\x0c", "", "two words ", "\t"]


@pytest.mark.parametrize("seed", range(40))
def test_edits_leave_the_same_lines_as_splitting_the_edited_text(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(rng.choices(PIECES, k=20))
    index = LineIndex(text)
    for _ in range(60):
        start, end = sorted((_some_place(rng, index), _some_place(rng, index)))
        first, last = _offset(index, start), _offset(index, end)
        piece = "".join(rng.choices(PIECES, k=rng.randrange(4)))
        assert index.replace(start, end, piece) == text[first:last]
        text = text[:first] + piece + text[last:]
        assert index.text() == text
        assert [index.line(n) for n in range(len(index))] == [line.rstrip("\r\n") for line in split_lines(text)]
        assert (index.characters, index.utf8_bytes) == (len(text), len(text.encode()))
        place = _some_place(rng, index)
        offset = _offset(index, place)
        assert index.offset(place) == offset
        limit = rng.randrange(40)
        assert index.before(place, limit) == text[max(0, offset - limit) : offset]
        assert index.after(place, limit) == text[offset : offset + limit]


def _some_place(rng: random.Random, index: LineIndex) -> Point:
    line = rng.randrange(len(index))
    return Point(line, rng.randint(0, len(index.line(line))))


def _offset(index: LineIndex, place: Point) -> int:
    return sum(map(len, split_lines(index.text())[: place.line])) + place.column


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Point(-1, 4), Point(0, 0)),
        (Point(0, 99), Point(0, 5)),
        (Point(1, -7), Point(1, 0)),
        (Point(9, 0), Point(1, 3)),
    ],
)
def test_places_outside_the_text_are_moved_to_the_nearest_inside(place: Point, expected: Point) -> None:
    assert LineIndex("first\r\ntwo").clamp(place) == expected


def test_an_edit_touches_only_the_lines_it_is_in() -> None:
    """What keeps a key cheap in a large document: the other lines stay the very same objects."""
    index = LineIndex("\n".join(f"line number {n}" for n in range(20_000)))
    before = list(index._lines)
    index.replace(Point(10_000, 4), Point(10_000, 4), "x\ny")
    after = index._lines
    assert all(one is other for one, other in zip(before[:10_000], after[:10_000], strict=True))
    assert all(one is other for one, other in zip(before[10_001:], after[10_002:], strict=True))
