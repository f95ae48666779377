"""What was typed in place of a suggestion is found where it was shown, and only there."""

from __future__ import annotations

import pytest
from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Documents
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan
from shadowpen.lsp_server.ghost_text.edit_reporter import span_of, text_of
from shadowpen.lsp_server.ghost_text.suggestions import Display, PassedOver

URI = "file:///a.md"


def typed(text: str, after: str = "", until: Point | None = None) -> str | None:
    """What is found in `text`, whose first line began "She went" when something was suggested there."""
    document = Documents().open(types.TextDocumentItem(URI, "markdown", 1, text))
    place = Point(0, 8)
    shown = Display(place, " home", "She went", after)
    passed = PassedOver(shown, TextSpan(Point(0, 0), place), "typed_over", 900, 7.0)
    span = span_of(document, passed, until)
    return text_of(document, span) if span else None


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("She went to the sea.", "", " to the sea."),
        ("She went to the sea.\nIt was late.", "\nIt was late.", " to the sea."),
        ("She went to the sea.\n\nAnother day.", "", " to the sea."),
        ("She went", "", ""),
        ("She went" + " on" * 200, "", (" on" * 200)[:300]),
        ("She went to the sea.", "what followed is gone", None),
        ("He never went to the sea.", "", None),
        ("She", "", None),
    ],
)
def test_it_is_what_stands_there_now(text: str, after: str, expected: str | None) -> None:
    assert typed(text, after) == expected


def test_it_ends_where_the_next_suggestion_begins() -> None:
    assert typed("She went to the sea and back", until=Point(0, 12)) == " to "
    assert typed("She went to", until=Point(0, 3)) is None
