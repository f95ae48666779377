"""The recipe `transfer`: states in which a head cannot tell whose text it reads (Ganin et al. 2016).

For a writer who changes genre: what only marks the old one is unlearned. The head learns to tell, and its gradient is
turned round before it reaches the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe
from shadowpen.daemon.trainer.recipes.multitask import MultitaskRecipe

if TYPE_CHECKING:
    import torch


class TransferRecipe(MultitaskRecipe):
    """Domain-adversarial training."""

    about = "The body is made worse at telling your text from other people's (gradient reversal)."
    defaults = Hyperparameters(own_loss=0.1, own_tasks="kind")
    follows = (*Recipe.follows, "own_loss")

    def _seen(self, states: torch.Tensor) -> torch.Tensor:
        turned: torch.Tensor = _reversed()(states)
        return turned


def _reversed() -> Any:
    """The same values, and the opposite gradient."""
    import torch

    class Reversal(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, value: torch.Tensor) -> torch.Tensor:
            return value.clone()

        @staticmethod
        def backward(ctx: Any, *outer: torch.Tensor) -> Any:
            return -outer[0]

    return Reversal.apply
