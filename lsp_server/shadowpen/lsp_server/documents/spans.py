"""A stretch of a document that every edit moves, grows or eats into.

Text typed at its edges is not part of it. This file knows neither clocks nor what the text is.
"""

from __future__ import annotations

from dataclasses import dataclass

from shadowpen.lsp_server.documents.documents import DocumentEdit, OpenDocument
from shadowpen.lsp_server.documents.positions import Point


@dataclass
class TextSpan:
    """The text from `start` to `end` of one document."""

    start: Point
    end: Point

    def move(self, edit: DocumentEdit) -> None:
        """Follow an edit that was made in the document."""
        self.start = _moved(self.start, edit, at_edge_moves=True)
        self.end = max(self.start, _moved(self.end, edit, at_edge_moves=False))

    def text(self, document: OpenDocument) -> str:
        """What stands there now, "" if nothing is left."""
        return document.lines.between(document.lines.clamp(self.start), document.lines.clamp(self.end))


def _moved(place: Point, edit: DocumentEdit, *, at_edge_moves: bool) -> Point:
    """Where `place` is after `edit`; inside of what was removed it goes to an edge of what came instead."""
    old_end, new_end = edit.start.after(edit.removed), edit.start.after(edit.inserted)
    if place < edit.start or (place == edit.start and not (at_edge_moves and edit.start == old_end)):
        return place
    if place < old_end:
        return edit.start if at_edge_moves else new_end
    if place.line == old_end.line:
        return Point(new_end.line, new_end.column + place.column - old_end.column)
    return Point(place.line + new_end.line - old_end.line, place.column)
