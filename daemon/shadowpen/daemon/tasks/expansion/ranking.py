"""Rank expansions: the best covers all of the notes and adds no facts.

A plain score, so that it can be read: coverage of the notes' content words, minus what was invented,
copied or repeated. Knows no model.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from shadowpen.daemon.text.content_words import content_words, missing, names_and_numbers, stem, words_of

_INVENTED_COST = 0.05
_COPIED_COST = 0.02
_REPEATED_COST = 0.5
_FREE_RUN_WORDS = 6


def rank(candidates: Sequence[str], notes: str) -> list[str]:
    """Different, non-empty `candidates`, best first."""
    unique = list(dict.fromkeys(text.strip() for text in candidates if text.strip()))
    return sorted(unique, key=lambda text: -score(text, notes))


def score(text: str, notes: str) -> float:
    """Score a candidate: 1 covers all notes and adds nothing."""
    copied = max(0, longest_common_run(text, notes) - _FREE_RUN_WORDS)
    return (
        coverage(text, notes)
        - _INVENTED_COST * len(invented(text, notes))
        - _COPIED_COST * copied
        - _REPEATED_COST * repetition(text)
    )


def coverage(text: str, notes: str) -> float:
    """Share of the notes' content words whose stem stands in `text`."""
    wanted = content_words(notes)
    return 1 - len(missing(wanted, text)) / len(wanted) if wanted else 1.0


def invented(text: str, notes: str) -> set[str]:
    """Names and numbers that `notes` have in no form: neither in lower case nor inflected, nor "1,500" as "1500"."""
    told = {_form(match[0]) for match in words_of(notes)}
    return {word for word in names_and_numbers(text) if _form(word) not in told}


def longest_common_run(text: str, notes: str) -> int:
    """Words in the longest run that both have in the same order."""
    a, b = _words(text), _words(notes)
    best, row = 0, [0] * (len(b) + 1)
    for word in a:
        row = [0, *(row[j] + 1 if word == b[j] else 0 for j in range(len(b)))]
        best = max(best, *row)
    return best


def repetition(text: str) -> float:
    """Share of four-word runs that were there before."""
    words = _words(text)
    runs = list(itertools.pairwise(itertools.pairwise(itertools.pairwise(words))))
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def _words(text: str) -> list[str]:
    stripped = (word.strip(".,;:!?\"'“”‘’()-–—").lower() for word in text.split())
    return [word for word in stripped if word]


def _form(word: str) -> str:
    return word.replace(",", "") if word[0].isdigit() else stem(word)
