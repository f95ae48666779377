"""What an author wrote where a suggestion was shown and not taken.

Read off the document a little later, or as soon as the next suggestion there is taken or passed over: so nothing is
told twice. This file knows neither clocks nor consent.
"""

from __future__ import annotations

from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text.suggestions import PassedOver

_MOST_CHARACTERS = 300
_TELLING = 32  # characters before and after that tell where it begins and ends


def span_of(document: OpenDocument, passed: PassedOver, until: Point | None) -> tuple[Point, Point] | None:
    """Where the text stands that was typed instead, up to `until`; None if it cannot be told any more."""
    start = passed.place
    if document.lines.clamp(start) != start:
        return None
    before = plain_ends(document.lines.before(start, _TELLING))
    if not (passed.display.context + passed.display.passed).endswith(before):
        return None
    if until is not None:
        return (start, until) if start <= until else None
    following = document.lines.after(start, _MOST_CHARACTERS + _TELLING)
    telling = passed.display.after[:_TELLING]
    length = following.find(telling) if telling else len(following)
    if length < 0:
        return None
    typed = following[: min(length, _MOST_CHARACTERS)]
    paragraph = typed.partition("\n\n")[0]
    return start, start.after(paragraph)


def text_of(document: OpenDocument, span: tuple[Point, Point]) -> str:
    """The text in `span`, of a sensible length."""
    return plain_ends(document.lines.between(*span))[:_MOST_CHARACTERS]
