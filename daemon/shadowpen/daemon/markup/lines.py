"""Kinds of lines in marked-up text: the types that all readers share.

A reader tells a line from what is open before it, and what is open after it, so a text can be read as far as the
cursor and read on from any line. A block that is never closed is found at the end of the text and read again as what
it then is. This file knows no markup language.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol


class LineKind(StrEnum):
    """What a line is. Where a line holds several things, it is what a reader would learn from it."""

    BLANK = "blank"
    TEXT = "text"
    HEADING = "heading"
    UNDERLINE = "underline"  # makes the paragraph above it a heading
    ITEM = "item"
    QUOTE = "quote"
    TABLE = "table"
    TABLE_RULE = "table_rule"  # makes the line above it a table's head
    CODE = "code"
    INDENTED = "indented"  # code by its indentation alone
    MATH = "math"
    FRONT_MATTER = "front_matter"
    MARKUP = "markup"
    HTML = "html"
    COMMENT = "comment"
    RULE = "rule"
    DEFINITION = "definition"  # of a link's target


PROSE = frozenset((LineKind.TEXT, LineKind.HEADING, LineKind.ITEM))


class Line(NamedTuple):
    """A line: its `kind`, its text from `begin` to `end` (None: to its end), and the `level` of a heading.

    `starts`: a paragraph begins here though the line above may be one's too.
    """

    kind: LineKind
    begin: int = 0
    end: int | None = None
    level: int = 0
    starts: bool = False

    def text(self, line: str) -> str:
        return line[self.begin : self.end]


class ReaderState(NamedTuple):
    """What is open between two lines.

    `mark` is the pattern that closes the open block of `kind`; "" where none is open. `to_blank`: a blank line closes
    it too. `firm`: it may run to the end of the text. `unclosed` are marks known never to come. `paragraph`: the line
    above is one's. `containers` are what lists and quotations ask of the next line. `style` is the reader's own.
    """

    mark: str = ""
    kind: LineKind = LineKind.TEXT
    to_blank: bool = False
    firm: bool = False
    unclosed: frozenset[str] = frozenset()
    paragraph: bool = False
    containers: tuple[int, ...] = ()
    style: str = ""

    def opened(self, mark: str, kind: LineKind, *, firm: bool = False) -> ReaderState:
        """Within a block of `kind` up to `mark`; up to a blank line where the mark never comes."""
        to_blank = mark in self.unclosed
        return self._replace(mark=mark, kind=kind, firm=firm, to_blank=to_blank, paragraph=False)

    def closed(self, *, paragraph: bool = False) -> ReaderState:
        """Behind the open block."""
        return self._replace(mark="", kind=LineKind.TEXT, firm=False, to_blank=False, paragraph=paragraph)

    def with_paragraph(self, paragraph: bool) -> ReaderState:
        return self if self.paragraph is paragraph else self._replace(paragraph=paragraph)


class LineReader(Protocol):
    """Reads one line of a markup language."""

    @property
    def start(self) -> ReaderState:
        """The state before the first line."""
        ...

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """What `line` is (without its line end), and what is open behind it."""
        ...


BLANK = Line(LineKind.BLANK)
TEXT = Line(LineKind.TEXT)
KINDS = {kind: Line(kind) for kind in LineKind}


@lru_cache(maxsize=512)
def pattern(mark: str) -> re.Pattern[str]:
    """The compiled pattern of a closing mark."""
    return re.compile(mark, re.IGNORECASE)


def inside(state: ReaderState, line: str, offset: int = 0) -> tuple[Line, ReaderState]:
    """A line within the open block; what stands behind its closing mark is text again."""
    if state.to_blank and not line[offset:].strip():
        return BLANK, state.closed()
    found = pattern(state.mark).search(line, offset)
    if found is None:
        return KINDS[state.kind], state
    if line[found.end() :].strip():
        return Line(LineKind.TEXT, begin=found.end(), starts=True), state.closed(paragraph=True)
    return KINDS[state.kind], state.closed()


def read(lines: list[str], reader: LineReader, *, first: int = 0) -> list[Line]:
    """What every line is; those before `first` are front matter."""
    found = [KINDS[LineKind.FRONT_MATTER]] * first
    states = [reader.start] * first
    state, number = reader.start, first
    opened = first  # the line that opened what is open
    while True:
        for number in range(len(found), len(lines)):
            states.append(state)
            line, after = reader.read(state, lines[number])
            found.append(line)
            if after.mark and after.mark != state.mark:
                opened = number
            state = after
        if not state.mark or state.firm or state.to_blank:
            break
        # It is never closed. From its line on nothing with that mark is.
        state = states[opened]._replace(unclosed=state.unclosed | {state.mark})
        del found[opened:], states[opened:]
    return _seen_from_below(found)


def _seen_from_below(found: list[Line]) -> list[Line]:
    """Headings and tables that only the line below them makes such."""
    for number, line in enumerate(found):
        above = number - 1
        if line.kind is LineKind.UNDERLINE:
            while above >= 0 and found[above].kind in (LineKind.TEXT, LineKind.ITEM):
                found[above] = found[above]._replace(kind=LineKind.HEADING, level=line.level)
                if found[above].starts:
                    break
                above -= 1
        elif line.kind is LineKind.TABLE_RULE:
            found[number] = KINDS[LineKind.TABLE]
            if above >= 0 and found[above].kind is LineKind.TEXT:
                found[above] = KINDS[LineKind.TABLE]
    return found
