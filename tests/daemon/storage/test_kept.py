"""How much of a text stands in a later one, in words and in letters."""

from __future__ import annotations

import pytest

from shadowpen.daemon.storage.kept import edit_distance, kept_characters, verbatim


@pytest.mark.parametrize(
    ("taken", "later", "edits"),
    [
        ("kitten", "sitting", 3),
        ("", "abc", 3),
        ("the same", "the same", 0),
        ("the sea", "the green sea", 6),
        ("x" * 1000, "y" * 900, 1000),  # long passages that differ: an upper bound
        ("a" + "x" * 5000, "b" + "x" * 5000, 1),
    ],
)
def test_letters_changed(taken: str, later: str, edits: int) -> None:
    assert edit_distance(taken, later) == edit_distance(later, taken) == edits


def test_no_more_is_kept_than_was_taken() -> None:
    assert kept_characters(" and so on.", " and so on. And so on. And so on.") <= len(" and so on.")
    assert kept_characters(" and so on.", "") == 0


@pytest.mark.parametrize(
    ("suggested", "text", "expected"),
    [
        ("of the sea", "of the sea", ["of the sea"]),
        ("of the sea", "of the blue sea", ["of the"]),
        ("of the sea", "on a boat", []),
        ("of the sea", "", []),
        ("sea", "sea", ["sea"]),
        (" of the sea.", " of the sea, quite", [" of the"]),
    ],
)
def test_what_is_verbatim(suggested: str, text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in verbatim(suggested, text)] == expected
