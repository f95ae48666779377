"""lsp_server/last_edit.py: typing, deleting, pasting."""

from __future__ import annotations

import pytest

from shadowpen.lsp_server.documents import Edit
from shadowpen.lsp_server.last_edit import kind_of
from shadowpen.lsp_server.positions import Place


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
    assert kind_of(Edit(Place(0, 0), removed, inserted)) == kind
