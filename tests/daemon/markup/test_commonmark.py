"""markup/languages/markdown.py against a parser of CommonMark: the same blocks in any text."""

from __future__ import annotations

import random

import pytest

from shadowpen.daemon.markup.families import LanguageFamily
from shadowpen.daemon.markup.languages.markdown import Markdown
from shadowpen.daemon.markup.lines import LineKind, read

markdown_it = pytest.importorskip("markdown_it")
_LINES = (
    *(
        "word",
        "more words",
        "",
        "",
        "# head",
        "## head",
        "===",
        "---",
        "***",
        "    indented",
        "  two",
        "```",
        "```py",
        "~~~",
    ),
    *(
        "- item",
        "* item",
        "1. item",
        "2) item",
        "- ```",
        "> quoted",
        "> ```",
        ">",
        "    - deep",
        "  - in",
        "   ```",
        "\ttab",
    ),
    *("```a```", "#none", "- - nested", "1. # head", "   # head", "````", "-", "`code`"),
)
_CODE, _HEADING = (LineKind.CODE, LineKind.INDENTED), (LineKind.HEADING,)
_READER = LanguageFamily("markdown", Markdown(obsidian=False)).reader


def theirs(text: str) -> tuple[set[int], set[int]]:
    """The lines of code (with something in them), and those of headings."""
    code, headings = set[int](), set[int]()
    lines = text.split("\n")
    for token in markdown_it.MarkdownIt("commonmark").disable(["inline"], ignoreInvalid=True).parse(text):
        if token.map and token.type in ("fence", "code_block"):
            code |= {number for number in range(*token.map) if lines[number].strip(" \t>")}
        elif token.map and token.type == "heading_open":
            headings |= {number for number in range(*token.map) if _has_words(lines[number])}
    return code, headings


def _has_words(line: str) -> bool:
    """Whether a line is more than marks: those may be a heading's words or its underline."""
    return not set(line) <= set("=- >*`")


def test_it_reads_the_blocks_as_commonmark_has_them() -> None:
    dice = random.Random(11)
    texts = ["\n".join(dice.choices(_LINES, k=dice.randrange(2, 9))) for _ in range(1_500)]
    wrong = []
    for text in texts:
        lines = text.split("\n")
        kinds = read(lines, _READER)
        code = {number for number, line in enumerate(kinds) if line.kind in _CODE and lines[number].strip(" \t>")}
        headings = {number for number, line in enumerate(kinds) if line.kind in _HEADING and _has_words(lines[number])}
        if (code, headings) != theirs(text):
            wrong.append(text)
    assert len(wrong) <= len(texts) * 0.005, wrong[:3]
