"""Documents of any length built from one text without repeating a sentence.

Where the text does not suffice, what stands before it is its own words in a drawn order: a passage that came back would
be recited by every model and found by every lookup. Knows no editor.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_SENTENCE = re.compile(r"\S.*?[.!?…][\"'”’)]*(?=\s|\Z)|\S.+", re.DOTALL)
_PARAGRAPH_WORDS = 80
_HELD_BACK_WORDS = 6


@dataclass(frozen=True)
class Begun:
    """A document, and how its author goes on at its end."""

    standing: str
    rest: str


@dataclass(frozen=True)
class UnfinishedParagraph:
    """A paragraph that breaks off: `line` of the document, and the `rest` its author has not written yet."""

    line: int
    rest: str


def begun(text: str, words: int, keys: int, seed: int = 0) -> Begun:
    """A document of about `words` words that ends as `text` does, but for its last `keys` characters."""
    text = text.strip()
    standing, rest = text[:-keys], text[-keys:]
    return Begun("\n\n".join(_lengthened(standing, words, seed)), rest)


def several(text: str, documents: int, characters: int, keys: int, seed: int = 0) -> list[Begun]:
    """`documents` texts of about `characters`; each ends with another passage of `text` and goes on in it."""
    stride = max(2 * keys, len(text) // documents)
    found = []
    for number in range(documents):
        start = number * stride % max(1, len(text) - stride + 1)
        passage = text[start : start + stride]
        missing = max(0, characters - len(passage) + keys)
        filler = _shuffled(text.split(), random.Random(f"{seed}:{number}"), len(text.split()))
        before = " ".join(filler)[:missing]
        found.append(Begun(f"{before}\n\n{passage[:-keys]}", passage[-keys:]))
    return found


def with_gaps(text: str, words: int, gaps: int, seed: int = 0) -> tuple[str, list[UnfinishedParagraph]]:
    """A document of about `words` words, and the places, in a drawn order, where paragraphs of `text` break off."""
    paragraphs = _lengthened(text, words, seed)
    own = min(len(paragraphs), len(_paragraphs(text)))
    chosen = random.Random(seed).sample(range(len(paragraphs) - own, len(paragraphs)), min(gaps, own))
    found = []
    for number in chosen:
        standing, rest = _broken_off(paragraphs[number])
        paragraphs[number] = standing
        found.append(UnfinishedParagraph(2 * number, rest))
    return "\n\n".join(paragraphs), found


def _lengthened(text: str, words: int, seed: int) -> list[str]:
    """The last `words` words of `text` as paragraphs; where it has fewer, shuffled ones stand before it."""
    own = _paragraphs(text)
    count = sum(len(paragraph.split()) for paragraph in own)
    while len(own) > 1 and count - len(own[0].split()) >= words:
        count -= len(own.pop(0).split())
    filler = _shuffled(text.split(), random.Random(seed), max(0, words - count))
    starts = range(0, len(filler), _PARAGRAPH_WORDS)
    return [" ".join(filler[start : start + _PARAGRAPH_WORDS]) for start in starts] + own


def _paragraphs(text: str) -> list[str]:
    """Whole sentences, together until a paragraph has its length; always on one line."""
    found: list[list[str]] = [[]]
    for sentence in _SENTENCE.findall(text):
        if len(found[-1]) >= _PARAGRAPH_WORDS:
            found.append([])
        found[-1] += sentence.split()
    return [" ".join(words) for words in found]


def _shuffled(words: list[str], draw: random.Random, count: int) -> list[str]:
    """`count` words, each round of all of them in another order."""
    found: list[str] = []
    while len(found) < count:
        found += draw.sample(words, len(words))
    return found[:count]


def _broken_off(paragraph: str) -> tuple[str, str]:
    words = paragraph.split(" ")
    held_back = min(_HELD_BACK_WORDS, len(words) // 2)
    return " ".join(words[: len(words) - held_back]), " " + " ".join(words[len(words) - held_back :])
