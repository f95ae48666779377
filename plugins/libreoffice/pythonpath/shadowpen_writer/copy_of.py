"""The copy of a document that the language server holds: a stretch around the cursor, kept as it is there.

It is opened when it is first needed. While the cursor stays in the stretch every change is told as one; elsewhere the
copy is closed and another opened, since a text that is suddenly another one would look like a paste. Knows no window.
"""

from __future__ import annotations

from typing import Any

from com.sun.star.uno import Exception as UnoException

from . import positions
from .excerpt import MOST_CHARACTERS, Excerpt, around
from .server import Server


class Copy:
    """What `server` holds of `document`."""

    def __init__(self, server: Server, document: Any) -> None:
        self._server, self._document = server, document
        self._ends = None  # where the stretch begins and ends in the document
        self.uri = ""
        self.version = 0
        self.excerpt = None

    @property
    def held(self) -> bool:
        return self.excerpt is not None

    def read(self, place: Any) -> None:
        """Have the server hold the text around `place`, as it is now."""
        if self._address() != self.uri or not self._update(place):
            self.close()
            self._open(place)

    def update(self, place: Any) -> None:
        """Tell what has changed, if the server holds the text around `place`; a text that is gone is closed."""
        if self.held:
            self._update(place)

    def forget(self) -> None:
        """The server is gone, and the copy with it."""
        self.excerpt = self._ends = None

    def close(self) -> None:
        if self.held:
            self._server.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})
        self.forget()

    def position(self, place: Any) -> dict[str, int]:
        return positions.position(self.excerpt.text, self.excerpt.offset(place))

    def span(self, span: dict[str, dict[str, int]]) -> Any:
        """A cursor over a range of the protocol's."""
        return self.excerpt.span(*self._offsets(span))

    def has_line_breaks(self, span: dict[str, dict[str, int]]) -> bool:
        """Whether a range of the protocol's lies in one paragraph and holds a line break."""
        return self.excerpt.has_line_breaks(*self._offsets(span))

    def _offsets(self, span: dict[str, dict[str, int]]) -> list[int]:
        return [positions.offset(self.excerpt.text, span[name]) for name in ("start", "end")]

    def _address(self) -> str:
        return self._document.getURL() or f"untitled:Untitled-{self._document.RuntimeUID}"

    def _open(self, place: Any) -> None:
        self._ends = around(place)
        self.excerpt = Excerpt(*self._ends)
        self.uri = self._address()
        self.version += 1
        item = {"uri": self.uri, "languageId": "plaintext", "version": self.version, "text": self.excerpt.text}
        self._server.notify("textDocument/didOpen", {"textDocument": item})

    def _update(self, place: Any) -> bool:
        """Tell what has changed; False where the stretch does not hold `place`, or has grown too long."""
        if not self.held:
            return False
        try:
            fresh = Excerpt(*self._ends)
        except UnoException:  # of a text that is gone: a footnote, a header, a cell
            self.close()
            return False
        if not fresh.holds(place) or len(fresh.text) > MOST_CHARACTERS:
            return False
        change = positions.change(self.excerpt.text, fresh.text)
        self.excerpt = fresh
        if change is not None:
            self.version += 1
            document = {"uri": self.uri, "version": self.version}
            self._server.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return True
