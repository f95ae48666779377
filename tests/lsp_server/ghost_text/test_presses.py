from __future__ import annotations

from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text.presses import Presses

PLACE = Point(0, 9)


def document(uri: str = "file:///a.md") -> OpenDocument:
    return Documents().open(types.TextDocumentItem(uri, "markdown", 1, "The quick"))


def test_each_press_at_one_place_asks_for_more_until_there_is_no_more() -> None:
    presses, here, shown, asked = Presses(), document(), "", []
    for _ in range(6):
        asked.append(presses.pressed(here, PLACE, shown))
        shown = " brown"
    assert asked == ["clause", "sentence", "line", "paragraph", "paragraph", "paragraph"]


def test_it_goes_on_from_what_was_reached() -> None:
    presses, here = Presses(), document()
    presses.pressed(here, PLACE, "")
    presses.answered(here, PLACE, "line")
    assert presses.pressed(here, PLACE, " brown") == "paragraph"


def test_where_nothing_is_shown_or_the_text_is_another_it_begins_anew() -> None:
    presses, here = Presses(), document()
    presses.pressed(here, PLACE, "")
    assert presses.pressed(here, PLACE, "") == "clause"
    assert presses.pressed(here, Point(0, 4), " brown") == "clause"
    assert presses.pressed(document("file:///b.md"), Point(0, 4), " brown") == "clause"
    presses.pressed(here, PLACE, " brown")
    here.revision += 1
    assert presses.pressed(here, PLACE, " brown") == "clause"


def test_what_came_by_itself_is_gone_on_with_from_the_first_step() -> None:
    assert Presses().pressed(document(), PLACE, " brown") == "clause"
