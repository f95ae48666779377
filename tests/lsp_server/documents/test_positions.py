from __future__ import annotations

import pytest

from shadowpen.lsp_server.documents.positions import Encoding, Point, column_of, units_of

LINE = "Größe 🥸 你好 שלום\t\u2028\x0c\x85 end"


@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_column_survives_the_way_to_the_client_and_back(encoding: Encoding) -> None:
    for column in range(len(LINE) + 1):
        assert column_of(LINE, units_of(LINE, column, encoding), encoding) == column


@pytest.mark.parametrize(
    ("encoding", "units"), [(Encoding.UTF8, len("Größe 🥸".encode())), (Encoding.UTF16, 8), (Encoding.UTF32, 7)]
)
def test_units_are_bytes_utf16_units_or_code_points(encoding: Encoding, units: int) -> None:
    assert units_of(LINE, 7, encoding) == units
    assert column_of(LINE, units, encoding) == 7


@pytest.mark.parametrize(("encoding", "inside"), [(Encoding.UTF8, 10), (Encoding.UTF16, 7)])
def test_a_count_inside_a_character_moves_to_its_start(encoding: Encoding, inside: int) -> None:
    assert column_of(LINE, inside, encoding) == 6


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("line", ["", "plain", LINE])
def test_counts_outside_the_line_stop_at_its_ends(encoding: Encoding, line: str) -> None:
    assert column_of(line, 10_000_000, encoding) == len(line)
    assert column_of(line, -3, encoding) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Point(2, 5)),
        ("ab", Point(2, 7)),
        ("a\nbc", Point(3, 2)),
        ("a\r\nb\rc\n", Point(5, 0)),
        ("\u2028\x0c\x85", Point(2, 8)),
    ],
)
def test_the_place_behind_inserted_text(text: str, expected: Point) -> None:
    assert Point(2, 5).after(text) == expected
