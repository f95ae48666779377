"""Alternatives to the likeliest beginning, on request.

The next likeliest first tokens are each gone on with to the end of a clause, one after the other, as long as there is
time. Decides nothing about what is shown.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.tasks.completion.asked import Asked

MOST = 3  # suggestions in one answer
TRIED = 6  # beginnings; some of them come to the same word, or to nothing
_LEAST_PROBABILITY = 0.01  # of a beginning
_FIRST_WORD = re.compile(r"\w+")


def alternatives(
    beginnings: Iterable[Asked], known: Sequence[str], deadline_s: float
) -> Iterator[tuple[Candidate, Asked] | None]:
    """What comes of `beginnings`, unless it begins as a `known` text does; None in between.

    `deadline_s` is on time.perf_counter()'s clock. Each text that is still wanted has its share of the time.
    """
    texts = list(known)
    for beginning in beginnings:
        wanted, now = MOST - len(texts), time.perf_counter()
        if wanted <= 0 or now >= deadline_s:
            return
        if math.exp(beginning.log_probability) < _LEAST_PROBABILITY or beginning.required:
            continue
        beginning.hurry = True
        until_s = now + (deadline_s - now) / wanted
        for _ in beginning.walk():
            yield None
            if time.perf_counter() >= until_s or _is_known(beginning.sure(), texts):
                break
        candidate = beginning.short()
        if candidate is not None and not _is_known(candidate.text, texts):
            texts.append(candidate.text)
            yield candidate, beginning


def _is_known(text: str, texts: Iterable[str]) -> bool:
    return bool(text.strip()) and any(begins_alike(text, other) for other in texts)


def begins_alike(text: str, other: str) -> bool:
    """Whether both texts have the same first word."""
    return _first_word(text) == _first_word(other)


def _first_word(text: str) -> str:
    found = _FIRST_WORD.search(text)
    return (found.group() if found else text.strip()).casefold()
