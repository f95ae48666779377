"""Text the author wrote before, offered at once where it is likely to come again. Knows neither files nor indexes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.tasks.decoding import Step
from shadowpen.daemon.tasks.stopping import best_ending

if TYPE_CHECKING:
    from shadowpen.daemon.memory.phrases import Phrase

_LEAST_PROBABILITY = 0.12
_CERTAIN = 0.6  # of the first word; below that the model is asked, which knows the rest of the text as well


class Remembers(Protocol):
    """What answers for the author's memory; see remembering.Remembering."""

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> Phrase | None: ...


def recalled(memory: Remembers | None, ids: Sequence[int], stub: bytes, max_words: int) -> Candidate | None:
    """What followed `ids` and `stub` before; None where that is no surer than what a model would say."""
    phrase = memory.phrase(ids, stub, max_words) if memory is not None else None
    if phrase is None:
        return None
    steps = [Step(word.data, math.log(max(word.probability, 1e-9)), 1.0) for word in phrase.words]
    best = best_ending(steps, _LEAST_PROBABILITY, max_words)
    return best if best is not None and best.first_word >= _CERTAIN else None
