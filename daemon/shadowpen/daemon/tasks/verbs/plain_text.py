"""Convert Markdown to plain text and back, line by line.

Fenced code and formulas stay as they are. This file knows no other markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shadowpen.daemon.markup import families
from shadowpen.daemon.markup.lines import LineKind, read

_KEPT = frozenset((LineKind.CODE, LineKind.MATH, LineKind.FRONT_MATTER, LineKind.INDENTED, LineKind.COMMENT))
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_INLINE = (
    (re.compile(r"!?\[([^\]\n]+)\]\(<?([^()\s>]+)>?(?:\s+\"[^\"\n]*\")?\)"), r"\1 (\2)"),
    (re.compile(r"(?<!\w)(\*\*\*|\*\*|\*)(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(?<!\w)(___|__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|~>-])"), r"\1"),
)
_CODE_SPAN = re.compile(r"(`+)(.+?)\1|(\$(?=\S)[^$\n]+(?<=\S)\$(?!\d))")
_BULLET = re.compile(r"(\s*)[•‣◦–](\s+)")
_NUMBER = re.compile(r"(\s*\d{1,4})\)(\s+)")
_SHOUTED = re.compile(r"[A-Z][A-Z0-9 ,.'’&-]{3,58}[A-Z0-9]")
_TABLE_RULE = re.compile(r"\s*\|?[ \t:|-]*-[ \t:|-]*\|?\s*")
_ADDRESS = re.compile(r"(?<![<(\w\"'=\[])(https?://[^\s<>()]+[\w/])")


def without_markdown(text: str) -> str:
    """`text` without the marks of Markdown; its words, addresses and code are all there."""
    lines = text.splitlines(keepends=True)
    told = read([line.rstrip("\r\n") for line in lines], families.MARKDOWN.reader)
    return "".join(_bare(line, each.kind) for line, each in zip(lines, told, strict=True))


def as_markdown(text: str) -> str:
    """Plain `text` as Markdown: bullets and numbers of lists, headings in capitals, bare addresses, rows with tabs."""
    return "\n".join(_marked(text.split("\n")))


def _bare(line: str, kind: LineKind) -> str:
    solid, end = line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]
    if kind is LineKind.CODE and _FENCE.match(solid):
        return ""
    if kind in _KEPT:
        return line
    if kind in (LineKind.TABLE_RULE, LineKind.UNDERLINE):
        return ""
    if kind is LineKind.TABLE and _TABLE_RULE.fullmatch(solid):
        return ""
    if kind is LineKind.TABLE:
        solid = "\t".join(cell.strip() for cell in solid.strip().strip("|").split("|"))
    heading = _HEADING.fullmatch(solid)
    return _without_marks(heading[1] if heading else solid) + end


def _without_marks(line: str) -> str:
    """The line, what is code or a formula in it taken out of its marks and not read."""
    made, at = [], 0
    for code in _CODE_SPAN.finditer(line):
        made += [_inline(line[at : code.start()]), code[3] or code[2]]
        at = code.end()
    return "".join([*made, _inline(line[at:])])


def _inline(text: str) -> str:
    for pattern, plain in _INLINE:
        text = pattern.sub(plain, text)
    return text


def _marked(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        behind = lines[number + 1] if number + 1 < len(lines) else ""
        if _SHOUTED.fullmatch(line.strip()) and not before.strip() and not behind.strip() and len(lines) > 1:
            yield f"## {line.strip().capitalize()}"
        elif "\t" in line.strip():
            yield from _row(line, is_first="\t" not in before.strip())
        else:
            line = _NUMBER.sub(r"\1.\2", _BULLET.sub(r"\1-\2", line, count=1), count=1)
            yield _ADDRESS.sub(r"<\1>", line)


def _row(line: str, *, is_first: bool) -> Iterator[str]:
    cells = [cell.strip() for cell in line.strip().split("\t")]
    yield f"| {' | '.join(cells)} |"
    if is_first:
        yield f"| {' | '.join(['---'] * len(cells))} |"
