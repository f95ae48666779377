import pytest
from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan

URI = "file:///essay.md"
TAKEN = "quick brown fox"


class Desk:
    """A document in which TAKEN was accepted after "The "."""

    def __init__(self) -> None:
        self.document: OpenDocument = Documents().open(
            types.TextDocumentItem(URI, "markdown", 1, f"Intro.\n\nThe {TAKEN} jumps.\n")
        )
        self.span = TextSpan(Point(2, 4), Point(2, 4 + len(TAKEN)))

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        span = types.Range(types.Position(*start), types.Position(*end))
        change = types.TextDocumentContentChangePartial(span, text)
        self.span.move(self.document.apply(change))

    @property
    def kept(self) -> str:
        return self.span.text(self.document)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("start", "end", "text", "kept"),
    [
        ((0, 0), (0, 0), "# Title\n\n", TAKEN),
        ((0, 0), (2, 0), "", TAKEN),
        ((2, 0), (2, 3), "Every", TAKEN),
        ((2, 4), (2, 4), "very ", TAKEN),
        ((2, 19), (2, 19), "es", TAKEN),
        ((3, 0), (3, 0), "More.\n", TAKEN),
        ((2, 10), (2, 15), "red", "quick red fox"),
        ((2, 9), (2, 9), ",\nold,", "quick,\nold, brown fox"),
        ((2, 4), (2, 10), "", "brown fox"),
        ((2, 13), (2, 26), "", "quick bro"),
        ((2, 0), (3, 0), "", ""),
        ((2, 10), (2, 19), "🐱 cat", "quick 🐱 cat"),
    ],
)
def test_what_is_kept_follows_every_edit(
    desk: Desk, start: tuple[int, int], end: tuple[int, int], text: str, kept: str
) -> None:
    desk.edit(start, end, text)
    assert desk.kept == kept
