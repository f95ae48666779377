"""Whether there is enough text for an automatic run, and how much is learned and missing.

Compares what there is now with what the served version learned and with what there was when the last run began.
Counting is by the caller's tokenizer; this file starts nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.corpus.split import LEAST_TOKENS, Encode, set_aside_tokens, tokenised
from shadowpen.daemon.learning.ledger import Ledger
from shadowpen.daemon.learning.status import TrainingStatus


@dataclass(frozen=True)
class Readiness:
    """Whether there is enough text for a run.

    Own tokens and edits now, how many of them came since the last run, and what a run still lacks (0: nothing).

    `learned_tokens` of them the version that answers has learned; `left_tokens` are not learned and not set aside to
    judge the next run by. `runs_left` is how many runs those take.
    """

    own_tokens: int
    edits: int
    new_tokens: int
    new_edits: int
    missing_tokens: int
    learned_tokens: int = 0
    left_tokens: int = 0
    runs_left: int = 0
    last_was_better: bool = False


def measure(
    documents: Sequence[Document],
    encode: Encode,
    last: TrainingStatus,
    ledger: Ledger | None = None,
    tokens_a_run: int = 0,
) -> Readiness:
    """Count `documents` against the last run's `status`; what was deleted since counts as nothing new.

    With a `ledger` what it does not know is left to learn, in runs of `tokens_a_run`.
    """
    own_tokens = _own(documents, encode)
    edits = sum(len(document.edits) for document in documents)
    unlearned = own_tokens if ledger is None else _own(ledger.new(documents), encode)
    left = 0 if ledger is None else max(0, unlearned - set_aside_tokens(unlearned))
    return Readiness(
        own_tokens=own_tokens,
        edits=edits,
        new_tokens=max(0, own_tokens - last.tokens),
        new_edits=max(0, edits - last.edits),
        missing_tokens=max(0, LEAST_TOKENS - unlearned),
        learned_tokens=max(0, own_tokens - unlearned),
        left_tokens=left,
        runs_left=math.ceil(left / tokens_a_run) if tokens_a_run else 0,
        last_was_better=last.state == "promoted",
    )


def is_ready(readiness: Readiness, learning: LearningSettings, ratings_ask: bool = False) -> bool:
    """Whether a run should start by itself: one may, and there is enough text, enough new edits, or `ratings_ask`.

    Old text that is left counts as long as runs bring something: what was refused once would be refused again.
    """
    if not learning.automatic or readiness.missing_tokens:
        return False
    if ratings_ask:
        return True
    if readiness.new_tokens >= learning.min_new_tokens or readiness.new_edits >= learning.min_new_edits:
        return True
    return readiness.last_was_better and readiness.left_tokens >= learning.min_new_tokens


def _own(documents: Sequence[Document], encode: Encode) -> int:
    return sum(tokenised(document, encode).own for document in documents)
