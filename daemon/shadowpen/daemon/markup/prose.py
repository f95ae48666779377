"""Extract prose from marked-up text: no front matter, code, quotes, tables, HTML or link targets.

The lines that stay, and how many characters went, by reason. What the author types while writing (headings, list
markers, emphasis) stays: it is part of how they write. This file knows nothing of learning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from shadowpen.daemon.markup import families, phrases
from shadowpen.daemon.markup.families import LanguageFamily
from shadowpen.daemon.markup.front_matter import Head, head
from shadowpen.daemon.markup.languages import latex
from shadowpen.daemon.markup.lines import PROSE, Line, LineKind, read

_REASONS = {
    LineKind.CODE: "code",
    LineKind.INDENTED: "code",
    LineKind.MATH: "formula",
    LineKind.FRONT_MATTER: "front matter",
    LineKind.MARKUP: "markup",
    LineKind.HTML: "html",
    LineKind.COMMENT: "comment",
    LineKind.TABLE: "table",
    LineKind.QUOTE: "quote",
    LineKind.RULE: "rule",
    LineKind.UNDERLINE: "rule",
    LineKind.DEFINITION: "link target",
}
_TITLES_ALONE = ("latex", "html")  # of all others a heading stays as it is typed, marks and all
_WITHIN = ("    ", "\t")  # of Markdown, where it is no code: what a list or a note holds
_INDENTED_BY_HAND = ("plain", "markdown", "commit")  # elsewhere the indentation says what a line belongs to
_MARKER_ALONE = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s*\Z")  # what it marked went
_SENTENCE_WORDS = 8


@dataclass
class Stripped:
    """The prose that stays, line by line, and what was left out: reason → characters."""

    lines: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def drop(self, reason: str, text: str) -> None:
        """Count what goes; what stood on both sides of it is not one paragraph."""
        self.dropped[reason] += len(text)
        if self.lines and self.lines[-1].strip():
            self.lines.append("")


def front_matter(text: str, suffix: str) -> tuple[Head, str]:
    """The head of a text, and what follows it."""
    lines = text.split("\n")
    found = head(lines, families.of_suffix(suffix).name)
    return found, "\n".join(lines[found.lines :]) if found.lines else text


def strip(text: str, suffix: str) -> Stripped:
    """The prose of `text`, read as the markup that a file's `suffix` stands for; its head is gone before."""
    family = families.of_suffix(suffix)
    lines = (latex.apart(text) if family.name == "latex" else text).split("\n")
    first = latex.body(lines) if family.name == "latex" else 0
    kinds = read(lines, family.reader, first=first)
    out = Stripped()
    place = 0
    while place < len(lines):
        kind = kinds[place].kind
        if kind is LineKind.INDENTED:
            end = _last_of(kinds, place, LineKind.INDENTED)
            if _is_sentence(lines[place]):
                _keep(lines[place:end], family, out)
            else:
                out.drop("code", "\n".join(lines[place:end]))
        elif kind is LineKind.BLANK:
            end = place + 1
            out.lines.append("")
        elif kind in PROSE:
            end = _end_of_paragraph(kinds, place)
            parts = zip(lines[place:end], kinds[place:end], strict=True)
            _keep([_written(line, found, family, out) for line, found in parts], family, out)
        else:
            end = place + 1
            out.drop(_REASONS[kind], lines[place])
        place = end
    return out


def _keep(lines: Sequence[str], family: LanguageFamily, out: Stripped) -> None:
    """A paragraph, or what is left of it."""
    text = "\n".join(lines)
    said = phrases.words(text, family.name, out.dropped)
    if not text[:1].isspace():
        said = said.lstrip(" \t")  # a blank behind what went
    said_lines = said.split("\n")
    out.lines += [line for line in said_lines if line.strip() and not _MARKER_ALONE.match(line)] or [""]


def _written(line: str, found: Line, family: LanguageFamily, out: Stripped) -> str:
    """The text of a line, what its author types to mark it up included."""
    if found.kind is LineKind.HEADING and family.name not in _TITLES_ALONE:
        return line.lstrip("> \t") if line.lstrip()[:1] == ">" else line
    text = found.text(line)
    deep = found.kind is LineKind.TEXT and (family.name not in _INDENTED_BY_HAND or line.startswith(_WITHIN))
    if found.begin or (deep and family.name != "plain"):
        text = text.lstrip(" \t")
    out.dropped["markup"] += len(line) - len(text)
    return text


def _end_of_paragraph(kinds: Sequence[Line], place: int) -> int:
    """The number of the line behind the paragraph that begins at `place`."""
    end = place + 1
    while end < len(kinds) and kinds[end].kind in PROSE and not kinds[end].starts:
        end += 1
    return end


def _last_of(kinds: Sequence[Line], place: int, kind: LineKind) -> int:
    while place < len(kinds) and kinds[place].kind is kind:
        place += 1
    return place


def _is_sentence(line: str) -> bool:
    """Whether an indented line is a paragraph, as some people write them, rather than code."""
    symbols = sum(line.count(symbol) for symbol in "{}()[];=<>$|_\\/&*+`#~^")
    return len(line.split()) >= _SENTENCE_WORDS and symbols <= len(line) / 40
