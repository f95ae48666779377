"""The loss of packed rows and its gradients are those of plain torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shadowpen.daemon.trainer import losses

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("learns", [True, False])
def test_the_head_in_parts_is_the_head_at_once(learns: bool) -> None:
    torch.manual_seed(0)
    tokens = 2 * losses._HEAD_TOKENS + 7
    ids, weights = torch.randint(0, 50, (tokens,)), torch.rand(tokens)
    found = []
    for how in (losses._head_loss, _at_once):
        torch.manual_seed(1)
        head = torch.nn.Linear(12, 50, bias=False)
        head.weight.requires_grad_(learns)
        hidden = torch.randn(tokens, 12, requires_grad=True)
        loss = how(head, hidden, ids, weights)
        (loss / 3).backward()
        found.append((float(loss.detach()), hidden.grad.numpy(), head.weight.grad.numpy() if learns else np.zeros(1)))

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_without_gradients_only_the_loss_is_made() -> None:
    head = torch.nn.Linear(4, 9, bias=False)
    with torch.inference_mode():
        loss = losses._head_loss(head, torch.randn(5, 4), torch.arange(5), torch.ones(5))
    assert not loss.requires_grad
    assert float(loss) > 0


def test_a_model_without_counted_tokens_loses_nothing() -> None:
    head = torch.nn.Linear(4, 9, bias=False)
    loss = losses._head_loss(
        head, torch.randn(0, 4, requires_grad=True), torch.zeros(0, dtype=torch.long), torch.zeros(0)
    )
    loss.backward()
    assert float(loss.detach()) == 0


def _at_once(head: Any, hidden: Any, ids: Any, weights: Any) -> Any:
    nats = torch.nn.functional.cross_entropy(head(hidden), ids, reduction="none")
    return (nats * weights).sum()
