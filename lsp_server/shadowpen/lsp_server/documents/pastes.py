"""Pasted text: what was inserted from elsewhere, which the user need not have written.

Moving text about is no paste: what was taken out of a document a little earlier may come back. This file knows
neither the daemon nor what becomes of pasted text.
"""

from __future__ import annotations

from collections import deque

from shadowpen.lsp_server.documents.documents import DocumentEdit, OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan

_REMEMBERED = 64  # pastes of a document, and texts taken out of any
_WORTH_REMEMBERING = 16  # characters taken out


class Pastes:
    """The pasted spans of all open documents, moved along by every edit."""

    def __init__(self) -> None:
        self._spans: dict[str, deque[TextSpan]] = {}
        self._removed: deque[str] = deque(maxlen=_REMEMBERED)

    def changed(self, uri: str, edit: DocumentEdit) -> None:
        """To be called for every edit."""
        for span in self._spans.get(uri, ()):
            span.move(edit)
        if len(edit.removed.strip()) >= _WORTH_REMEMBERING:
            self._removed.append(" ".join(edit.removed.split()))

    def add(self, uri: str, edit: DocumentEdit) -> bool:
        """The edit, already made, looks like a paste; False if it only brings back what was there before."""
        if any(" ".join(edit.inserted.split()) in removed for removed in self._removed):
            return False
        known = self._spans.setdefault(uri, deque(maxlen=_REMEMBERED))
        known.append(TextSpan(edit.start, edit.start.after(edit.inserted)))
        return True

    def written_before(self, document: OpenDocument, place: Point, context: str) -> str:
        """The end of `context`, the text before `place`, that was written since the last paste in it."""
        for span in sorted(self._spans.get(document.uri, ()), key=lambda span: (span.start, span.end)):
            if span.start < place:
                own = document.lines.between(span.end, place) if span.end < place else ""
                context = context[max(0, len(context) - len(own)) :] if own else ""
        return context

    def meet(self, uri: str, start: Point, end: Point) -> bool:
        """Whether some of the text from `start` to `end` was pasted."""
        return any(span.start < end and start < span.end for span in self._spans.get(uri, ()))

    def close(self, uri: str) -> None:
        self._spans.pop(uri, None)
