"""Statistics of a corpus, and the topics of its texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shadowpen.daemon.preparation.segments import sentences, words
from shadowpen.daemon.text.function_words import is_function_word

_MOST_FREQUENT = 50
_FEWEST_LETTERS = 3  # of a word that may be a topic
_DIGITS = 2

IsStopWord = Callable[[str], bool]


def stop_words(asked: bool | list[str]) -> IsStopWord:
    """Which words are not counted: those of Shadowpen's own list of six languages, those that are listed, or none."""
    if isinstance(asked, list):
        listed = frozenset(word.casefold() for word in asked)
        return lambda word: word in listed
    return is_function_word if asked else lambda word: False


def counted(text: str, is_stop_word: IsStopWord) -> Counter[str]:
    """How often each word stands in a text, whatever its case; marks, numbers and stop words are not counted."""
    found = (text[start:end].casefold() for start, end in words(text))
    return Counter(word for word in found if word[0].isalpha() and not is_stop_word(word))


def topics(counts: Sequence[Counter[str]], most: int) -> list[list[str]]:
    """The words that tell each text apart from the others, the strongest first (tf-idf, at most `most` a text)."""
    texts_with: Counter[str] = Counter(word for count in counts for word in count)
    return [_strongest(count, texts_with, len(counts), most) for count in counts]


def statistics(texts: Iterable[str], counts: Iterable[Counter[str]]) -> dict[str, Any]:
    """Numbers about all texts together, and the words that are used most."""
    total: Counter[str] = Counter()
    for count in counts:
        total += count
    lengths: list[int] = []
    running = 0
    for text in texts:
        places = sentences(text)
        inside = [sum(1 for start, _ in words(text, *place) if text[start].isalnum()) for place in places]
        lengths += inside
        running += sum(inside)
    return {
        "sentences": len(lengths),
        "words": running,
        "different_words": len(total),
        "words_a_sentence": round(running / len(lengths), _DIGITS) if lengths else 0.0,
        "frequent_words": dict(total.most_common(_MOST_FREQUENT)),
    }


def _strongest(count: Counter[str], texts_with: Counter[str], texts: int, most: int) -> list[str]:
    weights = {
        word: number * math.log((1 + texts) / texts_with[word])
        for word, number in count.items()
        if len(word) >= _FEWEST_LETTERS
    }
    return sorted(weights, key=lambda word: (-weights[word], word))[:most]
