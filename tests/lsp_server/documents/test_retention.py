import pytest
from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Document, Documents
from shadowpen.lsp_server.documents.positions import Place
from shadowpen.lsp_server.documents.retention import Retention

URI = "file:///essay.md"
TAKEN = "quick brown fox"


class Desk:
    """A document in which TAKEN was accepted after "The "."""

    def __init__(self) -> None:
        self.document: Document = Documents().open(
            types.TextDocumentItem(URI, "markdown", 1, f"Intro.\n\nThe {TAKEN} jumps.\n")
        )
        self.retention = Retention()
        self.retention.follow("g", URI, Place(2, 4), Place(2, 4 + len(TAKEN)))

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        span = types.Range(types.Position(*start), types.Position(*end))
        change = types.TextDocumentContentChangePartial(span, text)
        self.retention.changed(URI, self.document.apply(change))

    @property
    def kept(self) -> str | None:
        return self.retention.kept("g", self.document)


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


def test_more_taken_of_the_same_suggestion_lengthens_it(desk: Desk) -> None:
    desk.retention.follow("g", URI, Place(2, 4 + len(TAKEN)), Place(2, 25))
    assert desk.kept == TAKEN + " jumps"


def test_edits_of_other_documents_do_not_matter(desk: Desk) -> None:
    other = Documents().open(types.TextDocumentItem("file:///other.md", "markdown", 1, "x\n"))
    change = types.TextDocumentContentChangePartial(types.Range(types.Position(0, 0), types.Position(0, 1)), "\n\n\n")
    desk.retention.changed(other.uri, other.apply(change))
    assert desk.kept == TAKEN


def test_what_is_dropped_is_not_followed(desk: Desk) -> None:
    assert desk.retention.of(URI) == ["g"]
    desk.retention.drop("g")
    assert desk.kept is None
    assert desk.retention.of(URI) == []
