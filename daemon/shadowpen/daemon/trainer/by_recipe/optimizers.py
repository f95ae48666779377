"""The optimizers and schedules that a recipe may name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from shadowpen.daemon.trainer.full_training.factored import Factored

if TYPE_CHECKING:
    import torch

    from shadowpen.daemon.trainer.by_recipe.recipe import Learner, RecipePlan

_MOMENTUM = 0.9
_BETAS = (0.9, 0.99)


def rate(plan: RecipePlan, step: int, steps: int) -> float:
    """The share of the learning rate at a step: up in a few steps, then as the schedule says."""
    warmup = min(plan.warmup, max(1, steps // 5))
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    if plan.schedule == "cosine":  # Loshchilov and Hutter 2017
        return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * done))
    if plan.schedule == "linear":
        return max(0.05, 1 - done)
    return min(1.0, max(0.05, (steps - step) / max(1.0, 0.2 * steps)))


class Stepper:
    """Moves the weights of `model` that learn, and `heads`, by their gradients."""

    def __init__(self, model: Learner, heads: dict[str, torch.nn.Parameter], plan: RecipePlan) -> None:
        import torch

        self._plan = plan
        self._matrices = {name: matrix for name, matrix in model.matrices.items() if matrix.requires_grad}
        self._originals = {name: model.originals[name] for name in self._matrices}
        self._heads = list(heads.values())
        self._factored: Factored | None = None
        self._optimizers: list[Any] = []
        decay: dict[str, Any] = {"lr": plan.learning_rate, "weight_decay": plan.weight_decay}
        learned = list(self._originals.values())
        if plan.optimizer == "adafactor":
            self._factored = Factored(self._matrices, self._originals, plan.clip)
            learned = []
        if plan.optimizer == "sgd" and learned:
            self._optimizers.append(torch.optim.SGD(learned, momentum=_MOMENTUM, **decay))
            learned = []
        if learned or self._heads:
            self._optimizers.append(torch.optim.AdamW([*learned, *self._heads], betas=_BETAS, **decay))

    def step(self, share: float) -> None:
        """Take up the gradients at that share of the learning rate, and drop them."""
        import torch

        rate = self._plan.learning_rate * share
        if self._factored is not None:
            with torch.no_grad():
                for original in self._originals.values() if self._plan.weight_decay else ():
                    original.mul_(1 - rate * self._plan.weight_decay)
            self._factored.step(rate)
        else:
            self._hand_over()
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            torch.nn.utils.clip_grad_norm_(
                [one for group in optimizer.param_groups for one in group["params"]], self._plan.clip
            )
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        if self._factored is None:
            self._take_back()

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs beside the weights."""
        factored = self._factored
        return {
            "optimizers": [one.state_dict() for one in self._optimizers],
            "factored": None if factored is None else (factored.steps, factored.rows, factored.columns),
        }

    def restore(self, state: dict[str, Any]) -> None:
        for optimizer, kept in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        if self._factored is not None:
            self._factored.steps, rows, columns = state["factored"]
            for mine, theirs in ((self._factored.rows, rows), (self._factored.columns, columns)):
                for name, value in mine.items():
                    value.copy_(theirs[name])

    def _hand_over(self) -> None:
        """The gradients of what computes become those of the originals."""
        import torch

        for name, matrix in self._matrices.items():
            if matrix.grad is not None:
                self._originals[name].grad = matrix.grad.to(torch.float32)
                matrix.grad = None

    def _take_back(self) -> None:
        for name, matrix in self._matrices.items():
            original = self._originals[name]
            if original.data_ptr() != matrix.data_ptr():
                matrix.data.copy_(original)
