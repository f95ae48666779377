"""Whether a candidate takes the place of what is served: a decision from measured numbers alone.

It must read the author's own newest text surely better than the served version does, and everybody's text not
noticeably worse than the base does. Where the numbers come from (the very graphs that would be served) is the
caller's promise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.learning.bootstrap import paired_gain

CONFIDENCE = 0.9
MAX_GENERAL_RATIO = 1.01  # perplexity on general text, candidate over base


@dataclass(frozen=True)
class Scores:
    """Negative log-likelihoods in nats of the same held-out tokens, [tokens], and the stretch each belongs to."""

    nats: NDArray[np.float64]
    stretches: NDArray[np.int64]

    @property
    def perplexity(self) -> float:
        return float(np.exp(self.nats.mean())) if len(self.nats) else math.inf


@dataclass(frozen=True)
class Decision:
    """`reasons` say what failed, nothing if promoted; `metrics` are the numbers it rests on."""

    promote: bool
    reasons: tuple[str, ...]
    metrics: dict[str, float]


def decide(served: Scores, candidate: Scores, general_base: float, general_candidate: float) -> Decision:
    """The verdict on a candidate. `general_*` are perplexities on text that is nobody's own.

    Anything that is not a finite number fails. ValueError if the two were not scored on the same tokens.
    """
    if served.nats.shape != candidate.nats.shape or not np.array_equal(served.stretches, candidate.stretches):
        raise ValueError("served and candidate were scored on different tokens")
    gain = paired_gain(served.nats, candidate.nats, candidate.stretches, confidence=CONFIDENCE)
    ratio = general_candidate / general_base if general_base else math.nan
    metrics = {
        "held_out_tokens": float(len(candidate.nats)),
        "perplexity_served": served.perplexity,
        "perplexity": candidate.perplexity,
        "gain_nats": gain.mean,
        "gain_lower_bound": gain.lower_bound,
        "general_perplexity_base": general_base,
        "general_perplexity": general_candidate,
        "general_ratio": ratio,
    }
    reasons = _failures(candidate, gain.mean, gain.lower_bound, ratio)
    return Decision(not reasons, tuple(reasons), metrics)


def _failures(candidate: Scores, mean: float, lower_bound: float, ratio: float) -> Sequence[str]:
    reasons = []
    if not np.isfinite(candidate.nats).all() or not math.isfinite(ratio):
        return ["It computes numbers that are none."]
    if mean <= 0:
        reasons.append("It does not read your newest text better than what is served now.")
    elif not lower_bound > 0:
        reasons.append("It reads your newest text better, but not surely enough to tell from chance.")
    if ratio > MAX_GENERAL_RATIO:
        worse = 100 * (ratio - 1)
        reasons.append(f"It reads other people's text {worse:.1f} % worse than the base, more than the 1 % allowed.")
    return reasons
