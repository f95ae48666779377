"""Lines of reStructuredText: titles with their lines, directives, literal blocks, fields, tables.

What stands in an admonition or a figure's caption is its author's; what stands in code, tables and quotations is not.
This file knows neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState

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
        "tabs",
        "tab",
        "group-tab",
        "tab-set",
        "tab-item",
        "dropdown",
        "details",
        "collapse",
        "card",
    ]
)
_CAPTIONED = frozenset(["figure", "sphinx-figure"])  # what stands below their options is a caption
_QUOTES = frozenset(["epigraph", "highlights", "pull-quote", "quote", "blockquote"])
_COLUMN = re.compile(r"(\d+)(.*)")


@dataclass(frozen=True)
class Restructured:
    """A reader of reStructuredText. Its style is the indentation of what is read over, and what it is."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        blank = not line.strip()
        indent = len(line) - len(line.lstrip())
        if state.style:
            kind, held = _held(state.style)
            if blank:
                ended = state._replace(paragraph=False, style="", kind=LineKind.TEXT)
                return BLANK, ended if kind is LineKind.TABLE else state.with_paragraph(False)
            if indent > held:
                return self._within(state, line, kind)
            if kind is LineKind.TABLE:
                return KINDS[kind], state
            state = state._replace(style="")
        if blank:
            return BLANK, state.with_paragraph(False)._replace(kind=LineKind.TEXT)
        return self._line(state, line, indent)

    def _within(self, state: ReaderState, line: str, kind: LineKind) -> tuple[Line, ReaderState]:
        """A line below a directive: its options are none of the text."""
        if kind is not LineKind.TEXT:
            return KINDS[kind], state
        if state.kind is LineKind.MARKUP and _FIELD.match(line):
            return KINDS[LineKind.MARKUP], state
        inner, after = self._line(state._replace(style="", kind=LineKind.TEXT), line, len(line) - len(line.lstrip()))
        return inner, after if after.style else after._replace(style=state.style)

    def _line(self, state: ReaderState, line: str, indent: int) -> tuple[Line, ReaderState]:
        if state.kind is LineKind.CODE:
            return KINDS[LineKind.CODE], state
        if line[0].isalpha():
            return self._text(state, line, indent)
        if directive := _DIRECTIVE.match(line):
            return self._directive(state, line, indent, directive)
        if footnote := _FOOTNOTE.match(line):
            found = Line(LineKind.TEXT, footnote.end(), starts=True)
            return found, _over(state, LineKind.TEXT, indent).with_paragraph(True)
        if _EXPLICIT.match(line):
            return KINDS[LineKind.MARKUP], _over(state, LineKind.MARKUP, indent)
        if _SIMPLE_TABLE.match(line):
            return KINDS[LineKind.TABLE], _over(state, LineKind.TABLE, 0)
        if _GRID.match(line) or (state.kind is LineKind.TABLE and line.lstrip().startswith("|")):
            return KINDS[LineKind.TABLE], state.with_paragraph(False)._replace(kind=LineKind.TABLE)
        if _DOCTEST.match(line):
            return KINDS[LineKind.CODE], state.with_paragraph(False)._replace(kind=LineKind.CODE)
        if _LINE.match(line):
            return self._underline(state, line)
        if _FIELD.match(line):
            return KINDS[LineKind.MARKUP], state.with_paragraph(False)
        return self._text(state, line, indent)

    def _directive(self, state: ReaderState, line: str, indent: int, found: re.Match[str]) -> tuple[Line, ReaderState]:
        name = found[1].lower()
        rest = line[found.end() :]
        if name not in _PROSE and name not in _CAPTIONED:
            quote = name in _QUOTES
            kind = LineKind.QUOTE if quote else LineKind.CODE if name in _CODE else LineKind.MARKUP
            return KINDS[LineKind.MARKUP], _over(state, kind, indent)
        after = _over(state, LineKind.TEXT, indent)._replace(kind=LineKind.MARKUP)
        if not rest.strip() or name in _CAPTIONED:
            return KINDS[LineKind.MARKUP], after
        return Line(LineKind.TEXT, found.end(), starts=True), after.with_paragraph(True)

    def _underline(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """A line below a title, above one, or between paragraphs."""
        run = line.rstrip()
        if state.paragraph and len(run) > 1:
            return Line(LineKind.UNDERLINE, level=1 + "=-~^\"'#*+.:_`".find(run[0]) % 6), state.with_paragraph(False)
        if len(run) > 2:
            return KINDS[LineKind.RULE], state.with_paragraph(False)
        return TEXT, state.with_paragraph(True)

    def _text(self, state: ReaderState, line: str, indent: int) -> tuple[Line, ReaderState]:
        starts = bool(_ITEM.match(line))
        state = state._replace(kind=LineKind.TEXT) if state.kind is not LineKind.TEXT else state
        if line.rstrip().endswith("::"):
            bare = line.rstrip()
            if bare.strip() == "::":
                return KINDS[LineKind.MARKUP], _over(state, LineKind.CODE, indent)
            return Line(LineKind.TEXT, end=len(bare) - 1, starts=starts), _over(state, LineKind.CODE, indent)
        return Line(LineKind.ITEM, starts=True) if starts else TEXT, state.with_paragraph(True)


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


def _over(state: ReaderState, kind: LineKind, indent: int) -> ReaderState:
    """All that is indented more than `indent` is of `kind`."""
    return state._replace(paragraph=False, style=f"{indent}{kind}")


def _held(style: str) -> tuple[LineKind, int]:
    found = _COLUMN.match(style)
    return (LineKind(found[2]), int(found[1])) if found else (LineKind.TEXT, 0)
