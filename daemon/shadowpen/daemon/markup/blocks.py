"""The blocks of a Markdown text that contain no prose.

This file knows neither rules of grammar nor expansions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shadowpen.daemon.markup import families
from shadowpen.daemon.markup.front_matter import fenced_head
from shadowpen.daemon.markup.lines import LineKind, read

_UNCHECKED = frozenset(
    (LineKind.CODE, LineKind.MATH, LineKind.COMMENT, LineKind.HTML, LineKind.FRONT_MATTER, LineKind.INDENTED)
)


def checked(lines: Sequence[str], language: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that a reader of prose may check, as they stand: no front matter, code, formulas, comments."""
    family = families.of_language(language)
    if family is None:
        yield from enumerate(lines)
        return
    bare = [line.rstrip("\r\n") for line in lines]
    head = fenced_head(bare).lines if family.name == "markdown" else 0
    above = LineKind.BLANK
    for number, line in enumerate(read(bare, family.reader, first=head)):
        ends_block = line.begin > 0 and above in _UNCHECKED  # its first half would be read without what it belongs to
        if line.kind not in _UNCHECKED and not ends_block:
            yield number, lines[number]
        above = line.kind


def code_blocks(text: str) -> list[tuple[int, int]]:
    """Where in a text of Markdown its fenced blocks of code begin and end."""
    if "```" not in text and "~~~" not in text:
        return []
    found: list[tuple[int, int]] = []
    place, above = 0, LineKind.TEXT
    lines = text.split("\n")
    for line, read_as in zip(lines, read(lines, families.MARKDOWN.reader), strict=True):
        end = place + len(line)
        if read_as.kind is LineKind.CODE:
            start = found.pop()[0] if above is LineKind.CODE and found else place
            found.append((start, end))
        above, place = read_as.kind, end + 1
    return found
