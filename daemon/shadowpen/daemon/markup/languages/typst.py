"""Lines of Typst: headings, raw blocks, formulas, comments, and code that begins with a hash.

Code goes on until its brackets are closed; what stands in the square brackets of a function that only frames prose is
prose. This file knows neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.languages.inline import code_spans
from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState, inside

_HEADING = re.compile(r"\s*(={1,6})[ \t]+")
_FENCE = re.compile(r"\s*(`{3,})([^`]*)\Z")
_ITEM = re.compile(r"\s*(?:[-+]|\d{1,9}\.|/ [^:\n]{1,100}:)\s")
_STATEMENT = re.compile(
    r"\s*#(?:let|set|show|import|include|table|grid|figure|image|bibliography|outline|pagebreak|colbreak|v|h|cite|"
    r"counter|context|if|for|while|place|line|rect|cetz|canvas|plot|raw|eval|metadata|state)\b"
    r"|\s*#\{"
)
_QUOTE = re.compile(r"\s*#quote\b")
_CALL = re.compile(r"\s*#[\w.-]+(?:\([^\n]*\))?\[?\s*\Z")
_MATH = re.compile(r"\s*\$(?:\s|\Z)")
_COMMENT = re.compile(r"(?<![:\\\w/])//")
_STRINGS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|//[^\n]*")


@dataclass(frozen=True)
class Typst:
    """A reader of Typst. Its style is the number of brackets that code has left open."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.mark:
            return inside(state, line)
        if state.style:
            return self._code(state, line, int(state.style), state.kind)
        if not line.strip():
            return BLANK, state.with_paragraph(False)
        if line[0].isalpha() and "/" not in line:
            return TEXT, state.with_paragraph(True)
        return self._marked(state, line) or self._text(state, line)

    def _marked(self, state: ReaderState, line: str) -> tuple[Line, ReaderState] | None:
        if heading := _HEADING.match(line):
            level = len(heading[1])
            return Line(LineKind.HEADING, heading.end(), level=level, starts=True), state.with_paragraph(False)
        if fence := _FENCE.match(line):
            return KINDS[LineKind.CODE], state.opened(rf"`{{{len(fence[1])}}}", LineKind.CODE)
        bare = line.lstrip()
        if bare.startswith("//"):
            return KINDS[LineKind.COMMENT], state
        if bare.startswith("/*"):
            return KINDS[LineKind.COMMENT], state if "*/" in bare else state.opened(r"\*/", LineKind.COMMENT)
        if _MATH.match(line) and bare.count("$") % 2:
            return KINDS[LineKind.MATH], state.opened(r"\$", LineKind.MATH)
        if _STATEMENT.match(line) or _QUOTE.match(line):
            return self._code(state, line, 0, LineKind.QUOTE if _QUOTE.match(line) else LineKind.MARKUP)
        closing = bare.rstrip() in ("]", ")", "})", "])", "}")
        return (KINDS[LineKind.MARKUP], state.with_paragraph(False)) if _CALL.match(line) or closing else None

    def _code(self, state: ReaderState, line: str, depth: int, kind: LineKind) -> tuple[Line, ReaderState]:
        bare = _STRINGS.sub("", line)
        depth += sum(map(bare.count, "([{")) - sum(map(bare.count, ")]}"))
        left = str(depth) if depth > 0 else ""
        return KINDS[kind], state._replace(style=left, kind=kind if left else LineKind.TEXT, paragraph=False)

    def _text(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        item = bool(_ITEM.match(line))
        end = _comment_at(line)
        return Line(LineKind.ITEM if item else LineKind.TEXT, end=end, starts=item), state.with_paragraph(True)


def _comment_at(line: str) -> int | None:
    """Where a comment begins that goes on to the end of the line; raw text holds none."""
    spans = code_spans(line) if "//" in line else []
    places = (found.start() for found in _COMMENT.finditer(line))
    return next((place for place in places if not any(start <= place < end for start, end in spans)), None)
