"""Lines of AsciiDoc: titles, attributes, block lines, delimited blocks, tables, macros.

Examples, sidebars and open blocks hold prose; listings, literals, comments, passthroughs and tables do not. This file
knows neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState

_FENCE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,}|_{4,}|={4,}|\*{4,}|--|[|,:!]={3,})(?:[\w,-]{0,30})?\s*\Z")
_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"(=+|-+|~+|\^+|\++)\s*\Z")
_ATTRIBUTE = re.compile(r":!?[\w-]+!?:(?:\s|\Z)")
_BLOCK_LINE = re.compile(r"\[(?!\[?\d{1,4}\])[^\]\n]*\]{0,2}\s*\Z")
_MACRO = re.compile(r"(?:image|include|video|audio|toc|ifdef|ifndef|ifeval|endif|link|icon|plantuml)::?\S*\[|endif::")
_RULE = re.compile(r"(?:'{3,}|<{3,}|-{3}|\*{3})\s*\Z")
_ITEM = re.compile(r"\s*(?:[*.]{1,6}|-|\d{1,4}\.|[a-zA-Z]\.|<[\d.]{1,3}>)\s+\S|\s*\S[^\n]{0,200}?:{2,4}(?:\s|\Z)")
_STYLES = {
    **dict.fromkeys(("source", "listing", "literal", "pass", "subs", "mermaid", "plantuml", "ditaa"), LineKind.CODE),
    **dict.fromkeys(("stem", "latexmath", "asciimath"), LineKind.MATH),
    **dict.fromkeys(("quote", "verse", "blockquote"), LineKind.QUOTE),
    "comment": LineKind.COMMENT,
}
_FENCES = {
    "-": LineKind.CODE,
    ".": LineKind.CODE,
    "+": LineKind.CODE,
    "`": LineKind.CODE,
    "/": LineKind.COMMENT,
    "_": LineKind.QUOTE,
}
_HEAD = "head"  # the lines below a document's title: author, revision, attributes
_LIST = "list"
_PARAGRAPH = r"\A\s*\Z"


@dataclass(frozen=True)
class Asciidoc:
    """A reader of AsciiDoc. Its style is what the block line above says of a block, or where the line stands."""

    start: ReaderState = ReaderState(style="first")

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        blank = not line.strip()
        if state.mark:
            return self._within(state, line, blank=blank)
        if blank:
            style = state.style if state.style in (_LIST, "first") else ""
            return BLANK, state._replace(paragraph=False, style=style) if state.paragraph or state.style else state
        if state.style == _HEAD and not _HEADING.match(line):
            return KINDS[LineKind.MARKUP], state
        return self._marked(state, line) or self._text(state, line)

    def _within(self, state: ReaderState, line: str, *, blank: bool) -> tuple[Line, ReaderState]:
        closed = state.closed()._replace(style="")
        if blank:
            return (BLANK, closed) if state.to_blank or state.mark == _PARAGRAPH else (KINDS[state.kind], state)
        if state.mark != _PARAGRAPH and line.rstrip() == state.mark:
            return KINDS[state.kind], closed
        return KINDS[state.kind], state

    def _marked(self, state: ReaderState, line: str) -> tuple[Line, ReaderState] | None:
        if heading := _HEADING.match(line):
            style = _HEAD if len(heading[1]) == 1 and state.style == "first" else ""
            found = Line(LineKind.HEADING, heading.end(), level=len(heading[1]), starts=True)
            return found, state._replace(paragraph=False, style=style)
        title = int(state.style) if state.style.isdigit() and state.paragraph else -9
        if abs(title - len(line.rstrip())) <= 1 and _UNDERLINE.match(line):
            level = 1 + "=-~^+".index(line[0])
            return Line(LineKind.UNDERLINE, level=level), state._replace(paragraph=False, style="")
        if fence := _FENCE.match(line):
            return self._fenced(state, line, fence[1])
        if line.startswith("//"):
            return KINDS[LineKind.COMMENT], state
        if _ATTRIBUTE.match(line) or _MACRO.match(line) or line.rstrip() == "+":
            return KINDS[LineKind.MARKUP], state.with_paragraph(False)
        if _RULE.match(line):
            return KINDS[LineKind.RULE], state.with_paragraph(False)
        if not state.paragraph and _BLOCK_LINE.match(line):
            named = re.match(r"\[\s*([\w-]*)", line)
            style = named[1].lower() if named and named[1].lower() in _STYLES else ""
            return KINDS[LineKind.MARKUP], state._replace(style=style or (_LIST if state.style == _LIST else ""))
        return None

    def _fenced(self, state: ReaderState, line: str, fence: str) -> tuple[Line, ReaderState]:
        run = line.rstrip() if fence[0] != "`" else fence
        kind = _STYLES.get(state.style, _FENCES.get(fence[0]))
        if fence[1] == "=" and fence[0] in "|,:!":
            kind = LineKind.TABLE
        elif fence == "--":
            kind = _STYLES.get(state.style)
        elif fence[0] == "_" and kind is None:
            kind = LineKind.QUOTE
        state = state._replace(style="", paragraph=False)
        if kind is None or run in state.unclosed:
            return KINDS[LineKind.MARKUP], state
        return KINDS[kind], state.opened(run, kind)

    def _text(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        if not state.paragraph and state.style in _STYLES:
            kind = _STYLES[state.style]
            return KINDS[kind], state.opened(_PARAGRAPH, kind)._replace(to_blank=True)
        item = _ITEM.match(line)
        if item:
            return Line(LineKind.ITEM, starts=True), state._replace(paragraph=True, style=_LIST)
        if line[0] in " \t" and not state.paragraph and state.style != _LIST:
            return KINDS[LineKind.CODE], state.opened(_PARAGRAPH, LineKind.CODE)._replace(to_blank=True)
        if line[0] not in " \t" and not state.paragraph:
            # The length of a paragraph's first line: a line of marks as long below it makes it a title.
            return TEXT, state._replace(paragraph=True, style=str(len(line.rstrip())))
        style = "" if state.style.isdigit() else state.style
        return TEXT, state if state.paragraph and style == state.style else state._replace(paragraph=True, style=style)
