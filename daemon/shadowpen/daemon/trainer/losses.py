"""Token losses of a transformers model on packed rows, in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shadowpen.daemon.trainer.packing import Packed, attention_allowed

if TYPE_CHECKING:
    import torch

_EVALUATED_ROWS = 2  # rows a forward pass takes when nothing is learned


def loss_sum(model: Any, rows: Packed) -> torch.Tensor:
    """The weighted negative log-likelihoods of the rows' tokens, summed, in nats."""
    import torch

    device = next(model.parameters()).device
    ids = torch.from_numpy(rows.ids.astype(np.int64)).to(device)
    positions = torch.from_numpy(rows.positions.astype(np.int64)).to(device)
    allowed = torch.from_numpy(attention_allowed(rows.segments)).to(device)
    hidden = model.get_decoder()(
        input_ids=ids, position_ids=positions, attention_mask=allowed, use_cache=False
    ).last_hidden_state
    # The head is a fifth of the work and most of the memory: only where something counts.
    weights = torch.from_numpy(rows.weights[:, 1:]).to(device)
    counted = weights > 0
    logits = model.get_output_embeddings()(hidden[:, :-1][counted]).float()
    nats = torch.nn.functional.cross_entropy(logits, ids[:, 1:][counted], reduction="none")
    return (nats * weights[counted]).sum()


def mean_loss(model: Any, rows: Packed) -> float:
    """Mean weighted nats a token, nothing learned."""
    import torch

    with torch.inference_mode():
        sums = [
            float(loss_sum(model, rows.rows(range(start, min(start + _EVALUATED_ROWS, len(rows))))))
            for start in range(0, len(rows), _EVALUATED_ROWS)
        ]
    return sum(sums) / max(1e-9, float(rows.weights[:, 1:].sum()))
