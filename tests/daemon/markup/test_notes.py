"""daemon/markup/notes.py: what counts as one note."""

from __future__ import annotations

import pytest

from shadowpen.daemon.markup.notes import split_notes


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "meeting moved to friday, bring the budget, ask Tom",
            ["meeting moved to friday", "bring the budget", "ask Tom"],
        ),
        ("- one thing\n* another thing\n3. a third\n", ["one thing", "another thing", "a third"]),
        ("rain; wind; snow", ["rain", "wind", "snow"]),
        (
            "They met on Friday to talk about it.",
            ["They met on Friday to talk about it."],
        ),
        ("word", ["word"]),
        ("  \n ", []),
        ("cost 1,500 pounds, paid", ["cost 1,500 pounds", "paid"]),
    ],
)
def test_notes_are_told_apart(text: str, notes: list[str]) -> None:
    assert split_notes(text) == notes
