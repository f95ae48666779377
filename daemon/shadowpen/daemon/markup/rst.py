"""Lines of reStructuredText: titles with their lines, directives, literal blocks, fields, tables.

What stands in an admonition or a figure's caption is its author's; what stands in code, tables and quotations is not.
This file knows neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Kind, Line, State

_LINE = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*\Z")
_DIRECTIVE = re.compile(r"\s*\.\.[ \t]+(?:\|[^|\n]{1,100}\|[ \t]+)?([\w:.+-]*\w)[ \t]?::(?:[ \t]+|\Z)")
_EXPLICIT = re.compile(r"\s*\.\.(?:[ \t]|\Z)|__[ \t]")
_FOOTNOTE = re.compile(r"\s*\.\.[ \t]+\[(?:\d{1,4}|#[\w-]{0,60}|\*)\][ \t]+(?=\S)")
_FIELD = re.compile(r"\s*:(?![ :`])[^:`\n]{1,80}:(?:[ \t]|\Z)")
_DOCTEST = re.compile(r"\s*>>>(?: |\Z)")
_SIMPLE_TABLE = re.compile(r"\s*=+(?:[ ]+=+)+\s*\Z")
_GRID = re.compile(r"\s*\+[-=+]{2,}\+\s*\Z")
_ITEM = re.compile(r"\s*(?:[-*+•]|\(?(?:\d{1,9}|[A-Za-z]|#)[.)])\s")
_PROSE = frozenset(
    [
        "attention",
        "caution",
        "danger",
        "error",
        "hint",
        "important",
        "note",
        "tip",
        "warning",
        "admonition",
        "seealso",
        "topic",
        "sidebar",
        "versionadded",
        "versionchanged",
        "deprecated",
        "container",
        "centered",
        "rubric",
        "todo",
        "epilogue",
        "abstract",
        "dedication",
        "only",
        "compound",
    ]
)
_QUOTES = frozenset(["epigraph", "highlights", "pull-quote", "quote", "blockquote"])
_COLUMN = re.compile(r"(\d+)(.*)")


@dataclass(frozen=True)
class Restructured:
    """A reader of reStructuredText. Its style is the indentation of what is read over, and what it is."""

    start: State = State()

    def read(self, state: State, line: str) -> tuple[Line, State]:
        """See `lines.Reader`."""
        blank = not line.strip()
        indent = len(line) - len(line.lstrip())
        if state.style:
            kind, held = _held(state.style)
            if blank:
                ended = state._replace(paragraph=False, style="", kind=Kind.TEXT)
                return BLANK, ended if kind is Kind.TABLE else state.with_paragraph(False)
            if indent > held:
                return self._within(state, line, kind)
            if kind is Kind.TABLE:
                return KINDS[kind], state
            state = state._replace(style="")
        if blank:
            return BLANK, state.with_paragraph(False)._replace(kind=Kind.TEXT)
        return self._line(state, line, indent)

    def _within(self, state: State, line: str, kind: Kind) -> tuple[Line, State]:
        """A line below a directive: its options are none of the text."""
        if kind is not Kind.TEXT:
            return KINDS[kind], state
        if state.kind is Kind.MARKUP and _FIELD.match(line):
            return KINDS[Kind.MARKUP], state
        inner, after = self._line(state._replace(style="", kind=Kind.TEXT), line, len(line) - len(line.lstrip()))
        return inner, after if after.style else after._replace(style=state.style)

    def _line(self, state: State, line: str, indent: int) -> tuple[Line, State]:
        if state.kind is Kind.CODE:
            return KINDS[Kind.CODE], state
        if line[0].isalpha():
            return self._text(state, line, indent)
        if directive := _DIRECTIVE.match(line):
            return self._directive(state, line, indent, directive)
        if footnote := _FOOTNOTE.match(line):
            found = Line(Kind.TEXT, footnote.end(), starts=True)
            return found, _over(state, Kind.TEXT, indent).with_paragraph(True)
        if _EXPLICIT.match(line):
            return KINDS[Kind.MARKUP], _over(state, Kind.MARKUP, indent)
        if _SIMPLE_TABLE.match(line):
            return KINDS[Kind.TABLE], _over(state, Kind.TABLE, 0)
        if _GRID.match(line) or (state.kind is Kind.TABLE and line.lstrip().startswith("|")):
            return KINDS[Kind.TABLE], state.with_paragraph(False)._replace(kind=Kind.TABLE)
        if _DOCTEST.match(line):
            return KINDS[Kind.CODE], state.with_paragraph(False)._replace(kind=Kind.CODE)
        if _LINE.match(line):
            return self._underline(state, line)
        if _FIELD.match(line):
            return KINDS[Kind.MARKUP], state.with_paragraph(False)
        return self._text(state, line, indent)

    def _directive(self, state: State, line: str, indent: int, found: re.Match[str]) -> tuple[Line, State]:
        name = found[1].lower()
        rest = line[found.end() :]
        if name not in _PROSE:
            quote = name in _QUOTES
            kind = Kind.QUOTE if quote else Kind.CODE if name in _CODE else Kind.MARKUP
            return KINDS[Kind.MARKUP], _over(state, kind, indent)
        after = _over(state, Kind.TEXT, indent)._replace(kind=Kind.MARKUP)
        if not rest.strip():
            return KINDS[Kind.MARKUP], after
        return Line(Kind.TEXT, found.end(), starts=True), after.with_paragraph(True)

    def _underline(self, state: State, line: str) -> tuple[Line, State]:
        """A line below a title, above one, or between paragraphs."""
        run = line.rstrip()
        if state.paragraph and len(run) > 1:
            return Line(Kind.UNDERLINE, level=1 + "=-~^\"'#*+.:_`".find(run[0]) % 6), state.with_paragraph(False)
        if len(run) > 2:
            return KINDS[Kind.RULE], state.with_paragraph(False)
        return TEXT, state.with_paragraph(True)

    def _text(self, state: State, line: str, indent: int) -> tuple[Line, State]:
        starts = bool(_ITEM.match(line))
        state = state._replace(kind=Kind.TEXT) if state.kind is not Kind.TEXT else state
        if line.rstrip().endswith("::"):
            bare = line.rstrip()
            if bare.strip() == "::":
                return KINDS[Kind.MARKUP], _over(state, Kind.CODE, indent)
            return Line(Kind.TEXT, end=len(bare) - 1, starts=starts), _over(state, Kind.CODE, indent)
        return Line(Kind.ITEM, starts=True) if starts else TEXT, state.with_paragraph(True)


_CODE = frozenset(
    [
        "code",
        "code-block",
        "sourcecode",
        "parsed-literal",
        "highlight",
        "raw",
        "math",
        "literalinclude",
        "graphviz",
        "doctest",
        "testcode",
        "testsetup",
        "testoutput",
        "productionlist",
        "prompt",
        "ipython",
        "plot",
        "mermaid",
        "uml",
    ]
)


def _over(state: State, kind: Kind, indent: int) -> State:
    """All that is indented more than `indent` is of `kind`."""
    return state._replace(paragraph=False, style=f"{indent}{kind}")


def _held(style: str) -> tuple[Kind, int]:
    found = _COLUMN.match(style)
    return (Kind(found[2]), int(found[1])) if found else (Kind.TEXT, 0)
