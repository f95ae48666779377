"""Features that predict acceptance: numbers of about -3 to 3, the same for every model.

The model's own beliefs count most; how far the word is typed, where the text stands, and how the last few
suggestions in the document fared say the rest. No text is left in them.
"""

from __future__ import annotations

import math
import re

from shadowpen.daemon.showing.acceptance.habits import Habits
from shadowpen.daemon.showing.candidate import Candidate, CursorPlace
from shadowpen.daemon.text.sentences import CLOSERS, OWN_ENDS, SPACED_ENDS

NAMES = (
    "always",
    "first_word",
    "whole_text",
    "margin",
    "letters_typed",
    "new_word",
    "length",
    "sentence_start",
    "line_start",
    "taken_of_late",
    "quiet_keys",
    "pause",
)

_REACH = 80
_WORD = re.compile(r"\S*\Z")
_SENTENCE_START = re.compile(rf"(?:[{SPACED_ENDS}][{CLOSERS}]*\s+|[{OWN_ENDS}][{CLOSERS}]*\s*|\A\s*|\n\s*)\Z")
_LEAST = 0.001
_LONGEST_CHARACTERS = 30
_TEN_CHARACTERS = 10
_MOST_LETTERS = 6
_MOST_KEYS = 20
_LONGEST_PAUSE = 3.0  # log(1 + seconds): 19 s


def features(candidate: Candidate, place: CursorPlace, habits: Habits) -> tuple[float, ...]:
    """The numbers named in `NAMES`, in that order."""
    before = place.prefix[-_REACH:]
    goes_on_word = not candidate.text[:1].isspace()
    word = _WORD.findall(before)[0] if goes_on_word else ""
    return (
        1.0,
        _log_odds(candidate.first_word),
        _log_odds(candidate.probability),
        candidate.margin,
        min(len(word), _MOST_LETTERS) / _MOST_LETTERS,
        float(not goes_on_word),
        min(len(candidate.text), _LONGEST_CHARACTERS) / _TEN_CHARACTERS,
        float(bool(_SENTENCE_START.search(before))),
        float(not place.line.strip()),
        habits.taken_of_late - 0.5,
        min(habits.quiet_keys, _MOST_KEYS) / _MOST_KEYS,
        min(math.log1p(habits.pause_s), _LONGEST_PAUSE) / _LONGEST_PAUSE,
    )


def _log_odds(probability: float) -> float:
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
