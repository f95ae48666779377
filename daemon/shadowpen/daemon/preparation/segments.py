"""Sentences and words of a text in any script, as places: start and end in characters.

No library and no language is needed; abbreviations are those of the common European languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shadowpen.daemon.text.scripts import without_blanks

_ABBREVIATIONS = frozenset(
    str.split(
        "mr mrs ms dr prof st sr jr vs etc e.g i.e cf approx no vol pp fig ed eds dept inc ltd co bzw ca usw z.b d.h "
        "u.a vgl nr str hr fr m mme mlle p.ex av env sig sra dña ud uds p.ej ecc dott sig.ra dhr mevr bijv o.a jan feb "
        "mar apr jun jul aug sep sept oct nov dec"
    )
)
_ENDS = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？｡]+[」』”’）]*|[।॥؟۔։።፧]+[\"'”’»)\]]*|\n[ \t]*\n\s*|\Z")
_WORDS = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*[%°]?|[^\w\s]")
_INITIAL = re.compile(r"(?:\A|[\s(])[^\W\d_]\Z")
_LAST_WORD = re.compile(r"[\w.]+\Z")

Place = tuple[int, int]


def sentences(text: str) -> list[Place]:
    """Where each sentence starts and ends, blanks around it left out."""
    found: list[Place] = []
    start = 0
    for end in _ENDS.finditer(text):
        if end[0][:1] == "." and _is_abbreviation(text, start, end.start(), end.end()):
            continue
        _add(found, text, start, end.start() if end[0].isspace() else end.end())
        start = end.end()
    return found


def words(text: str, start: int = 0, end: int | None = None) -> Iterator[Place]:
    """Where each word and each mark starts and ends; in scripts without blanks each character is one."""
    for match in _WORDS.finditer(text, start, len(text) if end is None else end):
        if without_blanks(match[0]):
            yield from ((place, place + 1) for place in range(match.start(), match.end()))
        else:
            yield match.span()


def _is_abbreviation(text: str, start: int, place: int, end: int) -> bool:
    """Whether the full stop at `place` ends no sentence: an abbreviation, an initial, a number that goes on."""
    following = text[end : end + 3].lstrip()[:1]
    if following.islower():
        return True
    before = text[max(start, place - 20) : place]
    last = _LAST_WORD.search(before)
    if last is not None and last[0].lower() in _ABBREVIATIONS:
        return True
    return bool(_INITIAL.search(before)) and before[-1:] != "I"


def _add(found: list[Place], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    solid = piece.strip()
    if solid:
        first = start + len(piece) - len(piece.lstrip())
        found.append((first, first + len(solid)))
