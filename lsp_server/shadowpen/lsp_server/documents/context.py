"""The part of a document that a request carries: the text around the cursor, at most 8,000 characters.

The start of the window stands still while one types: it moves by whole hops of 1,024 characters and
to a paragraph, line, sentence or word there, since each move costs the daemon its KV cache. Line
ends become \\n. This file knows neither tokens nor what the text is for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup import headings
from shadowpen.daemon.text.sentences import CLOSERS, OWN_ENDS, SPACED_ENDS
from shadowpen.lsp_server.documents.line_index import LineIndex
from shadowpen.lsp_server.documents.positions import Point

MAX_CHARACTERS = 8_000  # before and after the cursor together
_SUFFIX_CHARACTERS = 1_500  # kept for the text after the cursor where there is so much
_PARAGRAPH_CHARACTERS = 1_000  # of the one above notes
_HOP = 1_024
_SEEK = 512  # characters after a hop in which a good start is looked for
_SENTENCE = rf"[{SPACED_ENDS}][{CLOSERS}]*\s+|[{OWN_ENDS}][{CLOSERS}]*\s*"
_STARTS = tuple(map(re.compile, (r"(?:\r\n|\r|\n){2,}", r"\r\n|\r|\n", _SENTENCE, r"\s+")))


@dataclass(frozen=True)
class TextWindow:
    """Text before and after a place; `whole` when the document begins with `prefix`."""

    prefix: str
    suffix: str
    whole: bool


def window(lines: LineIndex, place: Point) -> TextWindow:
    """The context of `place`: what one side leaves unused goes to the other."""
    following = lines.after(place, MAX_CHARACTERS)
    prefix, room = _before(lines, place, following)
    left = max(MAX_CHARACTERS - room, MAX_CHARACTERS - _round_up(len(prefix)))
    whole = len(prefix) == lines.offset(place)
    return TextWindow(plain_ends(prefix), plain_ends(_to_word_end(following, left)), whole=whole)


def headings_above(lines: LineIndex, place: Point, language: str) -> list[headings.Heading]:
    """The headings that the beginning of `window` is under: it may be far below them."""
    prefix, _ = _before(lines, place, lines.after(place, MAX_CHARACTERS))
    start = lines.back(place, len(prefix))
    return headings.above(plain_ends(lines.up_to(start)), language) if start != Point(0, 0) else []


def text_above(lines: LineIndex, place: Point, language: str) -> tuple[str, str]:
    """The heading that `place` is under and the paragraph before it; "" where there is none.

    A heading, a list or a block of code directly above is no paragraph.
    """
    above = plain_ends(lines.up_to(place))
    open_ones = headings.above(above, language)
    last = above.rstrip().rpartition("\n\n")[2].strip()
    is_prose = bool(last) and "\n- " not in f"\n{last}" and not last.startswith(("#", "*", "=", "```", "\\"))
    return (open_ones[-1][1] if open_ones else ""), (
        " ".join(last.split())[-_PARAGRAPH_CHARACTERS:] if is_prose else ""
    )


def _before(lines: LineIndex, place: Point, following: str) -> tuple[str, int]:
    """The text before `place` that goes along, and how much there was room for."""
    room = MAX_CHARACTERS - min(len(following), _SUFFIX_CHARACTERS)
    offset = lines.offset(place)
    start = _round_up(max(0, offset - room))
    prefix = lines.before(place, offset - start)
    return (prefix[_good_start(prefix) :] if start else prefix), room


def plain_ends(text: str) -> str:
    """`text` with every line end as \\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _round_up(characters: int) -> int:
    return -(-characters // _HOP) * _HOP


def _good_start(text: str) -> int:
    """Where in the first characters of `text` a paragraph, else a line, a sentence or a word begins; else 0."""
    head = text[:_SEEK]
    for pattern in _STARTS:
        found = pattern.search(head)
        if found:
            return found.end()
    return 0


def _to_word_end(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[:limit]
    blank = max(cut.rfind(" ", -_SEEK), cut.rfind("\n", -_SEEK))
    return cut[: blank + 1] if blank > 0 else cut
