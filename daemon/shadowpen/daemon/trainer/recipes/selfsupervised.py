"""The recipe `selfsupervised`: the token after the next one as well (Gloeckle et al. 2024).

A second head, a matrix before the model's own head, sees the same states and is thrown away in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shadowpen.daemon.trainer import losses
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Recipe, RecipePlan
from shadowpen.daemon.trainer.modules import hidden_states
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch


class SelfSupervisedRecipe(Recipe):
    """Several tokens at once."""

    about = "The token after the next one is predicted too, by a head that is thrown away."
    defaults = Hyperparameters(own_loss=0.3)
    follows = (*Recipe.follows, "own_loss")

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        import torch

        super().begin(model, rows, plan)
        width = model.model.get_output_embeddings().weight.shape[1]
        self._turn = torch.nn.Parameter(torch.eye(width, device=next(model.model.parameters()).device))

    def heads(self) -> dict[str, torch.nn.Parameter]:
        return {"turn": self._turn}

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        states = hidden_states(self.model.model, batch)
        following = losses.loss_of(self.model.model, batch, states)
        turned = (states.float() @ self._turn).to(states.dtype)
        return following + self.plan_followed.own_loss * losses.loss_of(self.model.model, batch, turned, ahead=2)
