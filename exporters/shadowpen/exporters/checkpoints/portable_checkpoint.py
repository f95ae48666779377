"""A checkpoint of any architecture, for the portable exporter.

What is not known of such a model is how its tensors make logits; that is read off the graph that optimum traces. Files
on the hub often leave out the first part of a name ("transformer."): it is put back, so that what was learned of a
tensor is found.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from shadowpen.daemon.storage.models import Shape
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.checkpoint import (
    SAFETENSORS_DTYPES,
    Floats,
    SafetensorsCheckpoint,
    Weights,
    opened,
    read_json,
    safetensors_files,
    tensor_names,
)
from shadowpen.exporters.checkpoints.rope import Rope

_BESIDE = ("config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer.json")


@dataclass(frozen=True)
class TracedArchitecture(Architecture):
    """An architecture of which only what the engine asks for is known; `stored` are the tensors in the files."""

    stored: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def tensor_shapes(self) -> dict[str, tuple[int, ...]]:
        """transformers' name → shape of every tensor that the files hold."""
        return dict(self.stored)


class PortableCheckpoint(SafetensorsCheckpoint):
    """A folder of config.json and safetensors whose `shape` is known from elsewhere: a graph, or a manifest."""

    def __init__(self, path: Path, shape: Shape, bos_id: int | None, eos_ids: tuple[int, ...]) -> None:
        self.path = path
        config = read_json(path / "config.json")
        self._stored_files = {name: file for file in safetensors_files(path) for name in tensor_names(file)}
        prefix = _prefix(path)
        short = not {prefix, "model."} & {f"{name.partition('.')[0]}." for name in self._stored_files}
        self._stored = {f"{prefix}{name}" if short else name: name for name in self._stored_files}
        self._files = {name: self._stored_files[stored] for name, stored in self._stored.items()}
        inner = config.get("intermediate_size") or config.get("n_inner") or config.get("ffn_dim") or 4 * shape.hidden
        self.architecture = TracedArchitecture(
            model_type=shape.model_type,
            layers=shape.layers,
            hidden=shape.hidden,
            intermediate=int(inner),
            heads=shape.heads,
            kv_heads=shape.kv_heads,
            head_dim=shape.head_dim,
            vocab=shape.vocab,
            context_length=shape.context_length,
            rope=Rope(10_000.0),
            rms_epsilon=1e-6,
            tied_embeddings=False,
            attention_bias=False,
            bos_id=bos_id,
            eos_ids=eos_ids,
            stored=self.shapes(),
        )

    def shapes(self) -> dict[str, tuple[int, ...]]:
        names = {stored: name for name, stored in self._stored.items()}
        return {names[stored]: shape for stored, shape in super().shapes().items()}

    def tensor(self, name: str) -> Floats:
        return self._read(self._stored[name], self._stored_files[self._stored[name]])

    def check(self) -> None:
        """Raise ModelCorrupt for a tensor with numbers that are not finite; reads them all."""
        for name in self._floats():
            self.tensor(name)

    def write_with(self, weights: Weights, folder: Path) -> Path:
        """The checkpoint with the tensors of `weights` in place of its own, float32, in `folder`, which is made."""
        folder.mkdir(mode=0o700)
        for name in _BESIDE:
            if (self.path / name).is_file():
                shutil.copyfile(self.path / name, folder / name)
        floats = set(self._floats())
        for file in self.weight_files:
            tensors = {
                stored: weights.tensor(name) if name in floats else self._as_it_is(stored)
                for name, stored in self._stored.items()
                if self._files[name] == file
            }
            contiguous = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
            save_file(contiguous, folder / file.name, {"format": "pt"})
        return folder

    def _floats(self) -> list[str]:
        found = []
        for name, stored in self._stored.items():
            with opened(self._files[name]) as tensors:
                if tensors.get_slice(stored).get_dtype() in SAFETENSORS_DTYPES:
                    found.append(name)
        return found

    def _as_it_is(self, stored: str) -> Any:
        with opened(self._stored_files[stored]) as tensors:
            return tensors.get_tensor(stored)


def _prefix(path: Path) -> str:
    """What the names of all tensors but the head's begin with in transformers' model, with its dot."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig

    config = AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    model: Any = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    return f"{model.base_model_prefix}."
