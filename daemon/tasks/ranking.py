"""Which of several expansions is best: the one that tells all of the notes and adds no facts.

A plain score, so that it can be read: coverage of the notes' content words, minus what was invented,
copied or repeated. Knows no model.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from shadowpen.daemon.text.content_words import content_words, missing, names_and_numbers

_INVENTED_COST = 0.05
_COPIED_COST = 0.02
_REPEATED_COST = 0.5
_FREE_RUN_WORDS = 6


def rank(candidates: Sequence[str], notes: str) -> list[str]:
    """Different, non-empty `candidates`, best first."""
    unique = list(dict.fromkeys(text.strip() for text in candidates if text.strip()))
    return sorted(unique, key=lambda text: -score(text, notes))


def score(text: str, notes: str) -> float:
    """1 tells everything and adds nothing."""
    invented = names_and_numbers(text) - set(notes.replace(",", " ").split())
    copied = max(0, longest_common_run(text, notes) - _FREE_RUN_WORDS)
    return (
        coverage(text, notes)
        - _INVENTED_COST * len(invented)
        - _COPIED_COST * copied
        - _REPEATED_COST * repetition(text)
    )


def coverage(text: str, notes: str) -> float:
    """Share of the notes' content words whose stem stands in `text`."""
    wanted = content_words(notes)
    return 1 - len(missing(wanted, text)) / len(wanted) if wanted else 1.0


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
    return [word.strip(".,;:!?\"'“”‘’()-").lower() for word in text.split()]
