"""Where ghost text ends: where it saves the most keys, on a word, before it becomes a guess.

A writer takes all of a suggestion with one key, or its leading right words with one key each. So an
ending is worth what each of these saves, times the model's belief that it happens. Knows neither models
nor documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shadowpen.daemon.tasks.decoding import Step
from shadowpen.daemon.text.tokenizer import complete_text

_WORDS = re.compile(r"\S+")
_LETTER_LAST = re.compile(r"\w\Z")


@dataclass(frozen=True)
class Ending:
    """A text that may be shown, the probability of all of it, and the keys it is expected to save."""

    text: str
    probability: float
    saved_keys: float = 0.0


def best_ending(steps: Sequence[Step], min_probability: float, max_words: int) -> Ending | None:
    """The ending of at least `min_probability` that is expected to save most; None where there is none."""
    endings = [e for e in map(_ending, steps) if e and len(_WORDS.findall(e.text)) <= max_words]
    worth = [_valued(e, endings) for e in endings if e.probability >= min_probability]
    return max(worth, key=lambda e: e.saved_keys, default=None)


def is_hopeless(step: Step, min_probability: float) -> bool:
    """Whether nothing that begins with this step can be likely enough any more."""
    return step.ended or math.exp(step.log_probability) < min_probability or b"\n" in step.data


def _ending(step: Step) -> Ending | None:
    """The text of `step` as an ending, or None where it says nothing."""
    text = complete_text(step.data)
    line = text.split("\n", 1)[0].rstrip()
    if not line.strip():
        return None
    open_word = line == text and bool(_LETTER_LAST.search(line))
    return Ending(line, math.exp(step.log_probability) * (step.word_end_probability if open_word else 1.0))


def _valued(ending: Ending, endings: Sequence[Ending]) -> Ending:
    """`ending` with its expected saving: all of it for one key, or its first k words for k keys."""
    known = {len(e.text): e.probability for e in endings}
    saved, certain = ending.probability * (len(ending.text) - 1), ending.probability
    leading = list(_WORDS.finditer(ending.text))[:-1]
    for k, word in reversed(list(enumerate(leading, 1))):
        probability = max(certain, known.get(word.end(), 0.0))
        saved += (probability - certain) * max(0, word.end() - k)
        certain = probability
    return Ending(ending.text, ending.probability, saved)
