"""The training loop of recipes: batches by step number, early stopping, checkpoints that resume.

Of several processes each takes its share of every batch; together they do what one would. What the rows say, and what
a recipe's loss means, is not known here.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.trainer.by_recipe import changes, ranks
from shadowpen.daemon.trainer.by_recipe.optimizers import Stepper, rate
from shadowpen.daemon.trainer.by_recipe.recipe import Learner, Recipe, RecipePlan, counted
from shadowpen.daemon.trainer.loop import Stopped, TrainingStep
from shadowpen.daemon.trainer.packing import Packed, joined_rows

CHECKPOINT = "checkpoint.pt"
_BEST = "best.pt"


class RecipeRun:
    """One run of a recipe: `rows` gives the rows of the job by name, `folder` keeps its checkpoint."""

    def __init__(
        self,
        model: Learner,
        recipe: Recipe,
        plan: RecipePlan,
        rows: Callable[[str], Packed],
        replay: Packed,
        folder: Path,
    ) -> None:
        self._model, self._recipe, self._plan, self._folder = model, recipe, plan, folder
        self._learned = joined_rows([rows("train"), rows("rehearsed"), rows("beside"), replay])
        self._validation = rows("validation")
        if not recipe.lab_only:
            changes.freeze(model, plan.freeze)
            changes.drop_out(model, plan.dropout)
        recipe.begin(model, rows, plan)
        self._heads = recipe.heads()
        self._stepper = Stepper(model, self._heads, plan)
        self._batch = plan.batch_rows * plan.gradient_accumulation
        self._an_epoch = max(1, math.ceil(len(self._learned) / self._batch))
        self.total_steps = max(1, round(plan.epochs * self._an_epoch))
        self._at: dict[str, float] = {
            "step": 0,
            "best": math.inf,
            "without_gain": 0,
            "loss": math.nan,
            "read": math.nan,
        }

    @property
    def resumed_at(self) -> int:
        """The step that a checkpoint brought it to, 0 for a fresh run."""
        return int(self._at["step"])

    @property
    def tokens_a_step(self) -> int:
        return self._batch * self._learned.ids.shape[1]

    def resume(self) -> None:
        """Go on from the folder's checkpoint if there is a whole one."""
        kept = _loaded(self._folder / CHECKPOINT)
        if kept is None:
            return
        self._put_back(kept["weights"])
        self._stepper.restore(kept["stepper"])
        self._recipe.restore(kept["recipe"])
        self._at = kept["at"]

    def train(self, on_step: Callable[[TrainingStep], None], stop: Callable[[], bool] = lambda: False) -> float:
        """Learn until the plan is done or nothing is gained; the best validation loss, whose weights stay.

        Raises Stopped, with a checkpoint written, as soon as `stop` says so; what `on_step` raises ends it as well.
        """
        at = self._at
        every = max(1, self._an_epoch // self._plan.evaluations_an_epoch)
        while at["step"] < self.total_steps and at["without_gain"] < self._plan.patience:
            if ranks.any_of(stop()):
                self._save()
                raise Stopped
            met = self._step(int(at["step"]))
            at["loss"] = met if math.isnan(at["loss"]) else 0.8 * at["loss"] + 0.2 * met
            at["step"] += 1
            on_step(TrainingStep(int(at["step"]), self.total_steps, at["loss"], at["read"]))
            if at["step"] % every == 0 or at["step"] == self.total_steps:
                self._evaluate()
            if at["step"] % self._plan.checkpoint_every == 0:
                self._save()
        best = _loaded(self._folder / _BEST) if at["without_gain"] else None
        if best is not None:
            self._put_back(best)
        return at["best"]

    def _step(self, number: int) -> float:
        """One step of the optimizer; the mean loss of its batch."""
        import torch

        torch.manual_seed(self._plan.seed * 1_000_003 + number)  # dropout, and whatever a recipe draws
        batch = self._rows_of(number)
        tokens = max(1e-9, counted(batch))
        total = 0.0
        for start in range(0, len(batch), self._plan.batch_rows):
            part = batch.rows(range(start, min(len(batch), start + self._plan.batch_rows)))
            part = part.rows(ranks.share(len(part)))
            if len(part):
                loss = self._recipe.loss(part, number)
                (loss / tokens).backward()
                total += float(loss.detach())
        ranks.sum_gradients([*self._model.matrices.values(), *self._heads.values()])
        self._stepper.step(rate(self._plan, number, self.total_steps))
        self._recipe.moved(number)
        return ranks.sum_of(total) / tokens

    def _rows_of(self, number: int) -> Packed:
        """The rows of a step, by its number alone."""
        epoch, place = divmod(number, self._an_epoch)
        order = np.random.default_rng([self._plan.seed, epoch]).permutation(len(self._learned))
        return self._learned.rows(order[place * self._batch : (place + 1) * self._batch])

    def _evaluate(self) -> None:
        at = self._at
        at["read"] = self._model.mean_loss(self._validation) if len(self._validation) else at["loss"]
        if at["read"] < at["best"]:
            at["best"], at["without_gain"] = at["read"], 0
            if at["step"] < self.total_steps:
                _keep(self._folder / _BEST, self._weights())
        else:
            at["without_gain"] += 1

    # --- checkpoints ---------------------------------------------------------------------------------

    def _weights(self) -> dict[str, Any]:
        learned = {name for name, matrix in self._model.matrices.items() if matrix.requires_grad}
        return {
            **{f"model/{name}": value for name, value in self._model.originals.items() if name in learned},
            **{f"head/{name}": value.detach() for name, value in self._heads.items()},
        }

    def _put_back(self, weights: dict[str, Any]) -> None:
        mine = self._weights()
        for name, value in weights.items():
            mine[name].copy_(value)
        self._model.take_up_originals()

    def _save(self) -> None:
        if ranks.rank() == 0:
            kept = {"weights": self._weights(), "recipe": self._recipe.state(), "stepper": self._stepper.state()}
            _keep(self._folder / CHECKPOINT, {**kept, "at": dict(self._at)})


def _keep(path: Path, content: Any) -> None:
    """Where the disk has no room for so much the run goes on without."""
    import torch

    try:
        with store.atomic_file(path, durable=False) as file:
            torch.save(content, file)
    except (StateUnusable, RuntimeError):
        return


def _loaded(path: Path) -> Any:
    """None where there is no whole one."""
    import torch

    try:
        return torch.load(path, weights_only=True)
    except (OSError, EOFError, RuntimeError, KeyError, pickle.UnpicklingError, zipfile.BadZipFile):
        return None
