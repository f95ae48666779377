"""The recipe `rloo`: reward what would have saved keys (policy gradient, leave-one-out baseline, Ahmadian et al. 2024).

Some continuations of the author's own text are drawn. The reward of one is how many of its tokens the author went on to
write, as a writer would have taken them; drifting from the model at the start costs. Own text is learned beside.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from shadowpen.daemon.trainer import losses
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Recipe, RecipePlan, counted
from shadowpen.daemon.trainer.packing import Packed, pack

if TYPE_CHECKING:
    import torch

_DRAWN = 4  # continuations of one place
_AHEAD = 6  # tokens of each
_KL = 0.05  # reward that a nat away from the start costs


class RlooRecipe(Recipe):
    """Policy gradient on keys saved."""

    about = "Continuations are drawn, and those that would have saved keys are made likelier (RLOO)."
    defaults = Hyperparameters(learning_rate=1e-4, own_loss=0.1)
    follows = (*Recipe.follows, "own_loss")

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        super().begin(model, rows, plan)
        self._at_start: Any = copy.deepcopy(model.model).requires_grad_(False)

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        learned = super().loss(batch, step)
        found = _place(batch, np.random.default_rng([self.plan_followed.seed, step]))
        if found is None:
            return learned
        return learned + self.plan_followed.own_loss * counted(batch) * self._regret(*found)

    def _regret(self, known: list[int], wrote: list[int]) -> torch.Tensor:
        """What makes a continuation likelier by as much as it is better than the mean of the others."""
        import torch

        drawn = self._draw(known)
        weights = [0.0] * len(known) + [1.0] * _AHEAD
        rows = [pack([([*known, *one], weights)], None, len(known) + _AHEAD) for one in drawn]
        with torch.no_grad():
            drift = [float(losses.loss_sum(self._at_start, one) - self.model.loss_sum(one)) for one in rows]
        rewards = [_taken(one, wrote) - _KL * away for one, away in zip(drawn, drift, strict=True)]
        total = sum(rewards)
        terms = [
            (reward - (total - reward) / (_DRAWN - 1)) * self.model.loss_sum(row)
            for reward, row in zip(rewards, rows, strict=True)
        ]
        return torch.stack(terms).mean() / _AHEAD

    def _draw(self, known: list[int]) -> list[list[int]]:
        import torch

        model = self.model.model
        ids = torch.tensor([known] * _DRAWN, device=next(model.parameters()).device)
        with torch.no_grad():
            for _ in range(_AHEAD):
                chances = torch.softmax(model(input_ids=ids, use_cache=False).logits[:, -1].float(), dim=-1)
                ids = torch.cat([ids, torch.multinomial(chances, 1)], dim=1)
        drawn: list[list[int]] = ids[:, len(known) :].tolist()
        return drawn


def _place(batch: Packed, random: np.random.Generator) -> tuple[list[int], list[int]] | None:
    """The ids of a piece up to a place in it, and those that the author went on with; None where all are too short."""
    row = batch.rows([int(random.integers(len(batch)))])
    segment = row.segments[0]
    places = [
        place
        for place in range(8, len(segment) - _AHEAD)
        if segment[place] and segment[place - 8] == segment[place + _AHEAD - 1] and row.weights[0, place] > 0
    ]
    if not places:
        return None
    place = int(random.choice(places))
    first = int(np.flatnonzero(segment == segment[place])[0])
    return row.ids[0, max(first, place - 64) : place].tolist(), row.ids[0, place : place + _AHEAD].tolist()


def _taken(drawn: list[int], wrote: list[int]) -> float:
    """How many tokens of the beginning are right."""
    wrong = next((at for at, (mine, theirs) in enumerate(zip(drawn, wrote, strict=True)) if mine != theirs), len(drawn))
    return float(wrong)
