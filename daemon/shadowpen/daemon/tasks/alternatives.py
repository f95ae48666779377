"""Other beginnings than the likeliest, for a writer who asks and would like to choose.

The next likeliest first tokens are each gone on with for a few words, one after the other, as long as there is time.
Decides nothing about what is shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.tasks.stopping import best_ending, is_hopeless

MOST = 3  # suggestions in one answer
TRIED = 6  # beginnings; some of them come to the same word, or to nothing
_WORDS = 4
_TOKENS = 8
_FIRST_WORD = re.compile(r"\w+")


def alternatives(
    beginnings: Iterable[Decoding], min_probability: float, deadline_s: float
) -> Iterator[tuple[Candidate, Decoding] | None]:
    """The candidates that come of `beginnings` until `deadline_s` on time.perf_counter()'s clock; None in between."""
    for decoding in beginnings:
        for _ in _few_words(decoding, min_probability):
            if time.perf_counter() >= deadline_s:
                return
            yield None
        ending = best_ending(decoding.steps, min_probability, _WORDS, reading_price=0.0)
        if ending is not None:
            yield ending, decoding


def _few_words(decoding: Decoding, min_probability: float) -> Iterator[None]:
    for _ in range(_TOKENS):
        last = decoding.steps[-1]
        if is_hopeless(last, min_probability) or len(last.data.split()) > _WORDS:
            return
        yield from decoding.advance()
        yield


def begins_alike(text: str, other: str) -> bool:
    """Whether both texts have the same first word."""
    return _first_word(text) == _first_word(other)


def _first_word(text: str) -> str:
    found = _FIRST_WORD.search(text)
    return (found.group() if found else text.strip()).casefold()
