"""A new model as the loop of recipes sees it, and the file that its weights go to. Knows no model from within."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from shadowpen.daemon.base import store
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch

FRESH = "fresh.safetensors"
_EVALUATED_ROWS = 4


class FreshWeights:
    """All weights of a new `model`, which gives states [rows, length, width] for `model(rows)` and has an `embedding`.

    The head is the embedding. `shape` are the numbers that its exporter needs.
    """

    def __init__(self, model: Any, shape: dict[str, int | str]) -> None:
        self.model, self.shape = model, shape
        self.matrices: dict[str, torch.nn.Parameter] = dict(model.named_parameters())
        self.originals: dict[str, torch.Tensor] = {name: value.data for name, value in self.matrices.items()}

    def loss_sum(self, rows: Packed) -> torch.Tensor:
        """The weighted cross-entropy of the rows' tokens, summed, in nats."""
        import torch

        weights = torch.from_numpy(rows.weights[:, 1:])
        counted = weights > 0
        ids = torch.from_numpy(rows.ids[:, 1:].astype(np.int64))
        logits = self.model(rows)[:, :-1][counted] @ self.model.embedding.weight.T
        nats = torch.nn.functional.cross_entropy(logits, ids[counted], reduction="none")
        return (nats * weights[counted]).sum()

    def mean_loss(self, rows: Packed) -> float:
        """Mean weighted nats a token, nothing learned."""
        import torch

        with torch.inference_mode():
            parts = range(0, len(rows), _EVALUATED_ROWS)
            sums = [float(self.loss_sum(rows.rows(range(at, min(len(rows), at + _EVALUATED_ROWS))))) for at in parts]
        return sum(sums) / max(1e-9, float(rows.weights[:, 1:].sum()))

    def take_up_originals(self) -> None:
        """Nothing is to do: the model computes with them."""

    def store(self, folder: Path) -> None:
        """Write all weights, and what their exporter needs, into `folder`."""
        tensors: dict[str, NDArray[np.float32]] = {
            name: np.ascontiguousarray(value.detach().numpy()) for name, value in self.matrices.items()
        }
        store.write_atomic(folder / FRESH, save(tensors, {"shape": json.dumps(self.shape)}))
