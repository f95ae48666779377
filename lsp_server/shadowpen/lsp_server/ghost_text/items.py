"""Turn suggestions into items that each editor can show; workarounds for clients are all here.

This file knows neither the daemon nor how offers come about.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text.inline import Offer

ACCEPT_COMMAND = "shadowpen.accept"
_NATIVE_NEOVIM = "Neovim"


def takes_range(client_name: str) -> bool:
    """Neovim's own client hides the text right of the cursor when an item has a range; VS Code needs one."""
    return client_name != _NATIVE_NEOVIM


def build(
    offers: Sequence[Offer],
    document: OpenDocument,
    place: Point,
    selected: types.SelectedCompletionInfo | None,
    *,
    with_range: bool,
) -> types.InlineCompletionList:
    """The items for `place`; an empty list, never null, for nothing (Neovim 0.12 keeps old ghost text on null)."""
    items = []
    for offer in offers:
        if selected is None:
            here = document.position(place)
            span = types.Range(here, here) if with_range else None
            items.append(_item(offer, offer.text, span))
        elif text := _extending(offer, document, place, selected):
            items.append(_item(offer, text, selected.range))
    return types.InlineCompletionList(items=items)


def _extending(offer: Offer, document: OpenDocument, place: Point, selected: types.SelectedCompletionInfo) -> str:
    """The offer as more of what the popup has selected, in the same range; "" where it is something else."""
    start, end = document.place(selected.range.start), document.place(selected.range.end)
    if start > place or start.line != place.line or end != place:
        return ""  # put in there it would take the text behind the cursor with it
    text = document.lines.between(start, place) + offer.text
    return text if text.startswith(selected.text) and len(text) > len(selected.text) else ""


def accept_command(offer: Offer) -> types.Command:
    """What a client runs when it has put the offer into the text."""
    return types.Command(title="Accepted", command=ACCEPT_COMMAND, arguments=[offer.id, offer.text])


def _item(offer: Offer, text: str, span: types.Range | None) -> types.InlineCompletionItem:
    # Plain text and no filterText: snippets lose word-wise acceptance in VS Code, a filter hides the item there.
    return types.InlineCompletionItem(insert_text=text, range=span, command=accept_command(offer))
