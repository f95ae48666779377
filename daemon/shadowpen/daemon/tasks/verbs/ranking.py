"""Rank sentences for a summary: by place, length and the words they share with others.

No model takes part: on public summaries every weight given to its opinion made the choice worse (docs/verbs.md). Knows
neither markup nor how many sentences are wanted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, pstdev

from shadowpen.daemon.text.content_words import content_words, stem

_LEAD, _FULL, _CENTRAL = 1.0, 0.5, 0.1  # weights, tuned on one half of a public set
_FULL_WORDS = 25  # more make a sentence no better
_LATER_PARAGRAPH = 0.8  # of the lead's worth, for each paragraph before


def ranked(paragraphs: Sequence[Sequence[str]]) -> list[float]:
    """How good a summary each sentence of the `paragraphs` is by itself, in their order; higher is better."""
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    parts = zip(_leads(paragraphs), _fullness(sentences), centrality(sentences), strict=True)
    return [_LEAD * lead + _FULL * full + _CENTRAL * central for lead, full, central in parts]


def centrality(sentences: Sequence[str]) -> list[float]:
    """How far the content words of each sentence are those of all of them, standardised."""
    bags = [_direction(sentence) for sentence in sentences]
    total: dict[str, float] = {}
    for bag in bags:
        for word, share in bag.items():
            total[word] = total.get(word, 0.0) + share
    return _standardised([sum(share * total[word] for word, share in bag.items()) for bag in bags])


def _leads(paragraphs: Sequence[Sequence[str]]) -> list[float]:
    """1 for the first sentence, less for each that follows it in its paragraph and for each paragraph."""
    return [
        _LATER_PARAGRAPH**number / (1 + place)
        for number, paragraph in enumerate(paragraphs)
        for place in range(len(paragraph))
    ]


def _fullness(sentences: Sequence[str]) -> list[float]:
    return _standardised([math.log(min(_FULL_WORDS, max(1, len(sentence.split())))) for sentence in sentences])


def _standardised(values: Sequence[float]) -> list[float]:
    """`values` with mean 0 and deviation 1; all 0 where they do not differ."""
    mean, deviation = fmean(values), pstdev(values)
    return [(value - mean) / deviation if deviation > 1e-9 else 0.0 for value in values]


def _direction(sentence: str) -> dict[str, float]:
    """The content words of a sentence, each with its share of a vector of length 1."""
    counts = Counter(map(stem, content_words(sentence)))
    norm = math.sqrt(sum(count * count for count in counts.values()))
    return {word: count / norm for word, count in counts.items()}
