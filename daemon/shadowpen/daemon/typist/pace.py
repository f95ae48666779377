"""Typing pace: when the next key is pressed.

Fitted to 198,000 logged keystrokes of people who write: the gap between two keys has a median of 136 ms and a 90th
percentile of 385 ms. Gaps are log-normal: short within a word, longer and heavier-tailed before a word, longest before
a sentence. A place in a text always has the same gap, whoever serves. Knows no model and no editor.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from shadowpen.daemon.text.sentences import CLOSERS, OWN_ENDS, SPACED_ENDS

# Median in seconds and spread (sigma of the logarithm).
_WITHIN_WORD = (0.120, 0.50)
_BEFORE_WORD = (0.370, 0.82)
_BEFORE_SENTENCE = (1.100, 0.60)
_SENTENCE_BEGINS = re.compile(rf"(?:[{SPACED_ENDS}][{CLOSERS}]*\s+|[{OWN_ENDS}][{CLOSERS}]*\s*|\n\n)\Z")
_SEEN_CHARACTERS = 9


def at(pace: float, seed: int) -> Callable[[str], float]:
    """`gap_s`, each gap `pace` times as long."""
    return lambda text: pace * gap_s(text, seed)


def gap_s(text: str, seed: int = 0) -> float:
    """Seconds between the last character of `text` and the key that follows it."""
    end = text[-_SEEN_CHARACTERS:]
    kind = _WITHIN_WORD
    if _SENTENCE_BEGINS.search(end):
        kind = _BEFORE_SENTENCE
    elif end[-1:].isspace():
        kind = _BEFORE_WORD
    median_s, sigma = kind
    return median_s * random.Random(f"{seed}:{len(text)}").lognormvariate(0, sigma)
