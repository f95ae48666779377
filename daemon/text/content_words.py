"""Which words of an English text carry its meaning, and whether another text says them too.

Used to make notes from paragraphs and to see how much of the notes an expansion kept. A word counts as
kept when its stem stands there: "invited" keeps "invite". Other languages keep every word of three
letters and more. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_WORD = re.compile(r"\d[\d.,:/%-]*\d|\d|[^\W\d_](?:[\w'’-]*\w)?")
_ENDINGS = ("ingly", "edly", "ation", "ings", "ing", "ies", "ied", "ers", "est", "ed", "er", "es", "ly", "s", "e", "y")
_SHORTEST_STEM = 3
_STOP_WORDS = frozenset((Path(__file__).parent / "stop_words_en.txt").read_text(encoding="utf-8").split())


def content_words(text: str) -> list[str]:
    """The words of `text` that carry its meaning, names and numbers included, in order."""
    return [w for w in _WORD.findall(text) if _carries(w)]


def stem(word: str) -> str:
    """`word` without its inflection: crude, but the same for both sides of a comparison."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def missing(wanted: Iterable[str], text: str) -> list[str]:
    """Those of the `wanted` words whose stem does not stand in `text`."""
    there = {stem(w) for w in _WORD.findall(text)}
    return [w for w in wanted if stem(w) not in there]


def names_and_numbers(text: str) -> set[str]:
    """Numbers, and capitalised words that do not merely begin a sentence."""
    found = {w for w in _WORD.findall(text) if w[0].isdigit()}
    for match in re.finditer(r"(?<=[\w,;:] )[A-Z][\w'’-]*\w", text):
        if match[0] not in ("I'm", "I'll", "I've", "I'd"):
            found.add(match[0].removesuffix("'s").removesuffix("’s"))
    return found


def _carries(word: str) -> bool:
    plain = word.lower().replace("’", "'")
    return plain not in _STOP_WORDS and (len(word) > 2 or word[0].isdigit() or (word.isupper() and len(word) > 1))
