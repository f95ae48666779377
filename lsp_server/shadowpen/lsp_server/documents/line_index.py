"""A text as its lines, so that an edit costs what it touches, not the document's size.

Lines end at \\n, \\r\\n and \\r and nowhere else, as the protocol says; U+2028, U+0085 and form feeds
are ordinary characters here. Each line keeps its line end; the last one has none and may be empty.
This file knows neither clients nor encodings: it is given `Point`s.
"""

from __future__ import annotations

import re

from shadowpen.lsp_server.documents.positions import Point

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    """The lines of `text`, each with its line end; joined they are `text` again."""
    if "\r" in text:
        lines = _LINE.findall(text)
        return [*lines, ""] if text[-1] in "\r\n" else lines
    *ended, last = text.split("\n")
    return [*(line + "\n" for line in ended), last]


def without_end(line: str) -> str:
    """A line as seen in the editor, its line end taken off."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line


class LineIndex:
    """The lines of one text, with its size in characters and in UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)
        self.characters = len(text)
        self.utf8_bytes = _utf8_bytes(text)
        self._known = Point(0, 0)  # a line, and the offset (as column) at which it starts: near the last edit
        self._head: tuple[Point, str] | None = None  # a place, and the text before it

    def __len__(self) -> int:
        return len(self._lines)

    def text(self) -> str:
        return "".join(self._lines)

    def line(self, number: int) -> str:
        """What the editor shows of a line; "" beyond the last."""
        return without_end(self._lines[number]) if 0 <= number < len(self._lines) else ""

    def clamp(self, place: Point) -> Point:
        """The nearest place that exists."""
        if place.line < 0:
            return Point(0, 0)
        if place.line >= len(self._lines):
            return self.end()
        return Point(place.line, min(max(0, place.column), len(self.line(place.line))))

    def end(self) -> Point:
        return Point(len(self._lines) - 1, len(self._lines[-1]))

    def replace(self, start: Point, end: Point, text: str) -> str:
        """Put `text` in the place of what stands from `start` to `end`, and return what stood there."""
        removed = self.between(start, end)
        first = start.line
        head = self._lines[first][: start.column]
        if not head and first and self._lines[first - 1].endswith("\r"):
            first -= 1  # a \n that now follows that \r is one line end with it
            head = self._lines[first]
        self._know(first)
        if self._head is not None and first <= self._head[0].line:
            self._head = None
        self._lines[first : end.line + 1] = self._whole(head + text + self._lines[end.line][end.column :], end.line)
        self.characters += len(text) - len(removed)
        self.utf8_bytes += _utf8_bytes(text) - _utf8_bytes(removed)
        return removed

    def _whole(self, text: str, last: int) -> list[str]:
        """`text` as lines for the middle of the document, or for its end when `last` is the last line."""
        lines = split_lines(text)
        return lines if last + 1 == len(self._lines) else lines[:-1]

    def between(self, start: Point, end: Point) -> str:
        if start.line == end.line:
            return self._lines[start.line][start.column : end.column]
        middle = self._lines[start.line + 1 : end.line]
        return "".join([self._lines[start.line][start.column :], *middle, self._lines[end.line][: end.column]])

    def before(self, place: Point, limit: int) -> str:
        """The last `limit` characters before `place`, or all there are."""
        pieces = [self._lines[place.line][: place.column]]
        length, line = len(pieces[0]), place.line
        while length < limit and line > 0:
            line -= 1
            pieces.append(self._lines[line])
            length += len(pieces[-1])
        return "".join(reversed(pieces))[max(0, length - limit) :]

    def up_to(self, place: Point) -> str:
        """All text before `place`: the same again until something before it changes."""
        if self._head is None or self._head[0] != place:
            lines = self._lines[: place.line]
            self._head = place, "".join([*lines, self._lines[place.line][: place.column]])
        return self._head[1]

    def back(self, place: Point, characters: int) -> Point:
        """The place that is so many `characters` before `place`; the beginning where there are fewer."""
        line, column = place.line, place.column - characters
        while column < 0 and line > 0:
            line -= 1
            column += len(self._lines[line])
        return Point(line, max(0, column))

    def after(self, place: Point, limit: int) -> str:
        """The first `limit` characters after `place`, or all there are."""
        pieces = [self._lines[place.line][place.column : place.column + limit]]
        length, line = len(pieces[0]), place.line
        while length < limit and line + 1 < len(self._lines):
            line += 1
            pieces.append(self._lines[line])
            length += len(pieces[-1])
        return "".join(pieces)[:limit]

    def offset(self, place: Point) -> int:
        """Characters before `place`; cheap near the last edit or question, else it walks the lines between."""
        self._know(place.line)
        return self._known.column + place.column

    def _know(self, line: int) -> None:
        known, start = self._known
        if line >= known:
            start += sum(map(len, self._lines[known:line]))
        else:
            start -= sum(map(len, self._lines[line:known]))
        self._known = Point(line, start)


def _utf8_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8"))
