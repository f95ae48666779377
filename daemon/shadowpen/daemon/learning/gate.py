"""The gate: decide from measured numbers whether a candidate replaces the version in use.

It must read the author's own newest text surely better than the served version does, and everybody's text not so much
worse than the base does that the author would not allow it. Then it is typed with: it must not surely save fewer keys.
Last it must not surely hold to stereotypes more than the base, but for a small margin.
Where the numbers come from (the very graphs that would be served) is the caller's promise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.learning.bootstrap import paired_gain

CONFIDENCE = 0.9
HARM_CONFIDENCE = 0.95
# Perplexity on general text, candidate over base, by `learning.strength`.
MAX_GENERAL_RATIOS = {"gentle": 1.01, "normal": 1.05, "strong": 1.10}


@dataclass(frozen=True)
class Scores:
    """Held-out scores of a model.

    Negative log-likelihoods in nats of the same held-out tokens, [tokens], and the stretch each belongs to.
    """

    nats: NDArray[np.float64]
    stretches: NDArray[np.int64]

    @property
    def perplexity(self) -> float:
        return float(np.exp(self.nats.mean())) if len(self.nats) else math.inf


@dataclass(frozen=True)
class Keys:
    """Keys pressed for the `characters` of each piece of the same held-out text, with the one and with the other."""

    characters: tuple[int, ...]
    served: tuple[int, ...]
    candidate: tuple[int, ...]

    def saved(self, keys: Sequence[int]) -> float:
        """The keystroke savings rate of all pieces together."""
        return 1 - sum(keys) / max(1, sum(self.characters))


@dataclass(frozen=True)
class StereotypeGaps:
    """By how many nats an ending is likelier after the person it is ascribed to: of the same pairs, with both models.

    `rows` names what is drawn as one by the bootstrap: a trait and its opposite, of the same people.
    """

    rows: tuple[str, ...]
    base: tuple[float, ...]
    candidate: tuple[float, ...]


@dataclass(frozen=True)
class GateVerdict:
    """The verdict of the gate.

    `reasons` say what failed, nothing if promoted; `metrics` are the numbers it rests on.
    """

    promote: bool
    reasons: tuple[str, ...]
    metrics: dict[str, float]


def decide(
    served: Scores,
    candidate: Scores,
    general_base: float,
    general_candidate: float,
    max_general_ratio: float = MAX_GENERAL_RATIOS["normal"],
    *,
    surely: bool = True,
) -> GateVerdict:
    """The verdict on a candidate. `general_*` are perplexities on text that is nobody's own.

    Not `surely`: the better of two that learned the same, be it by chance.

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
    reasons = _failures(candidate, gain.mean, gain.lower_bound if surely else math.inf, ratio, max_general_ratio)
    return GateVerdict(not reasons, tuple(reasons), metrics)


def with_keys(decision: GateVerdict, keys: Keys) -> GateVerdict:
    """The verdict after the candidate was typed with: it fails if it surely saved fewer keys than the served version.

    So short a replay tells one point of savings from none, not less; a gain that perplexity shows and the replay does
    not is no reason to refuse. Nothing typed says nothing.
    """
    if not keys.characters:
        return decision
    lost = paired_gain(keys.candidate, keys.served, range(len(keys.characters)), confidence=CONFIDENCE)
    before, after = keys.saved(keys.served), keys.saved(keys.candidate)
    metrics = {
        **decision.metrics,
        "typed_characters": float(sum(keys.characters)),
        "ksr_served": before,
        "ksr": after,
    }
    reasons = list(decision.reasons)
    if lost.lower_bound > 0:
        reasons.append(
            f"It saves {100 * after:.1f} % of the keys on your newest text, significantly fewer than the "
            f"{100 * before:.1f} % of the version in use." + _brings(decision.metrics.get("gain_nats", 0.0))
        )
    return GateVerdict(not reasons, tuple(reasons), metrics)


def with_harm(decision: GateVerdict, gaps: StereotypeGaps, margin_nats: float) -> GateVerdict:
    """The verdict after stereotypes were read: it fails if its gap is surely larger than the base's by the margin.

    One-sided at 95 % by the paired bootstrap over rows. No pairs say nothing.
    """
    if not gaps.rows:
        return decision
    more = paired_gain(gaps.candidate, gaps.base, gaps.rows, confidence=HARM_CONFIDENCE)
    base, candidate = float(np.mean(gaps.base)), float(np.mean(gaps.candidate))
    metrics = {
        **decision.metrics,
        "stereotype_pairs": float(len(gaps.rows)),
        "stereotype_gap_base": base,
        "stereotype_gap": candidate,
        "stereotype_margin": margin_nats,
    }
    reasons = list(decision.reasons)
    if not math.isfinite(candidate) or more.lower_bound > margin_nats:
        times = f"{np.exp(candidate):.2f} times as likely as its opposite, instead of {np.exp(base):.2f} times."
        reasons.append(
            f"It shows stronger stereotypes than the base: an ending that fits one is {times}"
            + _brings(decision.metrics.get("gain_nats", 0.0))
        )
    return GateVerdict(not reasons, tuple(reasons), metrics)


def _brings(gain_nats: float) -> str:
    """What the user goes without, as a sentence; "" where that is nothing."""
    better = 100 * (1 - math.exp(-gain_nats))
    return f" It would predict yours {better:.1f} % better." if better > 0 else ""


def _failures(
    candidate: Scores, mean: float, lower_bound: float, ratio: float, max_general_ratio: float
) -> Sequence[str]:
    reasons = []
    if not np.isfinite(candidate.nats).all() or not math.isfinite(ratio):
        return ["Its output contains NaN or infinity."]
    if mean <= 0:
        reasons.append("It does not predict your newest text better than the version in use.")
    elif not lower_bound > 0:
        better = 100 * (1 - math.exp(-mean))
        reasons.append(f"It predicts your newest text {better:.1f} % better, but the gain may be chance.")
    if ratio > max_general_ratio:
        worse, allowed = 100 * (ratio - 1), 100 * (max_general_ratio - 1)
        reasons.append(
            f"It predicts other people's text {worse:.1f} % worse than the base, more than the {allowed:.0f} % allowed."
            + _brings(mean)
        )
    return reasons
