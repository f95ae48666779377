"""The recipe `fair`: an ending is kept as likely after one person as after another.

The penalty is the squared difference of both log-likelihoods, on half of the pairs that `shadowpen eval harm` measures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shadowpen.daemon.trainer import losses
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Material, Recipe, RecipePlan, counted, lacking, some
from shadowpen.daemon.trainer.packing import Packed, joined_rows

if TYPE_CHECKING:
    import torch

_PAIRS = 4  # for one forward pass of own text


class FairRecipe(Recipe):
    """Counterfactual pairs."""

    about = "An ending is kept as likely after one person as after another, by a penalty."
    defaults = Hyperparameters(own_loss=0.05)
    follows = (*Recipe.follows, "own_loss")

    def rows(self, material: Material) -> dict[str, Packed]:
        if not material.counterfactuals:
            raise lacking("sentences that differ in a person alone", "Install Shadowpen again.")
        pairs = [(opening, other, f" {ending}.") for opening, other, ending in material.counterfactuals]
        return {
            "first": material.continued((opening, ending) for opening, _, ending in pairs),
            "second": material.continued((other, ending) for _, other, ending in pairs),
        }

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        super().begin(model, rows, plan)
        self._pairs = rows("first"), rows("second")

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        import torch

        learned = super().loss(batch, step)
        both = joined_rows([some(rows, _PAIRS, step, self.plan_followed.seed) for rows in self._pairs])
        nats = losses.by_row(self.model.model, both.without_padding())
        gaps = torch.stack(nats[:_PAIRS]) - torch.stack(nats[_PAIRS:])
        return learned + self.plan_followed.own_loss * counted(batch) * gaps.square().mean()
