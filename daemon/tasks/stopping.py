"""Where ghost text ends: on a word, before it becomes a guess.

Given the steps of a decoding it finds the longest text that ends on a word (or a closing mark) and is
likely enough as a whole. Knows neither models nor documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shadowpen.daemon.tasks.decoding import Step
from shadowpen.daemon.text.tokenizer import complete_text

_WORDS = re.compile(r"\S+")
_MARKS = re.compile(r"[^\w\s]+\Z")


@dataclass(frozen=True)
class Ending:
    """A text that may be shown and the probability that all of it is what the author writes."""

    text: str
    probability: float


def best_ending(steps: Sequence[Step], min_probability: float, max_words: int) -> Ending | None:
    """The longest ending of at least `min_probability`; None where none is worth a key."""
    best: Ending | None = None
    for step in steps:
        ending = _ending(step)
        if ending is None or len(_WORDS.findall(ending.text)) > max_words:
            continue
        if ending.probability >= min_probability:
            best = ending
    return best


def is_hopeless(step: Step, min_probability: float) -> bool:
    """Whether nothing that begins with this step can be likely enough any more."""
    return step.ended or math.exp(step.log_probability) < min_probability or b"\n" in step.data


def _ending(step: Step) -> Ending | None:
    """The text of `step` as an ending, or None where it stops inside a word or says nothing."""
    text = complete_text(step.data)
    line = text.split("\n", 1)[0].rstrip()
    if not line.strip():
        return None
    whole = line == text
    probability = math.exp(step.log_probability) * (step.word_end_probability if whole and _in_word(line) else 1.0)
    return Ending(line, probability)


def _in_word(text: str) -> bool:
    return not _MARKS.search(text)
