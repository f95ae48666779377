"""The recipe `meta`: a start from which a new author is learned fast (Reptile, Nichol et al. 2018).

A few plain steps on one author's rows at a time, and then a part of the way back. The authors are the folders that the
texts lie in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Material, Recipe, RecipePlan, counted, lacking, some
from shadowpen.daemon.trainer.packing import Packed, pack

if TYPE_CHECKING:
    import torch

_INNER_STEPS = 4  # on one author
_WAY = 0.5  # of the way to where an author led


class MetaRecipe(Recipe):
    """Reptile over authors."""

    about = "A start for any author: some steps on one at a time, and half the way back (Reptile)."
    defaults = Hyperparameters(learning_rate=1e-4, epochs=2.0)

    def rows(self, material: Material) -> dict[str, Packed]:
        packed = {
            name: pack(texts, material.bos_id, material.length) for name, texts in sorted(material.by_author.items())
        }
        there = [rows for rows in packed.values() if len(rows)]
        if len(there) < 2:
            raise lacking("texts of two authors or more", "Put each author's texts into a folder of their own.")
        return {f"author {number}": rows for number, rows in enumerate(there)}

    def begin(self, model: Learner, rows: Callable[[str], Packed], plan: RecipePlan) -> None:
        super().begin(model, rows, plan)
        self._authors: list[Packed] = []
        while len(found := rows(f"author {len(self._authors)}")):
            self._authors.append(found)
        self._start: dict[str, torch.Tensor] = {}

    def loss(self, batch: Packed, step: int) -> torch.Tensor:
        """Of as many rows of the author whose turn it is; what `batch` holds gives its size alone."""
        turn, inner = divmod(step, _INNER_STEPS)
        if not inner and not self._start:
            learning = (name for name, matrix in self.model.matrices.items() if matrix.requires_grad)
            self._start = {name: self.model.originals[name].clone() for name in learning}
        author = self._authors[int(np.random.default_rng([self.plan_followed.seed, turn]).integers(len(self._authors)))]
        rows = some(author, len(batch), step, self.plan_followed.seed)
        return super().loss(rows, step) * (counted(batch) / max(1.0, counted(rows)))

    def state(self) -> dict[str, torch.Tensor]:
        return self._start

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        self._start = state

    def moved(self, step: int) -> None:
        import torch

        if (step + 1) % _INNER_STEPS or not self._start:
            return
        with torch.no_grad():
            for name, start in self._start.items():
                self.model.originals[name].lerp_(start, 1 - _WAY)
        self._start = {}
        self.model.take_up_originals()
