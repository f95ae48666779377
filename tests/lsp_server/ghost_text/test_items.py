from __future__ import annotations

import pytest
from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.documents.positions import Encoding, Point
from shadowpen.lsp_server.ghost_text.inline import Offer
from shadowpen.lsp_server.ghost_text.items import build, takes_range

OFFER = Offer("g1", "🥸 fox")
LINE = "Größe 🐱 ist"


def document(encoding: Encoding = Encoding.UTF16) -> OpenDocument:
    documents = Documents()
    documents.encoding = encoding
    return documents.open(types.TextDocumentItem("file:///a.md", "markdown", 1, LINE))


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 16), ("utf-16", 12), ("utf-32", 11)])
def test_the_range_is_empty_and_at_the_cursor_in_the_clients_units(encoding: str, character: int) -> None:
    answer = build([OFFER], document(Encoding(encoding)), Point(0, len(LINE)), None, with_range=True)
    here = types.Position(0, character)
    assert answer.items == [
        types.InlineCompletionItem(
            "🥸 fox",
            range=types.Range(here, here),
            command=types.Command("Accepted", "shadowpen.accept", arguments=["g1", "🥸 fox"]),
        )
    ]


def test_neovims_own_client_gets_no_range() -> None:
    assert not takes_range("Neovim")
    assert takes_range("Visual Studio Code")
    assert build([OFFER], document(), Point(0, 3), None, with_range=False).items[0].range is None


def test_nothing_is_an_empty_list() -> None:
    assert build([], document(), Point(0, 0), None, with_range=True) == types.InlineCompletionList(items=[])


@pytest.mark.parametrize(
    ("selected", "offer", "expected"),
    [
        ("istanbul", "anbul is far", "istanbul is far"),
        ("istanbul", "anbul", None),  # says no more than the popup
        ("island", "anbul is far", None),  # something else
    ],
)
def test_what_the_popup_has_selected_is_extended_or_nothing_is_shown(
    selected: str, offer: str, expected: str | None
) -> None:
    text = document()
    span = types.Range(types.Position(0, 9), types.Position(0, 12))
    info = types.SelectedCompletionInfo(range=span, text=selected)
    items = build([Offer("g1", offer)], text, Point(0, len(LINE)), info, with_range=True).items
    assert [(item.insert_text, item.range) for item in items] == ([(expected, span)] if expected else [])
