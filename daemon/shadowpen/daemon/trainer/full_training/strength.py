"""Choose how much of what was learned is served: what reads the author best within a limit on general text.

Weights between the base's and the learned ones are tried (Wortsman et al. 2022, WiSE-FT). Keys do not choose: a replay
of a few thousand characters does not tell two neighbouring strengths apart (docs/learning-results.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.packing import Packed


@dataclass(frozen=True)
class _TriedStrength:
    """What a strength reads: nats a token of the author's, and perplexity of general text over the base's."""

    scale: float
    loss: float
    ratio: float


class _BothTexts:
    """Reads the author's text and general text with any strength. Either may be empty."""

    def __init__(self, model: EveryWeight, learned: Delta, validation: Packed, general: Packed) -> None:
        self._model, self._learned, self._validation, self._general = model, learned, validation, general
        model.show(learned, 0.0)
        self._base = model.mean_loss(general) if len(general) else 0.0

    def at(self, scale: float) -> _TriedStrength:
        self._model.show(self._learned, scale)
        loss = self._model.mean_loss(self._validation) if len(self._validation) else 0.0
        nats = self._model.mean_loss(self._general) - self._base if len(self._general) else 0.0
        return _TriedStrength(scale, loss, math.exp(min(700.0, nats)))


def best_strength(
    model: EveryWeight,
    plan: FullPlan | RecipePlan,
    learned: Delta,
    validation: Packed,
    general: Packed,
    max_general_ratio: float,
) -> dict[str, float]:
    """The scale with the lowest validation loss among those that read general text well enough.

    Either text may be empty. If none is allowed the smallest that was tried is taken; the gate has the last word. What
    every scale that was tried read is told too.
    """
    texts = _BothTexts(model, learned, validation, general)
    tried: list[_TriedStrength] = []
    for scale in sorted(plan.scales, reverse=True):
        tried.append(texts.at(scale))
        if len(tried) > 1 and tried[-2].ratio <= max_general_ratio and not tried[-1].loss < tried[-2].loss:
            break  # from here on less of it is only less
    for _ in range(plan.halvings):
        between = _between(tried, max_general_ratio)
        if between is None:
            break
        tried.append(texts.at(between))
    best = _best(tried, max_general_ratio) or min(tried, key=lambda one: one.scale)
    told = {f"validation_loss_at_{one.scale:g}": one.loss for one in tried}
    told |= {f"general_ratio_at_{one.scale:g}": one.ratio for one in tried}
    return {"scale": best.scale, "validation_loss": best.loss, "general_ratio": best.ratio, **told}


def _best(tried: list[_TriedStrength], max_general_ratio: float) -> _TriedStrength | None:
    allowed = [one for one in tried if one.ratio <= max_general_ratio]
    return min(allowed, key=lambda one: one.loss) if allowed else None


def _between(tried: list[_TriedStrength], max_general_ratio: float) -> float | None:
    """Halfway from the best scale, or from nothing, to the next stronger one that costs too much; None without one."""
    best = _best(tried, max_general_ratio)
    least = best.scale if best else 0.0
    stronger = min((one for one in tried if one.scale > least), key=lambda one: one.scale, default=None)
    if stronger is None or stronger.ratio <= max_general_ratio:
        return None
    return round((least + stronger.scale) / 2, 4)
