"""Lines of Markdown: CommonMark, and the dialects of Obsidian, MDX, Quarto, Hugo, Jekyll and vimwiki.

Containers (lists, quotations) are followed as CommonMark does. Blocks that none of these would end, but that nobody
closes, end at a blank line (see `lines`). This file knows neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.languages.inline import code_spans
from shadowpen.daemon.markup.languages.shortcodes import opening
from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState, inside

_QUOTE = -1  # among containers; all others are columns of a list's content
_TAB = 4
_MARKER = re.compile(r"(?:[-*+•]|\d{1,9}[.)])(?:[ ]+|\Z)")
_FENCE = re.compile(r"(`{3,})([^`]*)\Z|(~{3,})(.*)\Z")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|\Z)")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*\Z")
_RULE = re.compile(r"([-*_])(?:[ \t]*\1){2,}[ \t]*\Z")
_DELIMITER_ROW = re.compile(r"\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*\Z")
_DEFINITION = re.compile(r"\[(?!\^)[^\]\n]{1,400}\]:(?:\s|\Z|\S+)|\*\[[^\]\n]{1,100}\]:")
_FOOTNOTE = re.compile(r"\[\^[^\]\n]{1,100}\]:[ ]*")
_HTML = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)(?=[\s/>]|\Z)")
_CALLOUT = re.compile(r"\[!(\w[\w-]*)[^\]\n]*\][+-]?")
_FIELD = re.compile(r"(?:[-*+] )?[^\W\d_][\w-]*(?: [\w-]+){0,3}::(?:\s|\Z)")
_ALONE = re.compile(
    r":{3,}.*|#\+end_\w+|\^[\w-]+|\[\[?_?TOC_?\]\]?|\{[:.#][^{}\n]{0,200}\}|\\(?:newpage|pagebreak|tableofcontents)",
    re.IGNORECASE,
)
_TEX = re.compile(
    r"\\begin\{((?:equation|align(?:ed|at|edat)?|gather(?:ed)?|multline|eqnarray|flalign|split|cases|[pbvBV]?matrix|array|math"
    r"|displaymath|subequations|tikzpicture|tabular)\*?)\}"
)
_ORG_BLOCK = re.compile(r"#\+begin_(\w+)", re.IGNORECASE)  # in Logseq's pages
_ORG_HELD = {
    **dict.fromkeys(("query", "src", "example", "export", "comment"), LineKind.CODE),
    "quote": LineKind.QUOTE,
}
_VERSE = re.compile(r"\|[ ](?=(?:[^|\s]+[ ]+){3})[^|]*\Z")  # Pandoc's; fewer words may become a table's cell
_MODULE = re.compile(
    r"import\s+(?:(?:[\w*{][^\n]*\sfrom\s+)?['\"]|\{)|export\s+(?:default|const|let|function|async|\{|\*)"
)
_WIKI_HEADING = re.compile(r"(={1,6}) .* \1[ ]*\Z")
_DECLARED = re.compile(r"<\?|<!\[CDATA\[|<!(?=[A-Za-z])")
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+[\"\w]|===[+!]*[ \t]+\"")  # of MkDocs; what it holds is indented
# What these tags hold is no prose, or a program's; of all other tags only the marks go.
_HELD = {
    **dict.fromkeys(("pre", "script", "style", "textarea"), LineKind.CODE),
    **dict.fromkeys(("table", "figure", "svg", "iframe", "video", "audio", "object", "math", "form"), LineKind.HTML),
    "blockquote": LineKind.QUOTE,
}
_COMMENT, _REMARK = ("<!--", "-->"), ("%%", "%%")


@dataclass(frozen=True)
class Markdown:
    """A reader of Markdown. `code_by_indent`: what is indented by four is code; `modules`: MDX; `wiki`: vimwiki."""

    code_by_indent: bool = True
    obsidian: bool = True
    modules: bool = False
    wiki: bool = False
    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if line[:1].isalpha() and not state.mark and not state.containers:
            return self._words(state, line) if state.style != "table" else self._leaf(state, line, line)
        if not line.strip():
            return self._blank(state)
        rest, matched = _within(state.containers, _untabbed(line))
        if state.mark:
            if matched == len(state.containers):
                return inside(state, rest) if rest == line else _moved(inside(state, rest), line, rest)
            state = state.closed()
        return self._open(state, line, rest, matched)

    def _blank(self, state: ReaderState) -> tuple[Line, ReaderState]:
        quote = next((depth for depth, one in enumerate(state.containers) if one == _QUOTE), None)
        if quote is not None:
            state = state.closed()._replace(containers=state.containers[:quote], style="")
        if state.mark:
            return (BLANK, state.closed()) if state.to_blank else (KINDS[state.kind], state)
        if state.paragraph or state.style == "table":
            state = state._replace(paragraph=False, style="" if state.style == "table" else state.style)
        return BLANK, state

    def _words(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """A line that begins with a letter, outside of everything."""
        if "::" in line and self.obsidian and _FIELD.match(line):
            return KINDS[LineKind.MARKUP], state.with_paragraph(False)
        if self.modules and not state.paragraph and _MODULE.match(line):
            return KINDS[LineKind.MARKUP], state.opened(r"\A\s*\Z", LineKind.MARKUP)._replace(to_blank=True)
        return self._text(state, line, line, TEXT)

    # --- containers ----------------------------------------------------------------------------------

    def _open(self, state: ReaderState, line: str, rest: str, matched: int) -> tuple[Line, ReaderState]:
        """The containers that go on and begin here, then what stands in them."""
        kept, opened = state.containers[:matched], list[int]()
        paragraph = state.paragraph and matched == len(state.containers)
        while not (self.code_by_indent and rest.startswith("    ")):
            bare = rest.lstrip(" ")
            column = len(rest) - len(bare)
            if bare.startswith(">"):
                opened.append(_QUOTE)
                rest = bare[2:] if bare.startswith("> ") else bare[1:]
                continue
            marker = _MARKER.match(bare)
            if paragraph and not opened and "|" in bare and _DELIMITER_ROW.match(bare):
                break  # a table's, though it begins as a list does
            if marker is None or _RULE.match(bare) or (paragraph and not opened and not _may_interrupt(marker)):
                break
            width = marker.end() if marker.end() <= len(marker[0].rstrip()) + _TAB else len(marker[0].rstrip()) + 1
            opened.append(column + width)
            rest = bare[width:]
        if opened:
            style = "" if _QUOTE in opened else state.style
            state = state._replace(containers=(*kept, *opened), paragraph=False, style=style)
            return self._quoted(self._item(self._leaf(state, line, rest), opened), line, rest)
        if matched < len(state.containers):
            if state.paragraph and self._is_lazy(state, rest):
                return self._quoted((KINDS[LineKind.TEXT], state), line, rest)
            style = state.style if _QUOTE in kept and state.style != "table" else ""
            state = state._replace(containers=kept, paragraph=False, style=style)
        return self._quoted(self._leaf(state, line, rest), line, rest)

    def _is_code(self, rest: str, paragraph: bool) -> bool:
        return self.code_by_indent and not paragraph and rest.startswith("    ")

    def _is_lazy(self, state: ReaderState, rest: str) -> bool:
        """Whether a line that left its containers goes on with the paragraph in them."""
        line, after = self._leaf(state._replace(style=""), rest, rest)
        underlines = line.kind is LineKind.UNDERLINE and line.level == 1  # not across containers: there it is text
        return underlines or (line.kind is LineKind.TEXT and not after.mark)

    def _item(self, read: tuple[Line, ReaderState], opened: list[int]) -> tuple[Line, ReaderState]:
        line, state = read
        if opened[-1] != _QUOTE and line.kind in (LineKind.TEXT, LineKind.BLANK):
            line = line._replace(kind=LineKind.ITEM, starts=True)
        elif line.kind is LineKind.TEXT:
            line = line._replace(starts=True)
        return line, state

    def _quoted(self, read: tuple[Line, ReaderState], line: str, rest: str) -> tuple[Line, ReaderState]:
        """Prose in a quotation is another's; in a callout it is not."""
        found, state = read
        if _QUOTE not in state.containers or found.kind not in (
            LineKind.TEXT,
            LineKind.ITEM,
            LineKind.HEADING,
            LineKind.BLANK,
        ):
            return found, state
        callout = _CALLOUT.match(rest.lstrip())
        if callout is not None and not state.style:
            foreign = callout[1].lower() in ("quote", "cite")
            state = state._replace(style="quotation" if foreign else "callout", paragraph=not foreign)
            begin = len(line) - len(rest.lstrip()) + callout.end()
            return Line(LineKind.QUOTE if foreign else LineKind.TEXT, begin, starts=True), state
        if state.style != "callout":
            return found._replace(kind=LineKind.QUOTE), state._replace(style="quotation") if not state.style else state
        if found.kind is LineKind.BLANK:
            return BLANK, state
        return found._replace(begin=found.begin or len(line) - len(line.lstrip(" \t>"))), state

    # --- leaves --------------------------------------------------------------------------------------

    def _leaf(self, state: ReaderState, line: str, rest: str) -> tuple[Line, ReaderState]:
        """What `rest`, the part of `line` behind its containers' marks, is."""
        bare = rest.lstrip(" ")
        if not bare:
            return BLANK, state.with_paragraph(False)
        if self._is_code(rest, state.paragraph):
            return KINDS[LineKind.INDENTED], state
        if self.code_by_indent and rest.startswith("    "):
            return TEXT, state  # it goes on with the paragraph, whatever it looks like
        if state.style == "table":
            if "|" in bare:
                return KINDS[LineKind.TABLE], state
            state = state._replace(style="")
        if bare[0] in "`~<$\\%{:^[*+|#=-_!?":
            if (found := self._marked(state, bare)) is not None:
                return found if line == bare else _moved(found, line, bare)
        elif self.obsidian and "::" in bare and _FIELD.match(bare):
            return KINDS[LineKind.MARKUP], state.with_paragraph(False)
        return self._text(state, line, bare, TEXT)

    def _marked(self, state: ReaderState, bare: str) -> tuple[Line, ReaderState] | None:
        """A leaf that its first characters make; None for a paragraph's line."""
        return (
            self._fenced(state, bare)
            or self._ruled(state, bare)
            or self._tagged(state, bare)
            or self._special(state, bare)
        )

    def _fenced(self, state: ReaderState, bare: str) -> tuple[Line, ReaderState] | None:
        fence = _FENCE.match(bare)
        if fence is not None:
            run = fence[1] or fence[3]
            return KINDS[LineKind.CODE], state.opened(rf"\A *{run[0]}{{{len(run)},}}[ \t]*\Z", LineKind.CODE, firm=True)
        if bare.startswith("$$"):
            if bare.count("$$") % 2:
                return KINDS[LineKind.MATH], state.opened(r"\$\$[^$]*\Z", LineKind.MATH)
            return (KINDS[LineKind.MATH], state.with_paragraph(False)) if bare.rstrip().endswith("$$") else None
        if bare.rstrip() == r"\[":
            return KINDS[LineKind.MATH], state.opened(r"\\\]", LineKind.MATH)
        if environment := _TEX.match(bare):
            return _block(state, bare, rf"\\end\{{{re.escape(environment[1])}\}}", LineKind.MATH)
        return _block(state, bare, r"\}\}\}", LineKind.CODE) if self.wiki and bare.startswith("{{{") else None

    def _ruled(self, state: ReaderState, bare: str) -> tuple[Line, ReaderState] | None:
        if heading := _HEADING.match(bare):
            return Line(LineKind.HEADING, heading.end(), level=len(heading[1]), starts=True), state.with_paragraph(
                False
            )
        if self.wiki and (heading := _WIKI_HEADING.match(bare)):
            level = len(heading[1])
            return Line(LineKind.HEADING, level + 1, level=level, starts=True), state.with_paragraph(False)
        if state.paragraph and (underline := _UNDERLINE.match(bare)):
            level = 1 if underline[1][0] == "=" else 2
            return Line(LineKind.UNDERLINE, level=level), state.with_paragraph(False)
        if bare[0] in "|:-" and "|" in bare and state.paragraph and _DELIMITER_ROW.match(bare):
            return KINDS[LineKind.TABLE_RULE], state._replace(paragraph=False, style="table")
        if bare[0] == "|" and _VERSE.match(bare):
            return Line(LineKind.TEXT, 2, starts=True), state.with_paragraph(True)
        if bare[0] == "|" or bare.startswith("+--"):
            return KINDS[LineKind.TABLE], state._replace(paragraph=False, style="table")
        return (KINDS[LineKind.RULE], state.with_paragraph(False)) if _RULE.match(bare) else None

    def _tagged(self, state: ReaderState, bare: str) -> tuple[Line, ReaderState] | None:
        if bare.startswith("<!--"):
            return _block(state, bare, "-->", LineKind.COMMENT)
        if declared := _DECLARED.match(bare):
            mark = {"<?": r"\?>", "<![CDATA[": r"\]\]>"}.get(declared[0], ">")
            return _block(state, bare, mark, LineKind.HTML)
        tag = _HTML.match(bare) if bare[0] == "<" else None
        if tag is None:
            return None
        held = _HELD.get(tag[2].lower())
        if held is not None:
            if tag[1] or re.match(r"<[^<>]*/>\s*\Z", bare):
                return KINDS[LineKind.HTML], state.with_paragraph(False)
            return _block(state, bare, rf"</{tag[2].lower()}\s*>", held)
        if ">" not in bare and not state.paragraph:
            return KINDS[LineKind.HTML], state.opened(r"/?>", LineKind.HTML)._replace(to_blank=True)
        return None

    def _special(self, state: ReaderState, bare: str) -> tuple[Line, ReaderState] | None:
        if found := opening(bare):
            return _block(state, bare, *found)
        if self.obsidian and bare.startswith("%%"):
            return _block(state, bare, "%%", LineKind.COMMENT, behind=2)
        if self.modules and bare.startswith("{/*"):
            return _block(state, bare, r"\*/\}", LineKind.COMMENT)
        if self.obsidian and (block := _ORG_BLOCK.match(bare)):
            held = _ORG_HELD.get(block[1].lower())
            if held is None:
                return KINDS[LineKind.MARKUP], state.with_paragraph(False)
            return _block(state, bare, rf"#\+end_{re.escape(block[1])}\b", held, behind=2)
        if bare.startswith("<%"):
            return _block(state, bare, "%>", LineKind.MARKUP, behind=2)
        if self.obsidian and _ADMONITION.match(bare):
            return KINDS[LineKind.MARKUP], state._replace(containers=(*state.containers, _TAB), paragraph=False)
        if bare.startswith(("{{<", "{{%")) and not re.search(r"[%>]\}\}", bare):
            return KINDS[LineKind.MARKUP], state.opened(r"[%>]\}\}", LineKind.MARKUP)._replace(to_blank=True)
        if footnote := _FOOTNOTE.match(bare):
            within = state._replace(containers=(*state.containers, _TAB))
            return self._text(within, bare, bare, Line(LineKind.TEXT, footnote.end(), starts=True))
        if _DEFINITION.match(bare):
            return KINDS[LineKind.DEFINITION], state.with_paragraph(False)
        field = self.obsidian and _FIELD.match(bare)
        return (
            (KINDS[LineKind.MARKUP], state.with_paragraph(False)) if field or _ALONE.fullmatch(bare.rstrip()) else None
        )

    def _text(self, state: ReaderState, line: str, bare: str, found: Line) -> tuple[Line, ReaderState]:
        """A paragraph's line, which a remark may begin in that goes on below."""
        for begin, end in (_COMMENT, _REMARK) if self.obsidian else (_COMMENT,):
            if begin in bare and (at := _left_open(bare, begin, end)) >= 0 and end not in state.unclosed:
                cut = len(line) - len(bare) + at
                return found._replace(kind=LineKind.TEXT, end=cut), state.opened(end, LineKind.COMMENT)
        return found, state.with_paragraph(True)


