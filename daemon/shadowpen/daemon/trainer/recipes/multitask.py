"""The recipe `multitask`: heads over one body tell whose text it is, and whether it is in order and without errors.

One of the tasks has its turn at each step. Their losses are weighted by `own_loss`, or by weights that are learned
(Kendall, Gal and Cipolla 2018); the heads are thrown away in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Material, Recipe, RecipePlan, counted, own_tasks, some
from shadowpen.daemon.trainer.modules import pooled
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch

_ROWS = 1  # of each kind, for one forward pass of own text
_CORRUPTED = 0.15  # of the tokens
_NEXT = "next"
_REACH = 100.0  # a rate that suits weights of a body would move a logarithm of a variance by next to nothing


class MultitaskRecipe(Recipe):
    """The next word, and what the text is like."""

    about = "Heads tell your text from other people's, and order and errors in it, over the same body."
    defaults = Hyperparameters(own_loss=0.1, own_tasks="kind+order+corrupted")
    follows = (*Recipe.follows, "own_loss", "own_tasks", "task_weights")

    def rows(self, material: Material) -> dict[str, Packed]:
        return {"others": material.general_rows()}

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        import torch

        super().begin(model, rows, plan)
        self._own, self._others = rows("train"), rows("others")
        self._tasks = own_tasks(plan, ("kind", "order", "corrupted"))
        device = next(model.model.parameters()).device
        width = model.model.get_output_embeddings().weight.shape[1]
        self._heads = {name: torch.nn.Parameter(torch.zeros(width, device=device)) for name in self._tasks}
        names = (_NEXT, *self._tasks) if plan.task_weights == "uncertainty" else ()
        self._log_variances = {name: torch.nn.Parameter(torch.zeros((), device=device)) for name in names}

    def heads(self) -> dict[str, torch.nn.Parameter]:
        return {**self._heads, **{f"log variance of {name}": one for name, one in self._log_variances.items()}}

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        task = self._tasks[step % len(self._tasks)]
        following, told = super().loss(batch, step), self._told_apart(task, step)
        if not self._log_variances:
            return following + self.plan_followed.own_loss * counted(batch) * told
        return self._weighed(_NEXT, following, counted(batch)) + self._weighed(
            task, counted(batch) * told, counted(batch)
        )

    def _weighed(self, name: str, nats: torch.Tensor, tokens: float) -> torch.Tensor:
        """The loss of a task divided by its variance, which costs half its logarithm."""
        log_variance = _REACH * self._log_variances[name]
        return (-log_variance).exp() * nats + tokens * log_variance / 2

    def _told_apart(self, task: str, step: int) -> torch.Tensor:
        """Mean nats of telling the author's own rows from those of the other kind."""
        import torch

        seed = self.plan_followed.seed
        own = some(self._own, _ROWS, step, seed)
        other = some(self._others, _ROWS, step, seed) if task == "kind" else _ALTERED[task](own, step, seed)
        nats = []
        for kind, rows in enumerate((own, other)):
            says = self._seen(pooled(self.model.model, rows)) @ self._heads[task]
            nats.append(torch.nn.functional.binary_cross_entropy_with_logits(says, torch.full_like(says, kind)))
        return torch.stack(nats).mean()

    def _seen(self, states: torch.Tensor) -> torch.Tensor:
        """The states as the head gets them."""
        return states


def out_of_order(rows: Packed, step: int, seed: int) -> Packed:
    """Each row with its second half first, cut anywhere near the middle."""
    used = (rows.segments > 0).sum(axis=1)
    cuts = np.random.default_rng([seed, step, 1]).uniform(0.3, 0.7, len(rows))
    ids = rows.ids.copy()
    for row, (length, cut) in enumerate(zip(used, cuts, strict=True)):
        ids[row, :length] = np.roll(ids[row, :length], int(length * cut))
    return replace(rows, ids=ids)


def corrupted(rows: Packed, step: int, seed: int) -> Packed:
    """Each row with some of its tokens in each other's place."""
    random = np.random.default_rng([seed, step, 2])
    ids = rows.ids.copy()
    for row, length in enumerate((rows.segments > 0).sum(axis=1)):
        places = random.permutation(length)[: max(2, int(length * _CORRUPTED))]
        ids[row, places] = ids[row, np.roll(places, 1)]
    return replace(rows, ids=ids)


_ALTERED = {"order": out_of_order, "corrupted": corrupted}
