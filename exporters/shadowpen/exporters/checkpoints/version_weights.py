"""A version's weights for an exporter, one tensor at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.storage.models import DELTA
from shadowpen.daemon.storage.versions import Version
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.checkpoint import Weights
from shadowpen.exporters.checkpoints.merged_weights import MergedWeights


class ShiftedWeights:
    """`base` with `scale` times the differences in a file added."""

    def __init__(self, base: Weights, learned: Delta, scale: float) -> None:
        self._base, self._learned, self._scale = base, learned, np.float32(scale)
        self._names = set(learned.names)

    @property
    def architecture(self) -> Architecture:
        return self._base.architecture

    def tensor(self, name: str) -> NDArray[np.float32]:
        """The tensor of that name, float32; KeyError as the base says, ModelCorrupt if the differences do not fit."""
        weight = self._base.tensor(name)
        if name not in self._names:
            return weight
        difference = self._learned.tensor(name)
        if difference.shape != weight.shape:
            raise ModelCorrupt(
                f"What was learned does not fit {name} of this model.", "It was trained on a different base."
            )
        return weight + self._scale * difference


def version_weights(base: Weights, folder: Path, version: Version) -> Weights:
    """`base` with what the version in `folder` learned. ModelCorrupt if its file cannot be read."""
    if version.method == "full":
        return ShiftedWeights(base, Delta(folder / DELTA), version.scale)
    return MergedWeights(base, folder)