def _untabbed(line: str) -> str:
    """`line` with the tabs before its text as spaces."""
    bare = line.lstrip(" \t>")
    head = line[: len(line) - len(bare)]
    marker = _MARKER_AND_TAB.match(bare)
    if marker is not None:
        head, bare = head + marker[0], bare[marker.end() :]
    return head.expandtabs(_TAB) + bare if "\t" in head else line


_MARKER_AND_TAB = re.compile(r"(?:[-*+•]|\d{1,9}[.)])\t[ \t]*")


def _within(containers: tuple[int, ...], line: str) -> tuple[str, int]:
    """What of `line` stands within the containers, and how many of them go on in it."""
    for depth, container in enumerate(containers):
        bare = line.lstrip(" ")
        column = len(line) - len(bare)
        if container == _QUOTE:
            if not bare.startswith(">") or column >= _TAB:
                return line, depth
            line = bare[2:] if bare.startswith("> ") else bare[1:]
        elif column >= container or not bare:
            line = line[container:]
        else:
            return line, depth
    return line, len(containers)


def _may_interrupt(marker: re.Match[str]) -> bool:
    """Whether a list may begin below a paragraph's line without a blank one."""
    return marker[0].endswith(" ") and (not marker[0][0].isdigit() or marker[0].rstrip() in ("1.", "1)"))


