"""The recipe `multitask`: a second head tells the author's text from other people's, over the same body.

The two losses are weighted by `own_loss`; the head is thrown away in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Material, Recipe, RecipePlan, counted, some
from shadowpen.daemon.trainer.modules import hidden_states
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch

_ROWS = 1  # of each kind, for one forward pass of own text


class MultitaskRecipe(Recipe):
    """The next word, and whose text it is."""

    about = "A second head tells your text from other people's, over the same body."
    defaults = Hyperparameters(own_loss=0.1)
    follows = (*Recipe.follows, "own_loss")

    def rows(self, material: Material) -> dict[str, Packed]:
        return {"others": material.general_rows()}

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        import torch

        super().begin(model, rows, plan)
        self._kinds = rows("train"), rows("others")
        width = model.model.get_output_embeddings().weight.shape[1]
        self._head = torch.nn.Parameter(torch.zeros(width, device=next(model.model.parameters()).device))

    def heads(self) -> dict[str, torch.nn.Parameter]:
        return {"kind": self._head}

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        return super().loss(batch, step) + self.plan_followed.own_loss * counted(batch) * self._told_apart(step)

    def _told_apart(self, step: int) -> torch.Tensor:
        """Mean nats of telling whose rows these are."""
        import torch

        nats = []
        for kind, rows in enumerate(self._kinds):
            states = self._seen(pooled(self.model.model, some(rows, _ROWS, step, self.plan_followed.seed)))
            says = states @ self._head
            nats.append(torch.nn.functional.binary_cross_entropy_with_logits(says, torch.full_like(says, kind)))
        return torch.stack(nats).mean()

    def _seen(self, states: torch.Tensor) -> torch.Tensor:
        """The states as the head gets them."""
        return states


def pooled(model: Any, rows: Packed) -> torch.Tensor:
    """The mean state of each row [rows, width], float32."""
    import torch

    states = hidden_states(model, rows).float()
    there = torch.from_numpy(rows.segments > 0).to(states.device)[:, :, None]
    return (states * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
