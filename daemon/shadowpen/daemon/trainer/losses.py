"""Token losses of a transformers model on packed rows, in torch."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from shadowpen.daemon.trainer.modules import capped_and_scaled, hidden_states
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch

_HEAD_TOKENS = 64  # that the head and its loss take at once
_EVALUATED_ROWS = 2  # rows a forward pass takes when nothing is learned


def loss_sum(model: Any, rows: Packed) -> torch.Tensor:
    """The weighted negative log-likelihoods of the rows' tokens, summed, in nats."""
    return loss_of(model, rows, hidden_states(model, rows))


def loss_of(model: Any, rows: Packed, hidden: torch.Tensor, ahead: int = 1) -> torch.Tensor:
    """The same from what the head gets; of the tokens `ahead` places on in their own piece, not the next ones."""
    import torch

    device = hidden.device
    ids = torch.from_numpy(rows.ids.astype(np.int64)).to(device)
    # The head is a fifth of the work and most of the memory: only where something counts.
    together = rows.segments[:, ahead:] == rows.segments[:, :-ahead]
    weights = torch.from_numpy(np.where(together, rows.weights[:, ahead:], np.float32(0))).to(device)
    counted = weights > 0
    cap, divisor = capped_and_scaled(model.config)
    states = hidden[:, :-ahead][counted]
    return _head_loss(model.get_output_embeddings(), states, ids[:, ahead:][counted], weights[counted], cap, divisor)


def by_row(model: Any, rows: Packed) -> list[torch.Tensor]:
    """The same for each row, from one forward pass."""
    hidden = hidden_states(model, rows)
    return [loss_of(model, rows.rows([row]), hidden[row : row + 1]) for row in range(len(rows))]


def _head_loss(
    head: Any, hidden: torch.Tensor, ids: torch.Tensor, weights: torch.Tensor, cap: float = 0.0, divisor: float = 1.0
) -> torch.Tensor:
    """The head and its loss, some tokens at a time, with the gradients made on the way.

    Logits of a whole row, their softmax and their gradient would take 0.2 GB at once. `hidden` is [tokens, width]. The
    logits are divided by `divisor` and then bent to stay below `cap`, if it is not 0.
    """
    import torch

    matrix = head.weight
    learns = torch.is_grad_enabled() and (hidden.requires_grad or matrix.requires_grad)
    total = torch.zeros((), device=hidden.device)
    of_hidden = torch.empty_like(hidden) if learns else None
    of_matrix = torch.zeros_like(matrix) if learns and matrix.requires_grad else None
    with torch.no_grad():
        for start in range(0, len(hidden), _HEAD_TOKENS):
            part = slice(start, start + _HEAD_TOKENS)
            logits = head(hidden[part]).float().div_(divisor)
            if cap:
                logits = torch.tanh(logits.div_(cap))
                slopes = 1 - logits.square()
                logits = logits * cap
            nats = torch.logsumexp(logits, dim=-1)
            right = logits.gather(-1, ids[part, None])[:, 0]
            total += ((nats - right) * weights[part]).sum()
            if of_hidden is None:
                continue
            gradient = logits.sub_(nats[:, None]).exp_()
            gradient[torch.arange(len(gradient), device=ids.device), ids[part]] -= 1
            if cap:
                gradient = gradient.mul_(slopes)
            gradient = gradient.mul_(weights[part, None]).div_(divisor).to(matrix.dtype)
            of_hidden[part] = gradient @ matrix
            if of_matrix is not None:
                of_matrix.addmm_(gradient.T, hidden[part])
    if of_hidden is None:
        return total
    return _known_gradients().apply(total, hidden, of_hidden, matrix, of_matrix)  # type: ignore[no-untyped-call]


@functools.cache  # one class: a class of each call would be garbage that holds gradients until it is collected
def _known_gradients() -> type[torch.autograd.Function]:
    """A value whose gradients by two tensors were made before; None: by that one nothing is asked."""
    import torch

    class KnownGradients(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,
            value: torch.Tensor,
            first: torch.Tensor,
            by_first: torch.Tensor,
            second: torch.Tensor,
            by_second: torch.Tensor | None,
        ) -> torch.Tensor:
            ctx.gradients = by_first, by_second
            return value.clone()

        @staticmethod
        def backward(ctx: Any, *outer: torch.Tensor) -> Any:
            first, second = ctx.gradients
            ctx.gradients = None, None
            return None, first.mul_(outer[0]), None, None if second is None else second.mul_(outer[0]), None

    return KnownGradients


def mean_loss(model: Any, rows: Packed) -> float:
    """Mean weighted nats a token, nothing learned."""
    import torch

    with torch.inference_mode():
        sums = [
            float(loss_sum(model, rows.rows(range(start, min(start + _EVALUATED_ROWS, len(rows))))))
            for start in range(0, len(rows), _EVALUATED_ROWS)
        ]
    return sum(sums) / max(1e-9, float(rows.weights[:, 1:].sum()))
