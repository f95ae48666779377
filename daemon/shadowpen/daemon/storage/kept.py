"""How much of an accepted text is left in a later one: word for word, and by edit distance.

Knows neither the journal nor what is learned.
"""

from __future__ import annotations

import difflib
import re

LOOKED_AT = "10min"  # after it was taken: the look that counts
_MOST_COMPARED = 400  # characters where two texts differ; the time grows with the square


def verbatim(suggested: str, text: str) -> list[tuple[int, int]]:
    """The parts of `text` taken word for word from `suggested`, as (start, end)."""
    theirs, ours = re.findall(r"\s*\S+|\s+\Z", suggested), re.findall(r"\s*\S+|\s+\Z", text)
    ends = [0]
    for word in ours:
        ends.append(ends[-1] + len(word))
    matcher = difflib.SequenceMatcher(None, [w.strip() for w in theirs], [w.strip() for w in ours], autojunk=False)
    least = min(2, len(ours))  # a single word in common is chance
    return [(ends[m.b], ends[m.b + m.size]) for m in matcher.get_matching_blocks() if m.size >= max(1, least)]


def kept_characters(taken: str, later: str) -> int:
    """How many of the characters of `taken` stand in `later` within words that were left as they are."""
    return min(len(taken), sum(end - start for start, end in verbatim(taken, later)))


def edit_distance(taken: str, later: str) -> int:
    """How many letters were put in, taken out or replaced to make `later` of `taken` (Levenshtein 1966).

    Where long passages differ it is an upper bound: beyond 400 characters the rest counts as replaced.
    """
    start = 0
    while start < min(len(taken), len(later)) and taken[start] == later[start]:
        start += 1
    end = 0
    while end < min(len(taken), len(later)) - start and taken[-1 - end] == later[-1 - end]:
        end += 1
    a, b = taken[start : len(taken) - end], later[start : len(later) - end]
    rest = max(len(a[_MOST_COMPARED:]), len(b[_MOST_COMPARED:]))
    row = list(range(min(len(b), _MOST_COMPARED) + 1))
    for number, letter in enumerate(a[:_MOST_COMPARED], 1):
        before, row[0] = row[0], number
        for place, other in enumerate(b[:_MOST_COMPARED], 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != other))
    return row[-1] + rest
