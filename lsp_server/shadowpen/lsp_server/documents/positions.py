"""Places in a text, and the three ways a client counts characters within a line.

A `Point` counts code points, whatever the client counts: UTF-8 bytes, UTF-16 units or code points,
as agreed at `initialize`. A count that falls inside a character moves back to its start; one beyond
the line stops at its end. This file knows neither documents nor where lines begin.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Encoding(StrEnum):
    """What a client's `character` counts; the values are the protocol's."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


class Point(NamedTuple):
    """Line and column, both from 0, the column in code points."""

    line: int
    column: int

    def after(self, text: str) -> Point:
        """The place behind `text` if it were inserted here; line ends are \\n, \\r\\n and \\r."""
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        breaks = plain.count("\n")
        tail = len(plain) - plain.rfind("\n") - 1
        return Point(self.line + breaks, tail if breaks else self.column + tail)


_CODECS = {Encoding.UTF8: "utf-8", Encoding.UTF16: "utf-16-le"}
_UNIT_BYTES = {Encoding.UTF8: 1, Encoding.UTF16: 2}


def column_of(line: str, units: int, encoding: Encoding) -> int:
    """The column in `line` (without its line end) of a client's count, kept within the line."""
    if units <= 0:
        return 0
    if encoding is Encoding.UTF32 or line.isascii():
        return min(units, len(line))
    # No character is shorter than one unit, so the rest of a long line need not be encoded.
    head = line[:units].encode(_CODECS[encoding])
    return len(head[: units * _UNIT_BYTES[encoding]].decode(_CODECS[encoding], "ignore"))


def units_of(line: str, column: int, encoding: Encoding) -> int:
    """The client's count for `column` in `line`."""
    head = line[:column]
    if encoding is Encoding.UTF32 or head.isascii():
        return len(head)
    return len(head.encode(_CODECS[encoding])) // _UNIT_BYTES[encoding]
