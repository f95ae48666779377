"""A stretch of a Writer document as lines of text, and where each of its places lies in the document.

Each paragraph is a line (or several, where it holds line breaks), with an empty line between two of them, as in a text
file; the items of a list follow each other directly. Tables are passed over; a cell, a frame or a footnote is a text of
its own. Offsets are found by comparing strings, so that fields and footnotes in a paragraph cannot shift them. Knows no
server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from com.sun.star.uno import Exception as UnoException

from . import positions

MOST_CHARACTERS = 40_000
_BEFORE, _AFTER = 16_000, 8_000  # characters that are read anew around the cursor
_SHORTEST = 80  # what a paragraph counts at least: each costs time to read
_PARAGRAPH = "com.sun.star.text.Paragraph"
_STEPS = 8_000  # a cursor takes a signed 16-bit number of steps


class Unplaceable(Exception):
    """A place that lies in the middle of a field, or no longer in the document."""


class Excerpt:
    """What stands from the paragraph of `first` to that of `last`, two places in the same text."""

    def __init__(self, first: Any, last: Any) -> None:
        self._body = first.getText()
        self._paragraphs = []  # (where it begins in the document, its text, where it begins in ours)
        pieces, length, listed = [], 0, False
        reach = self._body.createTextCursorByRange(first)
        reach.gotoStartOfParagraph(False)
        reach.gotoRange(last, True)
        reach.gotoEndOfParagraph(True)
        for paragraph in _paragraphs(reach):
            is_item = bool(paragraph.getPropertyValue("NumberingIsNumber")) and bool(
                paragraph.getPropertyValue("NumberingStyleName")
            )
            gap = "" if not self._paragraphs else "\n" if listed and is_item else "\n\n"
            text, listed = paragraph.getString().replace("\r\n", "\n").replace("\r", "\n"), is_item
            self._paragraphs.append((paragraph.getStart(), text, length + len(gap)))
            pieces += [gap, text]
            length += len(gap) + len(text)
        self.text = "".join(pieces)

    def holds(self, place: Any) -> bool:
        """Whether a place of the document lies in the excerpt."""
        try:
            start, text, _ = self._paragraphs[-1]
            behind = self._body.compareRegionStarts(place, start) >= 0 or self._column(start, place) <= len(text)
            # Places of other texts, such as cells, can be compared too, and say nothing.
            return place.getText() == self._body and behind and self._index(place) >= 0
        except (IndexError, UnoException):  # of a text that is gone
            return False

    def offset(self, place: Any) -> int:
        """The characters of the excerpt before a place of the document."""
        start, text, before = self._paragraphs[max(0, self._index(place))]
        return before + min(self._column(start, place), len(text))

    def span(self, start: int, end: int) -> Any:
        """A cursor over the characters from `start` to `end`. Raises Unplaceable."""
        cursor = self._cursor(start)
        cursor.gotoRange(self._cursor(end), True)
        return cursor

    def has_line_breaks(self, start: int, end: int) -> bool:
        return self._number(start) == self._number(end) and "\n" in self.text[start:end]

    def _number(self, offset: int) -> int:
        """The number of the paragraph that holds a place."""
        return max(n for n, (_, _, before) in enumerate(self._paragraphs) if before <= offset or n == 0)

    def _cursor(self, offset: int) -> Any:
        index = self._number(offset)
        start, text, before = self._paragraphs[index]
        wanted = min(offset - before, len(text))
        cursor = self._body.createTextCursorByRange(start)
        _go(cursor, positions.units(text[:wanted]))
        length = len(self._string(start, cursor))
        while length > wanted and cursor.goLeft(1, False):
            length = len(self._string(start, cursor))
        while length < wanted and cursor.goRight(1, False):
            length = len(self._string(start, cursor))
        if length != wanted or self._string(start, cursor) != text[:wanted]:
            raise Unplaceable()
        return cursor

    def _index(self, place: Any) -> int:
        """The number of the last paragraph that does not begin behind `place`; -1 if all do."""
        low, high = -1, len(self._paragraphs) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._body.compareRegionStarts(self._paragraphs[middle][0], place) >= 0:
                low = middle
            else:
                high = middle - 1
        return low

    def _column(self, start: Any, place: Any) -> int:
        return len(self._string(start, place.getStart()))

    def _string(self, start: Any, end: Any) -> str:
        cursor = self._body.createTextCursorByRange(start)
        cursor.gotoRange(end, True)
        return cursor.getString().replace("\r\n", "\n").replace("\r", "\n")


def around(place: Any) -> tuple[Any, Any]:
    """The first and the last place of an excerpt around `place`: two cursors, which move with the text."""
    body = place.getText()
    first, last = body.createTextCursorByRange(place.getStart()), body.createTextCursorByRange(place.getEnd())
    first.gotoStartOfParagraph(False)
    last.gotoEndOfParagraph(False)
    _walk(first, first.gotoPreviousParagraph, _BEFORE)
    _walk(last, last.gotoNextParagraph, _AFTER)
    first.gotoStartOfParagraph(False)
    last.gotoEndOfParagraph(False)
    return first, last


def _walk(cursor: Any, step: Any, characters: int) -> None:
    probe = cursor.getText().createTextCursorByRange(cursor)
    while characters > 0 and step(False):
        probe.gotoRange(cursor.getStart(), False)
        probe.gotoStartOfParagraph(False)
        probe.gotoEndOfParagraph(True)
        characters -= max(_SHORTEST, len(probe.getString()))


def _paragraphs(reach: Any) -> Iterator[Any]:
    found = reach.createEnumeration()
    while found.hasMoreElements():
        element = found.nextElement()
        if element.supportsService(_PARAGRAPH):
            yield element


def _go(cursor: Any, steps: int) -> None:
    while steps > 0:
        step = min(steps, _STEPS)
        cursor.goRight(step, False)
        steps -= step
