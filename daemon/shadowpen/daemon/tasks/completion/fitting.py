"""Score how well a text leads into the words after the cursor.

The first words there are scored after all of a text, after its first word, and after none, a model call each, from
what the document's cache holds already. What all of it does to them, compared with its first word, tells well whether
all of it is right: of 524 texts of several words that were put into gaps of one to six words, 5 % were where the words
behind became less likely by 4 nats, 62 % where they became likelier by as much. Decides nothing about what is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.text.tokenizer import Tokenizer

_WORDS_AHEAD = re.compile(r"\s*\S+(?:\s+\S+)?")
_FIRST_WORD = re.compile(r"\s*\S+")
# Logistic regression of "all of it is right" on its log-odds and on what it adds to the lift of its first word.
_BIAS, _WEIGHT, _REACH = -1.0, 0.34, 4.0
_MOST_CHARACTERS = 24  # of them; more costs time and says little more


def words_ahead(suffix: str) -> str:
    """The first words of `suffix` on the cursor's line, "" where nothing is there that a text could fit."""
    found = _WORDS_AHEAD.match(suffix.split("\n", 1)[0])
    return found.group()[:_MOST_CHARACTERS] if found else ""


@dataclass(frozen=True)
class Gap:
    """A gap to fill between two texts.

    The place between a text and what follows it: `ids` and `stub` are what stands before, `ahead` words behind.
    """

    session: KvSession
    tokenizer: Tokenizer
    ids: Sequence[int]
    stub: str
    ahead: str

    def log_probability(self, text: str) -> Generator[None, None, float]:
        """Of the words behind, after `text`; yields after each model call but the last."""
        before = self.stub + text
        blank = " " if before[-1:].isalnum() and self.ahead[:1].isalnum() else ""
        made, places = self.tokenizer.encode_with_places(before + blank + self.ahead)
        count = sum(1 for _, end in places if end > len(before))
        return (yield from self.session.log_probability([*self.ids, *made], count))


def fitted(gap: Gap, candidate: Candidate, reading_price: float) -> Generator[None, None, Candidate]:
    """`candidate` with its `lift`, cut to its first word where the rest leads away; yields after each model call."""
    first = _FIRST_WORD.findall(candidate.text)[0]
    without = yield from gap.log_probability("")
    yield
    lift = (yield from gap.log_probability(first)) - without
    if first == candidate.text:
        return replace(candidate, lift=lift)
    yield
    lift_of_all = (yield from gap.log_probability(candidate.text)) - without  # last: the cache is left where it leads
    return _better(candidate, first, lift, lift_of_all, reading_price)


def _better(candidate: Candidate, first: str, lift: float, lift_of_all: float, reading_price: float) -> Candidate:
    """All of `candidate` or its `first` word alone, whichever is worth more now."""
    likely = candidate.first_word
    turn = _BIAS + _WEIGHT * min(max(lift_of_all - lift, -_REACH), _REACH)
    probability = min(likely, _moved(candidate.probability, turn))
    rest = len(candidate.text) - len(first)
    worth = likely * (len(first) - 1) - reading_price * (1 - likely) * len(first)
    worth_of_all = worth + probability * rest - reading_price * (1 - probability) * rest
    if worth_of_all < worth:
        return replace(candidate, text=first, probability=likely, worth=worth, lift=lift)
    return replace(candidate, probability=probability, worth=worth_of_all, lift=lift_of_all)


def _moved(probability: float, turn: float) -> float:
    """`probability` with its log-odds moved by `turn`."""
    odds = probability / max(1e-9, 1 - probability) * math.exp(turn)
    return odds / (1 + odds)
