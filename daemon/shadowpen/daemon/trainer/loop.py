"""The training loop: fixed order, AdamW, early stopping, and checkpoints that resume exactly.

Start values follow the proposal for small models (Schulman et al. 2025, "LoRA Without Regret": all linears, ten times
the rate of full tuning, small batches). What the rows say, and where they came from, is not known here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from shadowpen.daemon.base import store
from shadowpen.daemon.trainer.lora import Adapted
from shadowpen.daemon.trainer.packing import Packed, joined_rows

CHECKPOINT = "checkpoint.safetensors"


class LoraPlan(msgspec.Struct, frozen=True, kw_only=True, tag="lora"):
    """Hyperparameters of LoRA training.

    How a run learns. Everything that changes its result is here, or in its rows.
    """

    rank: int = 8
    alpha: int = 16
    learning_rate: float = 5e-4
    floor: float = 0.1  # of the rate, at the end of the cosine
    warmup_steps: int = 5
    epochs: float = 2.0
    batch_rows: int = 8
    rows_at_once: int = (
        1  # of a batch, in one forward pass; on two cores four are a fifth slower and take 3.2 GB, not 1.2
    )
    clip: float = 1.0
    replay_share: float = 0.15  # of the rows, text that the base wrote itself
    evaluations_an_epoch: int = 2
    patience: int = 2  # evaluations without gain before it stops
    checkpoint_every: int = 10  # steps
    scales: tuple[float, ...] = (1.0, 0.75, 0.5, 0.25)
    seed: int = 0
    dtype: str = "auto"


@dataclass(frozen=True)
class TrainingStep:
    """Progress of training.

    Where a run stands: `loss` a smoothed mean in nats a token, `validation` the last one measured.
    """

    number: int
    total: int
    loss: float
    validation: float


class Stopped(Exception):
    """The run was asked to stop and has written its checkpoint; not an error."""


@dataclass
class _CheckpointState:
    """What a checkpoint holds beside tensors."""

    step: int = 0
    best: float = math.inf
    without_gain: int = 0
    loss: float = math.nan
    validation: float = math.nan


class LoraRun:
    """LoRA training.

    One run over `train` with `replay` mixed in; `validation` says when to stop. `folder` keeps its checkpoint.
    """

    def __init__(
        self, model: Adapted, plan: LoraPlan, train: Packed, replay: Packed, validation: Packed, folder: Path
    ) -> None:
        import torch

        self._model = model
        self._plan = plan
        self._rows = [train, replay]
        self._validation = validation
        self._folder = folder
        self._per_epoch = max(1, math.ceil((len(train) + _replayed(train, replay, plan)) / plan.batch_rows))
        self.total_steps = max(1, round(plan.epochs * self._per_epoch))
        self._optimiser = torch.optim.AdamW(
            model.parameters.values(), lr=plan.learning_rate, betas=(0.9, 0.99), weight_decay=0.0
        )
        self._progress = _CheckpointState()
        self._best: dict[str, NDArray[np.float32]] = {}

    @property
    def resumed_at(self) -> int:
        """The step that a checkpoint brought it to, 0 for a fresh run."""
        return self._progress.step

    def resume(self) -> None:
        """Go on from the folder's checkpoint if there is a whole one of this very run."""
        path = self._folder / CHECKPOINT
        try:
            with safe_open(path, framework="numpy") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
                progress = _CheckpointState(**json.loads(file.metadata()["progress"]))
            self._restore(tensors)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return
        self._progress = progress

    def train(self, on_step: Callable[[TrainingStep], None], stop: Callable[[], bool] = lambda: False) -> float:
        """Learn until the plan is done or nothing is gained any more; the best validation loss, whose adapter stays.

        Raises Stopped, with a checkpoint written, as soon as `stop` says so.
        """
        at = self._progress
        if at.step == 0 and not math.isfinite(at.best):
            self._evaluate()
        every = max(1, self._per_epoch // self._plan.evaluations_an_epoch)
        while at.step < self.total_steps and at.without_gain < self._plan.patience:
            if stop():
                self._save()
                raise Stopped
            loss = self._step(at.step)
            at.loss = loss if math.isnan(at.loss) else 0.8 * at.loss + 0.2 * loss
            at.step += 1
            if at.step % every == 0 or at.step == self.total_steps:
                self._evaluate()
            if at.step % self._plan.checkpoint_every == 0:
                self._save()
            on_step(TrainingStep(at.step, self.total_steps, at.loss, at.validation))
        self._model.restore(self._best)
        return at.best

    def _evaluate(self) -> None:
        at = self._progress
        at.validation = self._model.mean_loss(self._validation)
        if at.validation < at.best:
            at.best, at.without_gain, self._best = at.validation, 0, self._model.state()
        else:
            at.without_gain += 1

    def _step(self, number: int) -> float:
        """One update; the mean loss of its batch."""
        import torch

        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.learning_rate * self._rate(number)
        batch = self._batch(number)
        counted = sum(float(rows.weights[:, 1:].sum()) for rows in batch)
        total = 0.0
        for rows in batch:
            loss = self._model.loss_sum(rows)
            (loss / counted).backward()
            total += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(self._model.parameters.values(), self._plan.clip)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        return total / counted

    def _rate(self, number: int) -> float:
        """Linear warm-up, then a cosine down to the floor (Loshchilov and Hutter 2017)."""
        warmup = min(self._plan.warmup_steps, max(1, self.total_steps // 5))
        if number < warmup:
            return (number + 1) / warmup
        done = (number - warmup) / max(1, self.total_steps - warmup)
        return self._plan.floor + (1 - self._plan.floor) * 0.5 * (1 + math.cos(math.pi * done))

    def _batch(self, number: int) -> list[Packed]:
        """The rows of a step, by its number alone: that is what makes resuming exact."""
        epoch, place = divmod(number, self._per_epoch)
        random = np.random.default_rng([self._plan.seed, epoch])
        train, replay = self._rows
        chosen = [(0, row) for row in range(len(train))]
        chosen += [(1, int(row)) for row in random.permutation(len(replay))[: _replayed(train, replay, self._plan)]]
        random.shuffle(chosen)
        batch = chosen[place * self._plan.batch_rows : (place + 1) * self._plan.batch_rows]
        return [
            joined_rows(
                [self._rows[source].rows([row]) for source, row in batch[start : start + self._plan.rows_at_once]]
            )
            for start in range(0, len(batch), self._plan.rows_at_once)
        ]

    # --- checkpoints ---------------------------------------------------------------------------------

    def _save(self) -> None:
        tensors = {f"now.{name}": value for name, value in self._model.state().items()}
        tensors |= {f"best.{name}": value for name, value in self._best.items()}
        for number, state in self._optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{number}.{name}": _array(value) for name, value in state.items()}
        metadata = {"progress": json.dumps(vars(self._progress))}
        store.write_atomic(self._folder / CHECKPOINT, save(tensors, metadata))

    def _restore(self, tensors: dict[str, NDArray[Any]]) -> None:
        import torch

        def below(prefix: str) -> dict[str, NDArray[Any]]:
            return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}

        moments: dict[int, dict[str, Any]] = {}
        for name, value in below("adam.").items():
            number, _, kind = name.partition(".")
            moments.setdefault(int(number), {})[kind] = torch.from_numpy(np.array(value))
        best = below("best.")
        if set(best) != set(self._model.state()):
            raise ValueError("the checkpoint belongs to another adapter")
        self._model.restore(below("now."))
        self._best = best
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": moments})


def replay_rows(train: Packed, share: float) -> int:
    """How many replay rows make so large a share of all rows of an epoch."""
    return round(len(train) * share / (1 - share))


def _replayed(train: Packed, replay: Packed, plan: LoraPlan) -> int:
    """As many of them as there are."""
    return min(len(replay), replay_rows(train, plan.replay_share))


def _array(value: Any) -> NDArray[Any]:
    return np.ascontiguousarray(value.detach().cpu().numpy())


def best_scale(
    model: Adapted, plan: LoraPlan, validation: Packed, general: Packed, max_general_ratio: float
) -> dict[str, float]:
    """The scale of the adapter with the lowest validation loss among those that leave general text alone.

    `general` may be empty. If none leaves it alone the smallest scale is taken; the gate has the last word.
    """
    with model.scaled(0.0):
        base = model.mean_loss(general) if len(general) else 0.0
    tried: list[tuple[bool, float, float, float]] = []
    for scale in sorted(plan.scales, reverse=True):
        with model.scaled(scale):
            loss = model.mean_loss(validation)
            ratio = math.exp(model.mean_loss(general) - base) if len(general) else 1.0
        tried.append((ratio > max_general_ratio, loss, scale, ratio))
        if len(tried) > 1 and not tried[-2][0] and loss >= tried[-2][1]:
            break  # from here on less of the adapter is only less
    allowed = [entry for entry in tried if not entry[0]]
    _, loss, scale, ratio = min(allowed, key=lambda entry: entry[1]) if allowed else tried[-1]
    return {"scale": scale, "validation_loss": loss, "general_ratio": ratio}
