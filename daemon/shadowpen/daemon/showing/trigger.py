"""Probability of acceptance: a logistic model with a fixed prior that learns from each outcome.

The features are numbers of about -3 to 3, the same for every model. The model's own beliefs count most; how far the
word is typed, where the text stands, and how the last few suggestions in the document fared say the rest.

Its weights are Gaussians of diagonal covariance, updated one outcome at a time (the online scheme of Chapelle and Li,
"An empirical evaluation of Thompson sampling", 2011, without its sampling). Precisions are capped, so that it goes on
learning when habits change, and no weight may go far from its prior: however seldom somebody takes anything, a text
the model is sure of still comes. It remembers numbers only; its file holds nothing else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.base.store import read_bounded, write_atomic
from shadowpen.daemon.showing.candidate import Candidate, CursorPlace
from shadowpen.daemon.showing.habits import Habits
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


# The trigger's prior, fitted once for everyone, before it has learned from the user.
#
# Logistic regression of "a simulated writer takes something of it" on the features, over every place of 200 characters
# of each of 27 texts by nine authors at which the shipped default model (int8) has a text worth reading: 3,529 of them
# (see evaluation/prior.py).
PRECISION = 40.0  # of each weight: the bias moves by about a fortieth of the surprise at first

WEIGHTS = {
    "always": -0.2,
    "first_word": 0.85,
    "whole_text": 0.0,
    "margin": -0.1,
    "letters_typed": 0.0,
    "new_word": 0.0,
    "length": 0.2,
    "sentence_start": -0.7,
    "line_start": -0.6,
    "taken_of_late": 0.5,  # a simulated writer has no moods: by hand, so that a row of misses makes it quieter
    "quiet_keys": 0.0,
    "pause": 0.0,
}

# How far each may go. A writer who takes nothing is still offered about four tenths of what others are.
COMMON_REACH = 0.5
REACH = {"always": 0.7, "margin": 0.3, "first_word": 0.2, "whole_text": 0.2}


_FORMAT = 1
_MOST_PRECISION = 10 * PRECISION
_SAVE_EVERY = 16  # outcomes
_MOST_OUTCOMES = 10**12  # a lifetime has fewer


class Trigger:
    """Predicts whether a suggestion is accepted.

    `path` is where it is kept between starts; None: nowhere. A file that cannot be used is as good as none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._weights = [WEIGHTS[name] for name in NAMES]
        self._precisions = [PRECISION] * len(NAMES)
        self.outcomes = 0
        if path is not None:
            self._load(path)

    def probability(self, features: Sequence[float]) -> float:
        """That a text with these `features` (in the order of NAMES) is taken."""
        return 1 / (1 + math.exp(-sum(w * x for w, x in zip(self._weights, features, strict=True))))

    def learn(self, features: Sequence[float], *, taken: bool) -> None:
        """Move towards one outcome: by much for what was seldom seen, by little for what is well known."""
        p = self.probability(features)
        for i, x in enumerate(features):
            self._precisions[i] = min(_MOST_PRECISION, self._precisions[i] + x * x * p * (1 - p))
            moved = self._weights[i] + (float(taken) - p) * x / self._precisions[i]
            self._weights[i] = _near_prior(NAMES[i], moved)
        self.outcomes += 1
        if self.outcomes % _SAVE_EVERY == 0:
            self.save()

    def save(self) -> None:
        """Keep what was learned; a disk that refuses costs no more than that."""
        if self._path is None or not self.outcomes:
            return
        state = {
            "format": _FORMAT,
            "weights": dict(zip(NAMES, self._weights, strict=True)),
            "precisions": dict(zip(NAMES, self._precisions, strict=True)),
            "outcomes": self.outcomes,
        }
        try:
            write_atomic(self._path, json.dumps(state, indent=1).encode(), durable=False)
        except StateUnusable:
            LOGGER.warning("the trigger's state could not be written")

    def _load(self, path: Path) -> None:
        try:
            state = json.loads(read_bounded(path))
            weights = [_number(state["weights"][name]) for name in NAMES]
            precisions = [_number(state["precisions"][name]) for name in NAMES]
            outcomes = int(state["outcomes"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            LOGGER.warning("the trigger's saved state is invalid; it starts from its prior")
            return
        if state.get("format") != _FORMAT or min(precisions) <= 0 or not 0 <= outcomes <= _MOST_OUTCOMES:
            LOGGER.warning("the trigger's saved state is from another version; it starts from its prior")
            return
        self._weights = [_near_prior(name, weight) for name, weight in zip(NAMES, weights, strict=True)]
        self._precisions, self.outcomes = precisions, outcomes


def _near_prior(name: str, weight: float) -> float:
    reach = REACH.get(name, COMMON_REACH)
    return min(max(weight, WEIGHTS[name] - reach), WEIGHTS[name] + reach)


def _number(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        raise ValueError(number)
    return number
