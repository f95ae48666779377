r"""Lines of LaTeX: environments of code, formulas and tables, wherever in a line they begin and end, and what is prose.

An environment that nobody here knows holds prose: theorems, frames, letters. A line that begins with other text than it
ends with is split at the marks: its text is the longest part outside them. This file knows nothing of what is done with
lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState, pattern

LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
HEADING = re.compile(rf"\\({'|'.join(LEVELS)})\*?(?:\[[^\]\n]*\])?\{{")
_CODE = (
    "verbatim|Verbatim|lstlisting|minted|alltt|filecontents|tikzpicture|pgfpicture|forest|algorithm|algorithmic|"
    "algorithm2e|pspicture|picture|asy|luacode|pycode|sagesilent|BVerbatim|LVerbatim"
)
_MATH = (
    "equation|align|alignat|aligned|gather|gathered|multline|math|displaymath|eqnarray|flalign|split|cases|matrix|"
    "pmatrix|bmatrix|array|IEEEeqnarray|dmath|dgroup|subequations|xalignat|tikzcd|prooftree"
)
_TABLE = "tabular|tabularx|tabulary|longtable|tabu|longtabu|tblr|table|sidewaystable|wraptable"
_MARKUP = "figure|wrapfigure|subfigure|sidewaysfigure|thebibliography|bibdiv|theindex|keywords|CCSXML|titlepage"
_KINDS = {
    **dict.fromkeys(_CODE.split("|"), LineKind.CODE),
    **dict.fromkeys(_MATH.split("|"), LineKind.MATH),
    **dict.fromkeys(_TABLE.split("|"), LineKind.TABLE),
    **dict.fromkeys(_MARKUP.split("|"), LineKind.MARKUP),
    **dict.fromkeys(("quote", "quotation", "displayquote", "epigraphs"), LineKind.QUOTE),
    "comment": LineKind.COMMENT,
}
_OPENING = re.compile(rf"\\begin\{{({'|'.join(_KINDS)})\*?\}}|(?<!\\)\\\[|(?<![\\$])\$\$(?!\$)|\\iffalse\b")
_WHOLE = re.compile(
    rf"(\\begin\{{(?P<name>{_CODE}|{_MATH}|{_TABLE})(?P<star>\*?)\}}[^\n]{{0,2000}}?\\end\{{(?P=name)(?P=star)\}}"
    r"|(?<!\\)\\\[[^\n]{0,2000}?(?<!\\)\\\]|(?<![\\$])\$\$[^$\n]{1,2000}\$\$(?!\$))"
)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%")
_VERB = re.compile(r"\\(?:verb|lstinline)\*?([^\w\s*{])[^\n]{0,400}?\1")
_DOCUMENT = r"\begin{document}"
_END_OF_DOCUMENT = r"\end{document}"
_ENDS = {r"\[": r"(?<!\\)\\\]", "$$": r"(?<!\\)\$\$", r"\iffalse": r"\\fi\b"}
# Commands that stay where their author put them: they are words of a sentence, or make a heading or an item.
_WORDS = (
    "part|chapter|section|subsection|subsubsection|paragraph|subparagraph|item|emph|text[a-z]+|enquote|footnote|"
    "underline|caption|textquote|mbox|url|href|cite[a-z]*|[a-z]*ref|lettrine|LaTeX|TeX|ldots|dots|og|guillemotleft|"
    "gls|Gls|acrshort|acrlong|ac|SI|num|marginpar|sidenote|subtitle|foreignquote|foreignlanguage|verb|ss|ae|oe|o|l|aa|"
    "glqq|glq|frqq|flqq|S|P|copyright|pounds|euro|today|frametitle|textsuperscript|hl|st|so|textcite|parencite|autocite"
)
_IS_WORD = re.compile(rf"\\(?:(?:{_WORDS})\b|[^A-Za-z])")
_COMMAND = re.compile(
    r"\s*\\[A-Za-z@]+\*?(?:\s*\[[^\[\]\n]{0,400}\]|\s*\{(?:[^{}\n]|\{(?:[^{}\n]|\{[^{}\n]{0,200}\}){0,400}\}){0,2000}\}){0,6}\s*"
)


@dataclass(frozen=True)
class Latex:
    """A reader of LaTeX. `preamble`: the text begins with one, which is no prose."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.style == "end":
            return KINDS[LineKind.MARKUP], state
        if not state.mark and "\\" not in line and "$$" not in line and "%" not in line:
            return (TEXT, state.with_paragraph(True)) if line.strip() else (BLANK, state.with_paragraph(False))
        if not line.strip():
            return self._blank(state)
        if not state.mark and line.lstrip().startswith("%"):
            return KINDS[LineKind.COMMENT], state  # no paragraph ends there
        return self._parts(state, line)

    def _blank(self, state: ReaderState) -> tuple[Line, ReaderState]:
        if state.mark:
            return (BLANK, state.closed()) if state.to_blank else (KINDS[state.kind], state)
        return BLANK, state.with_paragraph(False)

    def _parts(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """The line split at the marks of environments."""
        place, begin = 0, 0
        best, kind = (0, 0), state.kind if state.mark else LineKind.BLANK
        end = len(line) if state.mark else comment_at(line)
        while True:
            if state.mark:
                found = pattern(state.mark).search(line, place)
                if found is None:
                    break
                state, place = state.closed(paragraph=state.paragraph), found.end()
                begin, end = place, comment_at(line, place)
                continue
            opening = _opening(line, place, end)
            if opening is None:
                best = max(best, (begin, end), key=lambda part: len(line[slice(*part)].strip()))
                break
            best = max(best, (begin, opening.start()), key=lambda part: len(line[slice(*part)].strip()))
            mark, kind = _closing(opening)
            place = opening.end()
            state = state.opened(mark, kind)
        if not state.mark and line.find(_END_OF_DOCUMENT, 0, end) >= 0:
            state = state._replace(style="end")
        return self._part(state, line, best, kind)

    def _part(self, state: ReaderState, line: str, part: tuple[int, int], kind: LineKind) -> tuple[Line, ReaderState]:
        begin, end = text_of(line, *part)
        if begin >= end:
            only_marks = LineKind.MARKUP if line[slice(*part)].strip() or kind is LineKind.BLANK else kind
            return KINDS[only_marks], state
        heading = HEADING.match(line, begin)
        whole = None if end == len(line) else end
        if heading is not None:
            level = 1 + LEVELS.index(heading[1])
            return Line(LineKind.HEADING, begin, whole, level, starts=True), state.with_paragraph(False)
        item = line.startswith(r"\item", begin)
        found = Line(LineKind.ITEM if item else LineKind.TEXT, begin, whole, starts=item)
        return found, state if state.mark else state.with_paragraph(True)


def apart(text: str) -> str:
    """`text` with every formula or program that begins and ends within a line on a line of its own."""
    if not re.search(r"\\begin\{|\\\[|\$\$", text):
        return text
    return "\n".join(line if _VERB.search(line) else _apart(line) for line in text.split("\n"))


def _apart(line: str) -> str:
    end = comment_at(line)
    return _WHOLE.sub(r"\n\1\n", line[:end]).strip("\n") + line[end:]


def comment_at(line: str, place: int = 0) -> int:
    """Where in a line its comment begins; its length if it has none."""
    found = _COMMENT.search(line, place)
    while found is not None:
        verb = next((one for one in _VERB.finditer(line) if one.start() < found.end() <= one.end()), None)
        if verb is None:
            return found.end() - 1
        found = _COMMENT.search(line, verb.end())
    return len(line)


def text_of(line: str, begin: int, end: int) -> tuple[int, int]:
    """The part of `line` from `begin` to `end` without the commands that only lay it out, before and behind."""
    while begin < end and (line[begin].isspace() or line[begin] == "\\"):
        if line[begin].isspace():
            begin += 1
            continue
        if _IS_WORD.match(line, begin, end):
            break
        command = _COMMAND.match(line, begin, end)
        if command is None or command.end() == begin:
            break
        begin = command.end()
    return begin, end


def _opening(line: str, place: int, end: int) -> re.Match[str] | None:
    found = _OPENING.search(line, place, end)
    while found is not None:
        verb = next((one for one in _VERB.finditer(line) if one.start() < found.start() < one.end()), None)
        if verb is None:
            return found
        found = _OPENING.search(line, verb.end(), end)
    return None


def _closing(opening: re.Match[str]) -> tuple[str, LineKind]:
    name = opening[1]
    if name is None:
        return _ENDS[opening[0]], LineKind.COMMENT if opening[0] == r"\iffalse" else LineKind.MATH
    return rf"\\end\{{{name}\*?\}}", _KINDS[name]


def body(lines: list[str]) -> int:
    r"""The number of lines up to the one with \begin{document}; 0 for a part of a document."""
    return next((number + 1 for number, line in enumerate(lines) if _DOCUMENT in line[: comment_at(line)]), 0)
