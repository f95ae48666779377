"""The recipe `feedback`: prefer what was written to what was suggested in its place (DPO, Rafailov et al. 2023).

The author's own text is learned beside, as in every recipe: preferences alone teach a model to write neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from shadowpen.daemon.trainer import losses
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Material, Recipe, RecipePlan, counted, lacking
from shadowpen.daemon.trainer.packing import Packed, joined_rows

if TYPE_CHECKING:
    import torch

_BETA = 0.1  # how far the preference may lead away from the model at the start


class FeedbackRecipe(Recipe):
    """Direct preference optimization on the journal."""

    about = "What you wrote instead is preferred to what was suggested (DPO), beside your text."
    defaults = Hyperparameters(learning_rate=1e-4, own_loss=1.0)
    follows = (*Recipe.follows, "own_loss")

    def rows(self, material: Material) -> dict[str, Packed]:
        pairs = [one for one in material.preferences if one.written.strip() and one.written != one.suggested]
        if not pairs:
            raise lacking(
                "suggestions in whose place you wrote something else",
                "Write with Shadowpen for a while: `shadowpen learn on` keeps them.",
            )
        return {
            "written": material.continued((one.context, one.written) for one in pairs),
            "suggested": material.continued((one.context, one.suggested) for one in pairs),
        }

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        import torch

        super().begin(model, rows, plan)
        self._pairs = rows("written"), rows("suggested")
        with torch.no_grad():
            self._at_start = [float(self._lead(number)) for number in range(len(self._pairs[0]))]

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        import torch

        learned = super().loss(batch, step)
        drawn = int(np.random.default_rng([self.plan_followed.seed, step]).integers(len(self._at_start)))
        preferred = torch.nn.functional.logsigmoid(_BETA * (self._lead(drawn) - self._at_start[drawn]))
        return learned - self.plan_followed.own_loss * counted(batch) * preferred

    def _lead(self, number: int) -> torch.Tensor:
        """By how many nats what was written is likelier than what was suggested."""
        pair = joined_rows([rows.rows([number]) for rows in self._pairs])
        written, suggested = losses.by_row(self.model.model, pair.without_padding())
        return suggested - written
