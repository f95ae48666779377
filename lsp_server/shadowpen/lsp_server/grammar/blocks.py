"""A text as the pieces that are checked one by one: paragraphs, without front matter, code, formulas and comments.

An edit costs the check of its paragraph and not of the document. What Harper would not know for code once it stands
alone (a fence, what follows a blank line within it) is left out here. This file knows no rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MARKDOWN = "markdown"
PLAIN = "plaintext"
TYPST = "typst"
# The languages that are checked, as editors name them, and what Harper reads them as.
LANGUAGES = {
    "markdown": MARKDOWN,
    "quarto": MARKDOWN,
    "rmd": MARKDOWN,
    "rmarkdown": MARKDOWN,
    "mdx": MARKDOWN,
    "vimwiki": MARKDOWN,
    "plaintext": PLAIN,
    "text": PLAIN,
    "txt": PLAIN,
    "mail": PLAIN,
    "typst": TYPST,
}
_LONG = 2000  # a longer block ends with the next line that ends a sentence
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*\s*$")
_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,}|\${2})(.*)")
_OPENING_TAG = re.compile(r"[ \t]*<(pre|script|style|svg|math)\b", re.IGNORECASE)
_COMMENT = "<!--"


@dataclass(frozen=True)
class Block:
    """Lines that are checked together, with their line ends; `line` is the number of the first."""

    line: int
    text: str


def blocks(lines: Sequence[str], language: str) -> Iterator[Block]:
    """The blocks of a document in the order of the text; `language` is one of Harper's."""
    closed = _without_code(lines) if language == MARKDOWN else enumerate(lines)
    gathered: list[str] = []
    first, size, before = 0, 0, -2
    for number, line in closed:
        blank = not line.strip()
        if gathered and (blank or number != before + 1 or (size > _LONG and _may_end(gathered[-1], line))):
            yield Block(first, "".join(gathered))
            gathered, size = [], 0
        before = number
        if blank:
            continue
        if not gathered:
            first = number
        gathered.append(line)
        size += len(line)
    if gathered:
        yield Block(first, "".join(gathered))


def _may_end(line: str, following: str) -> bool:
    """Whether a long block may end with `line`; indented, what follows would be taken for code."""
    return bool(_SENTENCE_END.search(line)) and not following[:1].isspace()


def _without_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The numbered lines that are prose."""
    number = _front_matter(lines)
    while number < len(lines):
        closing = _closing(lines[number])
        if closing is None:
            yield number, lines[number]
            number += 1
            continue
        number = next((n for n in range(number + 1, len(lines)) if closing.search(lines[n])), len(lines)) + 1


def _front_matter(lines: Sequence[str]) -> int:
    """The number of the first line behind it."""
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return 0
    ends = ("---", "...") if mark == "---" else (mark,)
    return next((n + 1 for n in range(1, len(lines)) if lines[n].rstrip() in ends), 0)


def _closing(line: str) -> re.Pattern[str] | None:
    """What ends the passage that `line` opens, searched for in the lines that follow; None if it opens none."""
    fence = _FENCE.match(line)
    if fence is not None:
        mark, rest = fence.groups()
        if mark[0] in rest:
            return None  # it ends in the same line, or is none
        return re.compile(rf"{re.escape(mark)}\s*$" if mark == "$$" else rf"^[ \t>]*{mark}{mark[0]}*\s*$")
    tag = _OPENING_TAG.match(line)
    if tag is not None and f"</{tag[1].lower()}" not in line.lower():
        return re.compile(f"</{tag[1]}", re.IGNORECASE)
    opened = line.rfind(_COMMENT)
    return re.compile("-->") if opened >= 0 and "-->" not in line[opened:] else None
