"""Whether there is enough new text for a run to start by itself, and how much is missing for any run at all.

Compares what there is now with what there was when the last run began. Counting is by the caller's tokenizer; this
file starts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shadowpen.daemon.base.config import LearningSettings
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.corpus.split import MIN_HELD_OUT_TOKENS, MIN_TRAIN_TOKENS, Encode, tokenised
from shadowpen.daemon.learning.status import Status


@dataclass(frozen=True)
class Readiness:
    """Own tokens and edits now, how many of them came since the last run, and what a run still lacks (0: nothing)."""

    own_tokens: int
    edits: int
    new_tokens: int
    new_edits: int
    missing_tokens: int


def measure(documents: Sequence[Document], encode: Encode, last: Status) -> Readiness:
    """Count `documents` against the last run's `status`; what was deleted since counts as nothing new."""
    own_tokens = sum(tokenised(document, encode).own for document in documents)
    edits = sum(len(document.edits) for document in documents)
    return Readiness(
        own_tokens=own_tokens,
        edits=edits,
        new_tokens=max(0, own_tokens - last.tokens),
        new_edits=max(0, edits - last.edits),
        missing_tokens=max(0, MIN_HELD_OUT_TOKENS + MIN_TRAIN_TOKENS - own_tokens),
    )


def is_ready(readiness: Readiness, learning: LearningSettings) -> bool:
    """Whether a run should start by itself: one may, and there is enough new text or there are enough new edits."""
    if not learning.automatic or readiness.missing_tokens:
        return False
    return readiness.new_tokens >= learning.min_new_tokens or readiness.new_edits >= learning.min_new_edits
