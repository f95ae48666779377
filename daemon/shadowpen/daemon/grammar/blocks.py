"""Split a text into the pieces to check: paragraphs, without front matter, code, formulas and comments.

An edit costs the check of its paragraph and not of the document. What Harper would not know for code once it stands
alone (a fence, what follows a blank line within it) is left out. This file knows neither rules nor markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shadowpen.daemon.markup.blocks import checked

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


@dataclass(frozen=True)
class Block:
    """Lines that are checked together, with their line ends; `line` is the number of the first."""

    line: int
    text: str


def blocks(lines: Sequence[str], language: str) -> Iterator[Block]:
    """The blocks of a document in the order of the text; `language` is one of Harper's."""
    closed = enumerate(lines) if language == PLAIN else checked(lines, language)
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
