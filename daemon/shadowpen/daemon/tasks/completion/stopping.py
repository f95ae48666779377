"""Choose where ghost text ends: at the word that saves the most keys.

A writer takes all of a suggestion with one key, or its leading right words with one key each. So an
ending is worth what each of these saves, times the model's belief that it happens, less the price of reading
what will turn out wrong. Knows neither models nor documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.tasks.decoding import DecodingStep
from shadowpen.daemon.text.tokenizer import complete_text

READING_PRICE = 0.25  # keys for each wrong character that is read
_WORDS = re.compile(r"\S+")
_LETTER_LAST = re.compile(r"\w\Z")


def best_ending(
    steps: Sequence[DecodingStep],
    min_probability: float,
    max_words: int,
    *,
    reading_price: float = READING_PRICE,
) -> Candidate | None:
    """The ending of at least `min_probability` that is worth most; None where there is none.

    It stays on the cursor's line.
    """
    made = (_ending(step) for step in steps)
    endings = [ending for ending in made if ending and len(_WORDS.findall(ending[0])) <= max_words]
    known = {len(text): probability for text, probability in endings}
    valued = [
        _valued(text, probability, known, steps[0].margin, reading_price)
        for text, probability in endings
        if probability >= min_probability
    ]
    return max(valued, key=lambda candidate: candidate.worth, default=None)


def is_hopeless(step: DecodingStep, min_probability: float) -> bool:
    """Whether nothing that begins with this step can be likely enough any more."""
    at_line_end = b"\n" in step.data
    return step.ended or math.exp(step.log_probability) < min_probability or at_line_end


def _ending(step: DecodingStep) -> tuple[str, float] | None:
    """The text of `step` as an ending and its probability, or None where it says nothing."""
    text = complete_text(step.data)
    kept = text.split("\n", 1)[0].rstrip()
    if not kept.strip():
        return None
    open_word = kept == text and bool(_LETTER_LAST.search(kept))
    return kept, math.exp(step.log_probability) * (step.word_end_probability if open_word else 1.0)


def _valued(text: str, probability: float, known: dict[int, float], margin: float, reading_price: float) -> Candidate:
    """`text` with its worth: all of it for one key, or its first k words for k keys; wrong characters cost."""
    saved, certain, first_word = probability * (len(text) - 1), probability, probability
    words = list(_WORDS.finditer(text))
    right = probability * (len(text) - (words[-2].end() if len(words) > 1 else 0))
    for k, word in reversed(list(enumerate(words[:-1], 1))):
        begun = words[k - 2].end() if k > 1 else 0
        up_to_here = max(certain, known.get(word.end(), 0.0))
        saved += (up_to_here - certain) * max(0, word.end() - k)
        right += up_to_here * (word.end() - begun)
        certain = up_to_here
        first_word = up_to_here if word.end() > k else first_word
    worth = saved - reading_price * (len(text) - right)
    return Candidate(text, probability, first_word, margin, worth)
