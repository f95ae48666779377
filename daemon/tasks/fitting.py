"""How well a text fits the words behind the cursor: what the model gives to them after it, and without it.

The first words there are scored after each text and after none, a model call each, from what the document's cache
holds already. Decides nothing about what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.text.tokenizer import Tokenizer

_WORDS_AHEAD = re.compile(r"\s*\S+(?:\s+\S+)?")
_MOST_CHARACTERS = 24  # of them; more costs time and says little more


def words_ahead(suffix: str) -> str:
    """The first words of `suffix` on the cursor's line, "" where nothing is there that a text could fit."""
    found = _WORDS_AHEAD.match(suffix.split("\n", 1)[0])
    return found.group()[:_MOST_CHARACTERS] if found else ""


@dataclass(frozen=True)
class Gap:
    """The place between a text and what follows it: `ids` and `stub` are what stands before, `ahead` words behind."""

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

    def lift(self, text: str) -> Generator[None, None, float]:
        """By how much `text` makes the words behind likelier, in nats; yields as `log_probability`."""
        without = yield from self.log_probability("")
        yield
        after = yield from self.log_probability(text)  # last, so that the cache is left where the text leads
        return after - without
