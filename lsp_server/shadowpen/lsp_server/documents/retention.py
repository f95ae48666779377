"""What of an accepted suggestion still stands in the document later: the text that its author kept.

Each taken text is a span that every edit of its document moves, grows or eats into. What it holds when it is
asked for is what was kept; text typed at its edges is not part of it. This file knows neither clocks nor
where the answers go.
"""

from __future__ import annotations

from dataclasses import dataclass

from shadowpen.lsp_server.documents.documents import Document, Edit
from shadowpen.lsp_server.documents.positions import Place


@dataclass
class _Span:
    uri: str
    start: Place
    end: Place


class Retention:
    """Spans by the id of their suggestion."""

    def __init__(self) -> None:
        self._spans: dict[str, _Span] = {}

    def follow(self, id: str, uri: str, start: Place, end: Place) -> None:
        """The text from `start` to `end` is suggestion `id`, taken; said again when more of it was taken."""
        known = self._spans.get(id)
        if known is not None:
            start = min(start, known.start)
        self._spans[id] = _Span(uri, start, end)

    def changed(self, uri: str, edit: Edit) -> None:
        """Move the spans of `uri` along with an edit that was made."""
        for span in self._spans.values():
            if span.uri == uri:
                span.start = _moved(span.start, edit, at_edge_moves=True)
                span.end = max(span.start, _moved(span.end, edit, at_edge_moves=False))

    def kept(self, id: str, document: Document) -> str | None:
        """What stands there now, "" if nothing is left; None for an id that is not followed."""
        span = self._spans.get(id)
        if span is None or span.uri != document.uri:
            return None
        return document.lines.between(document.lines.clamp(span.start), document.lines.clamp(span.end))

    def of(self, uri: str) -> list[str]:
        """The ids followed in a document."""
        return [id for id, span in self._spans.items() if span.uri == uri]

    def places(self, uri: str) -> list[tuple[Place, Place]]:
        """Where the spans of a document are, in the order of their beginnings."""
        return sorted((span.start, span.end) for span in self._spans.values() if span.uri == uri)

    def drop(self, id: str) -> None:
        self._spans.pop(id, None)


def _moved(place: Place, edit: Edit, *, at_edge_moves: bool) -> Place:
    """Where `place` is after `edit`; inside of what was removed it goes to an edge of what came instead."""
    old_end, new_end = edit.start.after(edit.removed), edit.start.after(edit.inserted)
    if place < edit.start or (place == edit.start and not (at_edge_moves and edit.start == old_end)):
        return place
    if place < old_end:
        return edit.start if at_edge_moves else new_end
    if place.line == old_end.line:
        return Place(new_end.line, new_end.column + place.column - old_end.column)
    return Place(place.line + new_end.line - old_end.line, place.column)
