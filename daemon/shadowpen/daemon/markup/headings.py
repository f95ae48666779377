"""Which headings a place is under: in Markdown and its kin, org, AsciiDoc, Typst and LaTeX.

Known are languages by their editors' names; elsewhere there are no headings. This file knows no documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Heading = tuple[int, str]  # its level, 1 being the outermost, and its title

_LATEX = frozenset(("latex", "tex", "plaintex"))
_OUTLINE = {"org": "*", "norg": "*", "asciidoc": "=", "typst": "="}
_LATEX_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
_LATEX_HEADING = re.compile(rf"^[^%\n]*?\\({'|'.join(_LATEX_LEVELS)})\*?(?:\[[^\]\n]*\])?\{{([^}}\n]*)", re.MULTILINE)
_HASHES = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)\Z")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*\Z")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_CLOSING = re.compile(r"(?:\s+#+|\s*\{[^}]*\}|\s+:[\w@:]+:)+\s*\Z")  # what stands behind a title and is none of it
_TODO = re.compile(r"(?:TODO|DONE|NEXT|WAITING)\s+")


def above(text: str, language: str, before: Iterable[Heading] = ()) -> list[Heading]:
    """The headings that the end of `text` is under, outermost first; `before` are those its beginning is under."""
    open_ones = list(before)
    for level, title in _headings(text, language):
        while open_ones and open_ones[-1][0] >= level:
            open_ones.pop()
        open_ones.append((level, title))
    return open_ones


def is_under(headings: Iterable[Heading], names: Iterable[str]) -> bool:
    """Whether one of `headings` has one of these `names`, whatever its case and blanks."""
    wanted = {_plain(name) for name in names}
    return any(_plain(title) in wanted for _, title in headings)


def _headings(text: str, language: str) -> Iterable[Heading]:
    if language in _LATEX:
        return [(1 + _LATEX_LEVELS.index(found[1]), found[2]) for found in _LATEX_HEADING.finditer(text)]
    if language in _OUTLINE:
        marked = re.compile(rf"^({re.escape(_OUTLINE[language])}+)[ \t]+(.*)$", re.MULTILINE)
        return [(len(found[1]), _TODO.sub("", found[2], count=1)) for found in marked.finditer(text)]
    return _in_markdown(text)


def _in_markdown(text: str) -> list[Heading]:
    """Headings with hashes and underlined ones; none inside a fence."""
    found: list[Heading] = []
    fence, line_before = "", ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
            continue
        if mark:
            fence = mark[1]
        elif hashes := _HASHES.match(line):
            found.append((len(hashes[1]), hashes[2]))
        elif line_before.strip() and (underline := _UNDERLINE.match(line)):
            found.append((1 if underline[1][0] == "=" else 2, line_before))
        line_before = line
    return found


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[*_`]", "", _CLOSING.sub("", title)).split()).casefold()