def _block(state: ReaderState, bare: str, mark: str, kind: LineKind, behind: int = 1) -> tuple[Line, ReaderState]:
    """A block that begins with `bare`, and perhaps ends there: then it is text if text follows."""
    inner, outer = inside(ReaderState(mark, kind), bare, behind)
    if outer.mark:
        return KINDS[kind], state.opened(mark, kind)
    if inner.kind is LineKind.TEXT:
        return inner, state.with_paragraph(True)
    return KINDS[kind], state.with_paragraph(False)


def _moved(read: tuple[Line, ReaderState], line: str, rest: str) -> tuple[Line, ReaderState]:
    """A line that was read from `rest`, its end, told as one of `line`."""
    found, state = read
    shift = len(line) - len(rest)
    end = found.end + shift if found.end is not None else None
    return found._replace(begin=max(0, found.begin + shift) if found.begin else 0, end=end), state


def _left_open(line: str, begin: str, end: str) -> int:
    """Where in `line` a passage begins that does not end in it; -1 for nowhere. Code spans open nothing."""
    spans = code_spans(line)
    place = 0
    while (at := line.find(begin, place)) >= 0:
        span = next((stop for start, stop in spans if start <= at < stop), 0)
        if span:
            place = span
            continue
        closed = line.find(end, at + len(begin))
        if closed < 0:
            return at
        place = closed + len(end)
    return -1
