"""One pass over rows in order of time, training every weight, with checkpoints that resume.

The rate warms up, stays, and cools over the last fifth. A run that goes on later starts from what this one stored, so
nothing is seen twice for being short of passes. What the rows say, and where they came from, is not known here.
"""

from __future__ import annotations

import ctypes
import functools
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.full_training.factored import Factored
from shadowpen.daemon.trainer.loop import Stopped, TrainingStep
from shadowpen.daemon.trainer.packing import Packed, joined_rows

CHECKPOINT = "checkpoint.npz"


class FullPlan(msgspec.Struct, frozen=True, kw_only=True, tag="full"):
    """Hyperparameters of full training.

    How a pass learns. Everything that changes its result is here, or in its rows.
    """

    # Higher than usual: the strength, chosen afterwards, undoes the cost to general text (docs/learning-results.md).
    learning_rate: float = 2e-4
    full_rate_tokens: int = 50_000  # learned at that rate; beyond, it falls with the root of all that were learned
    warmup_steps: int = 5
    cooled: float = 0.2  # of the steps, at the end
    floor: float = 0.05  # of the rate, at the very end
    # The text before a row is not seen, and ghost text has such text: longer rows teach more of what it leaves open.
    max_seq_length: int = 512  # tokens of a row
    batch_rows: int = 2
    rows_at_once: int = 1  # of a batch, in one forward pass
    clip: float = 1.0
    replay_share: float = 0.0  # of the rows, text that the base wrote itself
    long_replay_share: float = 0.15  # the least of that, where more than full_rate_tokens will have been learned
    rehearsed_share: float = 0.1  # of the own rows, text of the author's that was learned before
    checkpoint_every: int = 25  # steps; one takes the disk twice as long as a step takes the processor
    scales: tuple[float, ...] = (1.0, 0.8, 0.6, 0.4)  # of the strongest that general text allows, that may be served
    guesses: int = 3  # at that strongest one
    dtype: str = "auto"

    def after(self, tokens: int) -> FullPlan:
        """The plan of a run with which a chain will have learned so many tokens.

        What chance brings into the weights grows with the rate times the root of the steps. So it stays the same,
        whether a text is learned in one run or in many, and with it what general text pays. Beyond that the limit on
        general text holds a run back, and replayed text pays for itself.
        """
        rate = self.learning_rate * min(1.0, math.sqrt(self.full_rate_tokens / max(1, tokens)))
        return msgspec.structs.replace(self, learning_rate=rate, replay_share=self.replayed(tokens))

    def replayed(self, tokens: int) -> float:
        """The share of replayed rows in a run with which a chain will have learned so many tokens."""
        return max(self.replay_share, self.long_replay_share if tokens > self.full_rate_tokens else 0.0)


class OnePass:
    """Full training: one pass over the rows.

    The pass of `model` over `rows`; `folder` keeps its checkpoint.
    """

    def __init__(self, model: EveryWeight, plan: FullPlan, rows: Packed, folder: Path) -> None:
        self._model, self._plan, self._rows = model, plan, rows
        self._path = folder / CHECKPOINT
        self._optimizer = Factored(model.matrices, model.originals, plan.clip)
        self.total_steps = math.ceil(len(rows) / plan.batch_rows)
        self.resumed_at = 0

    def resume(self) -> None:
        """Go on from the folder's checkpoint if there is a whole one."""
        try:
            with zipfile.ZipFile(self._path) as whole:
                if whole.testzip() is not None:
                    return
            with np.load(self._path) as kept:
                self.resumed_at = int(kept["steps"])
                for name, value in self._state():
                    value.copy_(_tensor(kept[name]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return
        self._optimizer.steps = self.resumed_at
        self._model.take_up_originals()

    def train(self, on_step: Callable[[TrainingStep], None], stop: Callable[[], bool] = lambda: False) -> float:
        """Learn to the end; the mean loss of the rows as they were met. Raises Stopped, with a checkpoint written."""
        loss = math.nan
        for number in range(self.resumed_at, self.total_steps):
            if stop():
                self._save(number)
                raise Stopped
            met = self._step(number)
            loss = met if math.isnan(loss) else 0.8 * loss + 0.2 * met
            if (number + 1) % self._plan.checkpoint_every == 0:
                self._save(number + 1)
            on_step(TrainingStep(number + 1, self.total_steps, loss, math.nan))
        return loss

    def _step(self, number: int) -> float:
        size = self._plan.batch_rows
        batch = range(number * size, min(len(self._rows), (number + 1) * size))
        counted = max(1e-9, float(self._rows.rows(batch).weights[:, 1:].sum()))
        total = 0.0
        for start in range(batch.start, batch.stop, self._plan.rows_at_once):
            chosen = range(start, min(batch.stop, start + self._plan.rows_at_once))
            loss = self._model.loss_sum(self._rows.rows(chosen))
            (loss / counted).backward()
            total += float(loss.detach())
        _give_back_memory()
        self._optimizer.step(self._plan.learning_rate * self._rate(number))
        _give_back_memory()
        return total / counted

    def _rate(self, number: int) -> float:
        """Up in a few steps, level, and down over the last share of the pass."""
        warming = (number + 1) / max(1, min(self._plan.warmup_steps, self.total_steps // 5))
        cooling = (self.total_steps - number) / max(1.0, self._plan.cooled * self.total_steps)
        return min(1.0, warming, max(self._plan.floor, cooling))

    def _save(self, steps: int) -> None:
        """A checkpoint is half a gigabyte: where the disk has no room for it the run goes on without."""
        arrays = {name: value.cpu().numpy() for name, value in self._state()}
        try:
            with store.atomic_file(self._path, durable=False) as file:
                np.savez(file, steps=np.array(steps), **arrays)  # type: ignore[arg-type]
        except StateUnusable:
            return

    def _state(self) -> Iterator[tuple[str, Any]]:
        for kind, tensors in (
            ("original", self._model.originals), ("row", self._optimizer.rows), ("column", self._optimizer.columns)
        ):  # fmt: skip
            yield from ((f"{kind}/{name}", value) for name, value in tensors.items())


def _give_back_memory() -> None:
    """What was freed goes back to the system at once; kept for later it adds half a gigabyte to the peak."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@functools.cache
def _malloc_trim() -> Callable[[int], int] | None:
    """Of glibc; None with any other library."""
    try:
        found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):
        return None
    return found


def _tensor(values: NDArray[Any]) -> Any:
    import torch

    return torch.from_numpy(values)


def spread(rows: Packed, others: Packed) -> Packed:
    """All of `others`, in their order, between `rows` at even distances."""
    if not len(others):
        return rows
    places = [(place / max(1, len(rows)), 0, place) for place in range(len(rows))]
    places += [((place + 0.5) / len(others), 1, place) for place in range(len(others))]
    together = joined_rows([rows, others])
    return together.rows([place + kind * len(rows) for _, kind, place in sorted(places)])
