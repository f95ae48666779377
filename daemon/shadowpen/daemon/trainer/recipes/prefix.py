"""The recipe `prefix`: keys and values before every text are learned, and the model stays as it is.

They begin as those of the author's first tokens (Li and Liang 2021, section 7.4). What is learned is a file of its own,
which the engine puts into each cache before the first token.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shadowpen.daemon.engine.baseline import learned_prefix
from shadowpen.daemon.trainer import losses
from shadowpen.daemon.trainer.by_recipe.hyperparameters import Hyperparameters
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe
from shadowpen.daemon.trainer.modules import without_head
from shadowpen.daemon.trainer.packing import Packed, attention_allowed

if TYPE_CHECKING:
    import torch

_EVALUATED_ROWS = 2


class PrefixRecipe(Recipe):
    """A learned prefix."""

    about = "Keys and values before every text are learned, the model stays as it is; for the lab alone."
    defaults = Hyperparameters(learning_rate=5e-3, optimizer="adamw", rank=16, epochs=2.0)
    follows = (
        "learning_rate", "schedule", "warmup", "optimizer", "weight_decay", "batch_rows", "gradient_accumulation",
        "epochs", "max_seq_length", "rank", "patience", "seed",
    )  # fmt: skip
    lab_only = True


class PrefixWeights:
    """A `base` that stays as it is behind `tokens` learned keys and values, which begin as those of `first` ids."""

    def __init__(self, base: Any, first: list[int], tokens: int) -> None:
        import torch

        self.model = base.requires_grad_(False)
        device = next(base.parameters()).device
        ids = torch.tensor([(first * tokens)[:tokens]], device=device)
        with torch.no_grad():
            known = without_head(base)(input_ids=ids, use_cache=True).past_key_values
        self._shape = (len(known), *known[0][0].shape[1:])
        self.matrices: dict[str, torch.nn.Parameter] = {
            name: torch.nn.Parameter(torch.cat([layer[place][0].flatten(0, 1) for layer in known]).float().clone())
            for place, name in enumerate(("keys", "values"))
        }
        self.originals: dict[str, torch.Tensor] = {name: value.data for name, value in self.matrices.items()}

    def loss_sum(self, rows: Packed) -> torch.Tensor:
        """The weighted negative log-likelihoods of the rows' tokens, summed, in nats."""
        return losses.loss_of(self.model, rows, self._states(rows))

    def mean_loss(self, rows: Packed) -> float:
        """Mean weighted nats a token, nothing learned."""
        import torch

        with torch.no_grad():
            parts = range(0, len(rows), _EVALUATED_ROWS)
            sums = [float(self.loss_sum(rows.rows(range(at, min(len(rows), at + _EVALUATED_ROWS))))) for at in parts]
        return sum(sums) / max(1e-9, float(rows.weights[:, 1:].sum()))

    def take_up_originals(self) -> None:
        """Nothing is to do: the model computes with them."""

    def store(self, folder: Path) -> None:
        """Write the prefix into `folder`."""
        keys, values = (
            value.detach().cpu().numpy().reshape(self._shape).astype(np.float32) for value in self.matrices.values()
        )
        learned_prefix.write(folder, keys, values)

    def _states(self, rows: Packed) -> torch.Tensor:
        """What the head gets [rows, length, width]; every piece sees the prefix."""
        import torch
        from transformers import DynamicCache

        device, tokens = next(self.model.parameters()).device, self._shape[2]
        cache = DynamicCache()
        keys, values = (value.view(self._shape).to(self.model.dtype) for value in self.matrices.values())
        for layer in range(self._shape[0]):
            of_layer = [part[layer].expand(len(rows), -1, -1, -1) for part in (keys, values)]
            cache.update(of_layer[0], of_layer[1], layer)
        allowed = torch.from_numpy(attention_allowed(rows.segments)).to(device)
        allowed = torch.cat([allowed.new_ones((*allowed.shape[:3], tokens)), allowed], dim=-1)
        states: torch.Tensor = without_head(self.model)(
            input_ids=torch.from_numpy(rows.ids.astype(np.int64)).to(device),
            position_ids=torch.from_numpy(rows.positions.astype(np.int64)).to(device) + tokens,
            attention_mask=allowed,
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        return states
