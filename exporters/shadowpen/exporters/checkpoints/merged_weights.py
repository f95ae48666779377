"""Base weights with an adapter merged into them, one tensor at a time: W + scale x alpha / r x B A.

Needs numpy and safetensors, neither torch nor peft. Gives what an exporter asks of a checkpoint: `architecture` and
`tensor(name)` under Hugging Face's names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.storage.models import ADAPTER

_PREFIX = "base_model.model."
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"

Floats = NDArray[np.float32]


class BaseWeights(Protocol):
    """The weights that an adapter is merged into."""

    @property
    def architecture(self) -> Any: ...

    def tensor(self, name: str) -> Floats: ...


class MergedWeights:
    """Base weights with an adapter merged in.

    `base` with the adapter in `folder` (adapter_model.safetensors and adapter_config.json as peft writes them).

    ModelCorrupt if the files do not hold an adapter for this base.
    """

    def __init__(self, base: BaseWeights, folder: Path) -> None:
        self._base = base
        try:
            config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
            self._factor = float(config["lora_alpha"]) / int(config["r"])
            self._inputs_first = bool(config.get("fan_in_fan_out", False))
            tensors = load_file(folder / ADAPTER)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError, AttributeError, SafetensorError) as error:
            raise _corrupt(folder, str(error)) from error
        self._pairs = {_base_name(name): _pair(tensors, name, folder) for name in tensors if name.endswith(_DOWN)}
        if not self._pairs or len(tensors) != 2 * len(self._pairs):
            raise _corrupt(folder, "it holds other tensors than pairs of A and B")
        strangers = sorted(self._pairs.keys() - base.architecture.tensor_shapes().keys())
        if strangers:  # left aside, the rest would be served as if it were all that was learned
            raise _corrupt(folder, f"the model has no {strangers[0]}")

    @property
    def architecture(self) -> Any:
        return self._base.architecture

    @property
    def adapted(self) -> Iterable[str]:
        """The names of the tensors that the adapter changes."""
        return self._pairs.keys()

    def tensor(self, name: str) -> Floats:
        """The merged tensor of that name, float32; KeyError as the base says."""
        weight = self._base.tensor(name)
        pair = self._pairs.get(name)
        if pair is None:
            return weight
        down, up = pair
        learned = up @ down
        if self._inputs_first:
            learned = learned.T
        if weight.shape != learned.shape:
            raise ModelCorrupt(f"The adapter does not fit {name} of this model.", "It was trained on a different base.")
        return weight + np.float32(self._factor) * learned


def _base_name(name: str) -> str:
    return f"{name.removeprefix(_PREFIX).removesuffix(_DOWN)}.weight"


def _pair(tensors: dict[str, Any], name: str, folder: Path) -> tuple[Floats, Floats]:
    down, up = tensors[name], tensors.get(name.removesuffix(_DOWN) + _UP)
    if up is None or down.ndim != 2 or up.ndim != 2 or up.shape[1] != down.shape[0]:
        raise _corrupt(folder, f"{name} has no counterpart")
    return down.astype(np.float32), up.astype(np.float32)


def _corrupt(folder: Path, reason: str) -> ModelCorrupt:
    return ModelCorrupt(f"The adapter in {folder} cannot be used: {reason}.", "shadowpen train now")
