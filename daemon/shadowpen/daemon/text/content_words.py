"""Content words of an English text, and whether another text covers them.

Used to make notes from paragraphs and to see how much of the notes an expansion kept. A word counts as
kept when its stem stands there: "invited" keeps "invite". Other languages keep every word of three
letters and more. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_WORD = re.compile(r"\d[\d.,:/%-]*\d|\d|[^\W\d_](?:[\w'’-]*\w)?")
_ENDINGS = ("ingly", "edly", "ation", "ings", "ing", "ies", "ied", "ers", "est", "ed", "er", "es", "ly", "s", "e", "y")
_SHORTEST_STEM = 3
# Before a full stop that ends no sentence.
NO_ABBREVIATION = "".join(rf"(?<!\b{short})" for short in ("Mr", "Mrs", "Ms", "Dr", "Prof", "St", "e.g", "i.e", "cf"))
_ADDRESS = re.compile(r"(?:\b[a-z]{2,10}://|\bwww\.)\S+")
# What stands before a word that is capital for its place: an opening quote, or the end of the sentence before.
_SENTENCE_BEFORE = re.compile(rf"(?:\A|\n|(?:{NO_ABBREVIATION}\.|[!?…:])[\"'”’)\]]*\s)\s*[\"'“‘(\[*_]*\Z|[\"'“‘]\Z")
_SENTENCE_REACH = 16
STOP_WORDS = frozenset((Path(__file__).parent / "stop_words_en.txt").read_text(encoding="utf-8").split())


def content_words(text: str) -> list[str]:
    """The words of `text` that carry its meaning, names and numbers included, in order."""
    return [w for w in _WORD.findall(text) if _carries(w)]


def words_of(text: str) -> Iterator[re.Match[str]]:
    """Every word of `text`, with its place."""
    return _WORD.finditer(text)


def stem(word: str) -> str:
    """`word` without its inflection: crude, but the same for both sides of a comparison."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    if word.endswith("y") and len(word) > _SHORTEST_STEM:  # "surveys", "surveyed" as "survey"
        word = word[:-1]
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def missing(wanted: Iterable[str], text: str) -> list[str]:
    """Those of the `wanted` words whose stem does not stand in `text`."""
    there = {stem(w) for w in _WORD.findall(text)}
    return [w for w in wanted if stem(w) not in there]


def names_and_numbers(text: str) -> set[str]:
    """Numbers, and capitalised words that do not merely begin a sentence; nothing out of addresses."""
    text = _ADDRESS.sub(" ", text)
    found = set()
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isdigit():
            found.add(word)
        elif word[0].isupper() and len(word) > 1 and not word.startswith(("I'", "I’")):
            before = text[max(0, match.start() - _SENTENCE_REACH) : match.start()]
            if not _SENTENCE_BEFORE.search(before if match.start() <= _SENTENCE_REACH else "x" + before):
                found.add(re.sub(r"['’]s\Z", "", word))
    return found


def _carries(word: str) -> bool:
    plain = word.lower().replace("’", "'")
    return plain not in STOP_WORDS and (len(word) > 2 or word[0].isdigit() or (word.isupper() and len(word) > 1))
