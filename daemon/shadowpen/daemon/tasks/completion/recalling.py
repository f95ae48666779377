"""Suggest the user's earlier text where it is likely to recur."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.suggestions import Sources
from shadowpen.daemon.tasks.completion.stopping import best_ending
from shadowpen.daemon.tasks.decoding import DecodingStep, LooksUp

if TYPE_CHECKING:
    from shadowpen.daemon.memory.attribution import AttributedText
    from shadowpen.daemon.memory.phrases import Phrase

_LEAST_PROBABILITY = 0.12
_JUST_WRITTEN = 400  # characters
_CERTAIN = 0.6  # of the first word; below that the model is asked, which knows the rest of the text as well


class RecallsPhrases(LooksUp, Protocol):
    """What the user wrote before; see shadowpen.daemon.memory.memory.Memory."""

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> Phrase | None: ...


class Remembers(Protocol):
    """What keeps the user's memory; see shadowpen.daemon.memory.service.Remembering.

    `in_use` is the memory that answers now, None while there is none.
    """

    @property
    def in_use(self) -> RecallsPhrases | None: ...

    def sources(self, remembered: Phrase | AttributedText) -> Sources: ...


def recalled(
    memory: RecallsPhrases, ids: Sequence[int], stub: bytes, prefix: str, max_words: int
) -> tuple[Candidate, Phrase] | None:
    """What followed `ids` and `stub` before; None where that is no surer than what a model would say.

    Nor is what stands in the last lines of `prefix` already offered again: a phrase would go round in circles.
    """
    phrase = memory.phrase(ids, stub, max_words)
    if phrase is None:
        return None
    steps = [DecodingStep(word.data, math.log(max(word.probability, 1e-9)), 1.0) for word in phrase.words]
    best = best_ending(steps, _LEAST_PROBABILITY, max_words)
    if best is None or best.first_word < _CERTAIN or best.text.strip() in prefix[-_JUST_WRITTEN:]:
        return None
    return best, phrase
