"""The parts of a transformers model that learning must find, whatever the family calls them.

Found from the modules themselves: the base without its head, the decoder's layers, and the matrices an adapter goes on.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from shadowpen.daemon.base.errors import ModelUnsupported
from shadowpen.daemon.trainer.packing import Packed, attention_allowed

if TYPE_CHECKING:
    import torch


def decoder_layers(model: Any) -> list[Any]:
    """The layers of the decoder, in order; ModelUnsupported where none are found."""
    import torch

    count = getattr(model.config, "num_hidden_layers", 0)
    for module in model.base_model.modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == count:
            return list(module)
    raise ModelUnsupported(
        "This model has no layers that can be trained.", "Choose another with `shadowpen models use`."
    )


def recompute_activations(model: Any) -> None:
    """Have each layer of the decoder keep its input alone, and compute the rest again on the way back.

    Gradient checkpointing after Chen et al. 2016 (arXiv 1604.06174). Gradients stay the same; on a CPU a step takes an
    eighth more time, and a row of 512 tokens half a gigabyte less memory. Accelerators do it too: most have less
    memory than the machine and share it with the screen, and what it costs there was not measured.
    """
    for layer in decoder_layers(model):
        layer.forward = _recomputed(layer.forward)


def _recomputed(forward: Callable[..., Any]) -> Callable[..., Any]:
    from torch.utils.checkpoint import checkpoint

    @functools.wraps(forward)
    def recomputed(*args: Any, **options: Any) -> Any:
        return checkpoint(forward, *args, use_reentrant=False, **options)

    return recomputed


def adapter_targets(model: Any) -> tuple[list[str], bool]:
    """The names of the matrices that every layer has, and whether they are stored with their inputs first (GPT-2's)."""
    import torch
    from transformers.pytorch_utils import Conv1D

    found: set[str] = set()
    turned: set[bool] = set()
    for layer in decoder_layers(model):
        for name, module in layer.named_modules():
            if isinstance(module, torch.nn.Linear | Conv1D):
                found.add(name.rpartition(".")[2])
                turned.add(isinstance(module, Conv1D))
    if len(turned) != 1:
        raise ModelUnsupported(
            "This model has no layers that an adapter fits.", "Set `learning.method` to full, or choose another model."
        )
    return sorted(found), turned == {True}


def hidden_states(model: Any, rows: Packed) -> torch.Tensor:
    """What the head gets [rows, length, width], each piece of a row attending to itself alone."""
    import torch

    base, device = without_head(model), next(model.parameters()).device
    ids = torch.from_numpy(rows.ids.astype(np.int64)).to(device)
    if "position_ids" not in inspect.signature(base.forward).parameters:
        return _piece_by_piece(base, ids, rows)
    allowed = torch.from_numpy(attention_allowed(rows.segments)).to(device)
    if model.config._attn_implementation == "eager":  # which adds what it is given
        allowed = torch.zeros_like(allowed, dtype=model.dtype).masked_fill_(~allowed, torch.finfo(model.dtype).min)
    positions = torch.from_numpy(rows.positions.astype(np.int64)).to(device)
    states: torch.Tensor = base(
        input_ids=ids, position_ids=positions, attention_mask=allowed, use_cache=False
    ).last_hidden_state
    return states


def pooled(model: Any, rows: Packed) -> torch.Tensor:
    """The mean of `hidden_states` over each row [rows, width], float32."""
    import torch

    states = hidden_states(model, rows).float()
    there = torch.from_numpy(rows.segments > 0).to(states.device)[:, :, None]
    return (states * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)


def without_head(model: Any) -> Any:
    """The part that gives hidden states; some families name it where transformers does not look (Gemma 3)."""
    return model.base_model if model.base_model is not model else model.get_decoder()


def _piece_by_piece(base: Any, ids: torch.Tensor, rows: Packed) -> torch.Tensor:
    """For models that count positions on their own (ALiBi), which must not see two pieces at once."""
    import torch

    made = []
    for row, segments in enumerate(rows.segments):
        cuts = [0, *(np.flatnonzero(np.diff(segments)) + 1).tolist(), len(segments)]
        pieces = [ids[row : row + 1, start:end] for start, end in itertools.pairwise(cuts)]
        made.append(torch.cat([base(input_ids=piece, use_cache=False).last_hidden_state for piece in pieces], dim=1))
    return torch.cat(made)


def capped_and_scaled(config: Any) -> tuple[float, float]:
    """The cap of the logits (0: none) and what they are divided by, which the head's module alone does not know."""
    cap = getattr(config, "final_logit_softcapping", None)
    return float(cap or 0.0), float(getattr(config, "logits_scaling", None) or 1.0)
