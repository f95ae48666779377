"""Classify the cursor's place: plain text, heading, table, code, link address, front matter.

The text may begin anywhere in its document, so a mark that closes what was never seen to open counts as opening only if
it can. This file knows no suggestion.
"""

from __future__ import annotations

import re
from enum import StrEnum

from shadowpen.daemon.markup.languages import latex
from shadowpen.daemon.markup.languages.inline import is_in_code_span
from shadowpen.daemon.markup.lines import LineKind
from shadowpen.daemon.markup.reading import EndContext, reading


class Spot(StrEnum):
    """What the cursor is in. The upper ones are `SILENT`: nothing is suggested there unasked."""

    FRONT_MATTER = "front_matter"
    CODE = "code"
    MATH = "math"
    MARKUP = "markup"  # a tag, a comment, a command
    ADDRESS = "address"  # of a link, or one that stands for itself
    CODE_SPAN = "code_span"
    TABLE = "table"
    HEADING = "heading"
    LINK_TEXT = "link_text"
    LIST = "list"
    QUOTE = "quote"
    TEXT = "text"


SILENT = frozenset((Spot.FRONT_MATTER, Spot.CODE, Spot.MATH, Spot.MARKUP, Spot.ADDRESS))

_LITERAL = {
    LineKind.FRONT_MATTER: Spot.FRONT_MATTER,
    LineKind.CODE: Spot.CODE,
    LineKind.INDENTED: Spot.CODE,
    LineKind.MATH: Spot.MATH,
    LineKind.MARKUP: Spot.MARKUP,
    LineKind.HTML: Spot.MARKUP,
    LineKind.COMMENT: Spot.MARKUP,
}
_ON_LINE = {
    LineKind.TABLE: Spot.TABLE,
    LineKind.HEADING: Spot.HEADING,
    LineKind.ITEM: Spot.LIST,
    LineKind.QUOTE: Spot.QUOTE,
}
_FAR = 4_000  # characters before the cursor; what was opened before them is taken for closed
_ADDRESS = re.compile(
    r"(?:\]\([^)\s]*|\A\s{0,3}\[[^\]]+\]:\s*\S*|<[a-z][a-z0-9+.-]*:[^>\s]*|\b(?:https?|ftp|file)://\S*|\bwww\.\S*)\Z"
)
_WIKI_TARGET = re.compile(r"\[\[[^\[\]|\n]*\Z")
_TAG = re.compile(
    r"</?[A-Za-z][^<>]*\Z|<!--(?:(?!-->).)*\Z"
    r"|\{\{[<%](?:(?![>%]\}\}).)*\Z|\{%(?:(?!%\}).)*\Z|<%(?:(?!%>).)*\Z"
)
_LINK_TEXT = re.compile(r"\[[^\[\]]*\Z|\[\[[^\[\]|\n]*\|[^\[\]]*\Z")
_TEX_COMMAND = re.compile(
    r"\\[A-Za-z@]*\Z|\\(?:\w*ref|cite\w*|label|input|include\w*|url|href|usepackage)\*?(?:\[[^\]]*\])?\{[^}]*\Z"
)


def spot(prefix: str, language: str) -> Spot:
    """What the end of `prefix` is in. Languages without rules know addresses only."""
    found = reading(prefix, language)
    if found is None:
        return Spot.ADDRESS if _ADDRESS.search(prefix[prefix.rfind("\n") + 1 :][-_FAR:]) else Spot.TEXT
    place = found.place(prefix)
    if place.in_front_matter:
        return Spot.FRONT_MATTER
    line = place.line[-_FAR:]
    family = found.family.name
    match family:
        case "latex":
            return _in_tex(place, line)
        case "markdown":
            return _in_markdown(place, line)
    literal = _literal(place)
    if literal is None and family == "typst" and _opens_math(place.paragraph[-_FAR:]):
        literal = Spot.MATH
    return literal or (Spot.ADDRESS if _ADDRESS.search(line) else _ON_LINE.get(place.read.kind, Spot.TEXT))


def _literal(place: EndContext) -> Spot | None:
    """The spot where no running text stands, if the line is of that kind or opens such a block."""
    if place.after.mark and place.after.mark != place.state.mark:
        return _LITERAL.get(place.after.kind) or _LITERAL.get(place.read.kind)
    return _LITERAL.get(place.read.kind)


def _in_markdown(place: EndContext, line: str) -> Spot:
    kind = place.read.kind
    block = _literal(place)
    if block in (Spot.CODE, Spot.MATH):
        return block
    is_open = place.after.mark != place.state.mark
    if not is_open and "`" in place.paragraph and is_in_code_span(place.paragraph[-_FAR:]):
        return Spot.CODE_SPAN
    if _ADDRESS.search(line) or _WIKI_TARGET.search(line):
        return Spot.ADDRESS
    if block is not None or _TAG.search(line):
        return block or Spot.MARKUP
    if (
        kind not in (LineKind.TABLE, LineKind.HEADING)
        and _LINK_TEXT.search(line)
        and not line.endswith(("[", "[ ", "[x"))
    ):
        return Spot.LINK_TEXT
    return _ON_LINE.get(kind, Spot.TEXT)


def _in_tex(place: EndContext, line: str) -> Spot:
    if latex.comment_at(line) < len(line) and place.after.kind not in (LineKind.CODE, LineKind.MATH):
        return Spot.MARKUP
    if place.after.mark:
        literal = _LITERAL.get(place.after.kind, Spot.TABLE if place.after.kind is LineKind.TABLE else Spot.QUOTE)
        return Spot.MARKUP if literal is Spot.TABLE and _TEX_COMMAND.search(line) else literal
    if _TEX_COMMAND.search(line):
        return Spot.MARKUP
    return Spot.MATH if _opens_math(place.paragraph[-_FAR:]) else Spot.TEXT


def _opens_math(paragraph: str) -> bool:
    """Whether a formula is open at the end of `paragraph`."""
    return "$" in paragraph and re.sub(r"\\.", "", paragraph).count("$") % 2 == 1
