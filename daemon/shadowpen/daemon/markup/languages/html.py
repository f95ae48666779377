"""Lines of HTML: scripts, quotations, and text between tags.

This file knows neither what stands within a line nor what is done with it; whole pages are read elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState, inside, pattern

_HELD = {
    **dict.fromkeys(("script", "style", "pre", "code", "textarea", "template"), LineKind.CODE),
    **dict.fromkeys(("head", "svg", "iframe", "object", "form", "select", "nav"), LineKind.HTML),
    **dict.fromkeys(("blockquote",), LineKind.QUOTE),
    "math": LineKind.MATH,
    "table": LineKind.TABLE,
}
_OPENING = re.compile(rf"<({'|'.join(_HELD)})(?=[\s>])|<!--", re.IGNORECASE)
_HEADING = re.compile(r"\s*<h([1-6])\b[^<>]*>", re.IGNORECASE)
_TAGS = re.compile(r"\s*(?:</?[A-Za-z!?][^<>]*>\s*)+\Z")


@dataclass(frozen=True)
class Html:
    """A reader of HTML."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.mark:
            return inside(state, line)
        if not line.strip():
            return BLANK, state.with_paragraph(False)
        if "<" not in line:
            return TEXT, state.with_paragraph(True)
        last = _left_open(line, state)
        if last is not None:
            kind = _HELD[last[1].lower()] if last[1] else LineKind.COMMENT
            before = line[: last.start()].strip()
            after = state.opened(_mark(last), kind)
            return (Line(LineKind.TEXT, end=last.start(), starts=True) if before else KINDS[kind]), after
        if heading := _HEADING.match(line):
            end = line.lower().find("</h", heading.end())
            found = Line(LineKind.HEADING, heading.end(), end if end >= 0 else None, int(heading[1]), starts=True)
            return found, state.with_paragraph(False)
        if line.rstrip().endswith(">") and _TAGS.match(line):
            return KINDS[LineKind.HTML], state.with_paragraph(False)
        return TEXT, state.with_paragraph(True)


def _left_open(line: str, state: ReaderState) -> re.Match[str] | None:
    """The first mark in `line` that opens what does not end in it."""
    for opening in _OPENING.finditer(line):
        mark = _mark(opening)
        if mark not in state.unclosed and pattern(mark).search(line, opening.end()) is None:
            return opening
    return None


def _mark(opening: re.Match[str]) -> str:
    return rf"</{opening[1].lower()}\s*>" if opening[1] else "-->"
