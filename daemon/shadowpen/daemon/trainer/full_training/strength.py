"""Choose the strength: how much of what was learned is used, within a limit on general text.

Weights between the base's and the learned ones are tried (Wortsman et al. 2022, WiSE-FT). Keys do not choose: a replay
of a few thousand characters does not tell two neighbouring strengths apart (docs/learning-results.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.packing import Packed

_AIM = 0.97  # of the limit: the next guess would be as good as this one
_NEAR = 0.85  # of the limit: no guess is worth another reading


@dataclass
class _BothTexts:
    """Reads the author's text and general text with any strength, each once. Either may be empty."""

    model: EveryWeight
    learned: Delta
    validation: Packed
    general: Packed
    losses: dict[float, float] = field(default_factory=dict)  # of the author's text, nats a token
    nats: dict[float, float] = field(default_factory=dict)  # that a token of general text costs more than the base
    _shown: float = math.nan
    _base: float = math.nan

    def loss(self, scale: float) -> float:
        if scale not in self.losses:
            self.losses[scale] = self._mean_loss(self.validation, scale)
        return self.losses[scale]

    def cost(self, scale: float) -> float:
        if math.isnan(self._base):
            self._base = self._mean_loss(self.general, 0.0)
        if scale not in self.nats:
            self.nats[scale] = self._mean_loss(self.general, scale) - self._base
        return self.nats[scale]

    def _mean_loss(self, rows: Packed, scale: float) -> float:
        if not len(rows):
            return 0.0
        if scale != self._shown:
            self.model.show(self.learned, scale)
            self._shown = scale
        return self.model.mean_loss(rows)


def best_strength(
    model: EveryWeight,
    plan: FullPlan | RecipePlan,
    learned: Delta,
    validation: Packed,
    general: Packed,
    max_general_ratio: float,
) -> dict[str, float]:
    """The scale with the lowest validation loss among those that read general text well enough.

    The strongest that is allowed comes first, then the plan's shares of it, as long as less reads the author better.
    Either text may be empty. If none that was tried is allowed the weakest is taken; the gate has the last word. What
    every scale that was tried read is told too.
    """
    texts = _BothTexts(model, learned, validation, general)
    best = strongest = _strongest_allowed(texts, max(plan.scales), math.log(max_general_ratio), plan.guesses)
    for share in sorted(plan.scales, reverse=True)[1:]:
        weaker = round(strongest * share / max(plan.scales), 4)
        if texts.loss(best) <= texts.loss(weaker):
            break
        best = weaker
    ratio = _ratio(texts.cost(best))
    told = {f"validation_loss_at_{scale:g}": loss for scale, loss in texts.losses.items()}
    told |= {f"general_ratio_at_{scale:g}": _ratio(nats) for scale, nats in texts.nats.items()}
    return {"scale": best, "validation_loss": texts.loss(best), "general_ratio": ratio, **told}


def _strongest_allowed(texts: _BothTexts, most: float, limit: float, guesses: int) -> float:
    """The strongest scale found up to `most` that costs at most `limit` nats; the weakest tried if none does."""
    if texts.cost(most) <= limit:
        return most
    for _ in range(guesses):
        guess = _guess(sorted(texts.nats.items()), _AIM * limit)
        if _NEAR * limit <= texts.cost(guess) <= limit:
            break
    allowed = [scale for scale, nats in texts.nats.items() if nats <= limit]
    return max(allowed) if allowed else min(texts.nats)


def _guess(read: Sequence[tuple[float, float]], wanted: float) -> float:
    """The scale that should cost `wanted` nats, from the (scale, nats) read so far in order; the last cost more.

    Cost a scale is taken to rise in a straight line: through the two scales around the wanted one, or the two nearest
    above it, or 0 and the only one.
    """
    above = next(place for place, (_, nats) in enumerate(read) if nats > wanted)
    if len(read) == 1:
        (scale, nats), rise = read[0], read[0][1] / read[0][0] ** 2
    else:
        (weaker, less), (scale, nats) = read[max(0, above - 1) : max(0, above - 1) + 2]
        rise = (nats / scale - less / weaker) / (scale - weaker)
    start = nats / scale - rise * scale
    root = start * start + 4 * rise * wanted
    found = (math.sqrt(root) - start) / (2 * rise) if rise > 0 and root > 0 else scale * wanted / nats
    lowest = read[above - 1][0] if above else 0.05 * read[0][0]
    return round(min(max(found, lowest), read[above][0]), 4)


def _ratio(nats: float) -> float:
    """Perplexity over the base's."""
    return math.exp(min(700.0, nats))
