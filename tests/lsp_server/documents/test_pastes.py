"""What came from elsewhere is told from what was written, however the text around it changes."""

from __future__ import annotations

from lsprotocol import types

from shadowpen.lsp_server.documents.documents import DocumentEdit, Documents, OpenDocument
from shadowpen.lsp_server.documents.pastes import Pastes
from shadowpen.lsp_server.documents.positions import Point

URI = "file:///a.md"
FOREIGN = "a sentence that somebody else wrote"


class Desk:
    def __init__(self, text: str) -> None:
        self.pastes = Pastes()
        self.document: OpenDocument = Documents().open(types.TextDocumentItem(URI, "markdown", 1, text))

    def edit(self, start: int, end: int, text: str) -> DocumentEdit:
        span = types.Range(types.Position(0, start), types.Position(0, end))
        edit = self.document.apply(types.TextDocumentContentChangePartial(range=span, text=text))
        self.pastes.changed(URI, edit)
        return edit

    def before(self, column: int) -> str:
        place = Point(0, column)
        return self.pastes.written_before(self.document, place, self.document.lines.before(place, 1_000))


def test_only_what_was_written_since_the_paste_is_the_authors() -> None:
    desk = Desk("Mine. ")
    assert desk.pastes.add(URI, desk.edit(6, 6, FOREIGN))
    desk.edit(6 + len(FOREIGN), 6 + len(FOREIGN), " and mine")

    assert desk.before(6 + len(FOREIGN) + 9) == " and mine"
    assert desk.before(6) == "Mine. "
    assert desk.before(10) == ""


def test_it_moves_with_the_text_before_it() -> None:
    desk = Desk("Mine. ")
    desk.pastes.add(URI, desk.edit(6, 6, FOREIGN))
    desk.edit(0, 0, "All ")
    desk.edit(10 + len(FOREIGN), 10 + len(FOREIGN), " so")

    assert desk.before(10 + len(FOREIGN) + 3) == " so"
    assert desk.pastes.meet(URI, Point(0, 0), Point(0, 12))
    assert not desk.pastes.meet(URI, Point(0, 0), Point(0, 10))


def test_text_that_is_moved_is_no_paste() -> None:
    desk = Desk(f"{FOREIGN}. Mine.")
    desk.edit(0, len(FOREIGN), "")

    assert not desk.pastes.add(URI, desk.edit(7, 7, f" {FOREIGN}"))
    assert desk.before(7 + len(FOREIGN)).startswith(". Mine")


def test_a_closed_document_is_let_go() -> None:
    desk = Desk("")
    desk.pastes.add(URI, desk.edit(0, 0, FOREIGN))
    desk.pastes.close(URI)

    assert desk.before(5) == FOREIGN[:5]
