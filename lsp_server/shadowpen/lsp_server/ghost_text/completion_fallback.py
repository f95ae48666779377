"""Suggestions as items of the ordinary completion menu, for clients that cannot show ghost text.

Such clients filter items by the word before the cursor, each by its own idea of a word. So an item takes the place of
that word and repeats it, and is found by it. This file knows neither the daemon nor how offers come about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text.inline import Offer
from shadowpen.lsp_server.ghost_text.items import accept_command

_LABEL = 60  # characters that fit where menus are drawn
_LONGEST_WORD = 48  # where no blanks stand between words a line would be one
_WORD = re.compile(rf"[\w'’-]{{0,{_LONGEST_WORD}}}\Z")
_MORE = " ⏎"


def offered(capabilities: types.ClientCapabilities) -> bool:
    """Whether a client gets these: a menu beside ghost text would say everything twice."""
    return capabilities.text_document is None or capabilities.text_document.inline_completion is None


def options() -> types.CompletionOptions:
    """After a blank most clients ask only where that is a trigger, and there a new word begins."""
    return types.CompletionOptions(trigger_characters=[" "], resolve_provider=False)


def build(offers: Sequence[Offer], document: OpenDocument, place: Point) -> types.CompletionList:
    """The items for `place`, never complete: at the next key there are others."""
    found = _WORD.search(document.lines.line(place.line)[: place.column])
    word = found.group() if found else ""
    span = types.Range(document.position(Point(place.line, place.column - len(word))), document.position(place))
    items = [_item(offer, rank, word, span) for rank, offer in enumerate(offers)]
    return types.CompletionList(is_incomplete=True, items=items)


def _item(offer: Offer, rank: int, word: str, span: types.Range) -> types.CompletionItem:
    text = word + offer.text
    first_line = text.split("\n", 1)[0]
    label = first_line.strip()
    if len(label) > _LABEL:
        label = label[: _LABEL - 1] + "…"
    return types.CompletionItem(
        label=label + (_MORE if first_line != text else ""),
        kind=types.CompletionItemKind.Text,
        detail="Shadowpen",
        documentation=types.MarkupContent(types.MarkupKind.PlainText, text.strip()),
        sort_text=f"~{rank}",  # behind the names and words that others offer
        # Where no word is begun nothing is filtered, but by the next keys before the next answer.
        filter_text=first_line if word else first_line.strip(),
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(span, text),
        command=accept_command(offer),
    )
