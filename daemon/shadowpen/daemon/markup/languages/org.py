"""Lines of Org and Neorg: headlines, drawers, planning lines, blocks, tables, keywords.

Blocks that only frame prose (center, verse, those of one's own) are no blocks here but for their marks. This file knows
neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState, inside

_HEADLINE = re.compile(r"(\*+)[ \t]+")
_DRAWER = re.compile(r"\s*:([\w-]+):\s*\Z")
_END = r"\A\s*:end:\s*\Z"
_PROPERTY = re.compile(r"\s*:[\w@#%+-]+:(?:\s|\Z)")
_FIXED = re.compile(r"\s*:(?:\s|\Z)")
_PLANNING = re.compile(r"\s*(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):\s*[<\[]|\s*CLOCK:\s*=>")
_BEGIN = re.compile(r"\s*#\+begin([_:])\s*(\S+)", re.IGNORECASE)
_NEORG = re.compile(r"\s*@(code|math|document\.meta|comment|table)\b")
_KEYWORD = re.compile(
    r"\s*#(?:\+|\s|\Z)|\s*@end\b|\s*%%\(|\s*\\(?:newpage|clearpage|pagebreak|tableofcontents|[a-z]+skip|noindent)\s*\Z"
)
_RULE = re.compile(r"\s*-{5,}\s*\Z")
_TABLE = re.compile(r"\s*(?:\||\+[-=+]+\+\s*\Z)")
_ITEM = re.compile(r"\s*(?:[-+]|\d{1,9}[.)])\s|\s+\*\s")
_TEX = re.compile(r"\s*\\begin\{(\w+\*?)\}")
_FORMULA = re.compile(r"\s*(?:\\\[|\$\$)\s*\Z")
_COMMENTED = re.compile(r"\*+[ \t]+(?:[A-Z]{2,20}[ \t]+)?(?:\[#\w\][ \t]+)?COMMENT(?:[ \t]|\Z)")
_HIDDEN = "hidden"  # the style below a headline that is a comment, with its level
_BLOCKS = {
    **dict.fromkeys(("src", "example", "export", "html", "latex", "ascii", "beamer", "ditaa", "dot"), LineKind.CODE),
    "comment": LineKind.COMMENT,
    "quote": LineKind.QUOTE,
}


@dataclass(frozen=True)
class Org:
    """A reader of Org."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.style.startswith(_HIDDEN):
            headline = _HEADLINE.match(line)
            if headline is None or len(headline[1]) > int(state.style.removeprefix(_HIDDEN)):
                return KINDS[LineKind.COMMENT], state
            state = state._replace(style="")
        if state.mark and not (state.style == "drawer" and _HEADLINE.match(line)):
            return inside(state, line)
        if not line.strip():
            return BLANK, state.with_paragraph(False)
        if line[0].isalpha():
            planning = _PLANNING.match(line)
            return (
                (KINDS[LineKind.MARKUP], state.with_paragraph(False))
                if planning
                else (TEXT, state.with_paragraph(True))
            )
        headline = _HEADLINE.match(line)
        if headline is not None:
            level = len(headline[1])
            if _COMMENTED.match(line):
                return KINDS[LineKind.COMMENT], state.closed()._replace(style=f"{_HIDDEN}{level}")
            return Line(LineKind.HEADING, headline.end(), level=level, starts=True), state.closed()._replace(style="")
        return self._block(state, line) or self._line(state, line)

    def _block(self, state: ReaderState, line: str) -> tuple[Line, ReaderState] | None:
        state = state._replace(style="") if state.style else state
        if begun := _BEGIN.match(line):
            kind = LineKind.MARKUP if begun[1] == ":" else _BLOCKS.get(begun[2].lower())
            if kind is None:
                return KINDS[LineKind.MARKUP], state.with_paragraph(False)
            end = r"\A\s*#\+end:" if begun[1] == ":" else rf"\A\s*#\+end_{re.escape(begun[2].lower())}\b"
            return KINDS[LineKind.MARKUP if kind is LineKind.QUOTE else kind], state.opened(end, kind)
        if begun := _NEORG.match(line):
            return KINDS[LineKind.CODE], state.opened(r"\A\s*@end\b", LineKind.CODE)
        if begun := _TEX.match(line):
            end = rf"\\end\{{{re.escape(begun[1])}\}}"
            return KINDS[LineKind.MATH], state if re.search(end, line) else state.opened(end, LineKind.MATH)
        if begun := _FORMULA.match(line):
            return KINDS[LineKind.MATH], state.opened(r"\\\]" if "[" in begun[0] else r"\$\$", LineKind.MATH)
        if (begun := _DRAWER.match(line)) and begun[1].lower() != "end" and _END not in state.unclosed:
            return KINDS[LineKind.MARKUP], state.opened(_END, LineKind.MARKUP)._replace(style="drawer")
        return None

    def _line(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        kind = next((kind for form, kind in _LINES if form.match(line)), LineKind.TEXT)
        if kind is LineKind.ITEM:
            return Line(kind, starts=True), state.with_paragraph(True)
        return KINDS[kind], state.with_paragraph(kind is LineKind.TEXT)


_LINES = (
    (_KEYWORD, LineKind.MARKUP),
    (_PROPERTY, LineKind.MARKUP),
    (_FIXED, LineKind.CODE),
    (_PLANNING, LineKind.MARKUP),
    (_TABLE, LineKind.TABLE),
    (_RULE, LineKind.RULE),
    (_ITEM, LineKind.ITEM),
)
