"""A step of the optimizer: as long as the rate says for weights of the usual size, and in proportion for others."""

from __future__ import annotations

import pytest

from shadowpen.daemon.trainer.full_training.factored import Factored

torch = pytest.importorskip("torch")


def _moved_by_a_step(size: float, rate: float = 1e-3) -> float:
    """Root mean square of what one step of that rate does to a matrix of weights of that size."""
    random = torch.Generator().manual_seed(0)
    matrix = torch.nn.Parameter(size * torch.randn(64, 32, generator=random))
    before = matrix.detach().clone()
    optimizer = Factored({"it": matrix}, {"it": matrix.data}, clip=1.0)
    matrix.grad = torch.randn(64, 32, generator=random)
    optimizer.step(rate)
    assert matrix.grad is None
    return float((matrix.detach() - before).square().mean().sqrt())


def test_a_weight_of_the_default_models_size_moves_by_the_rate() -> None:
    assert _moved_by_a_step(0.19) == pytest.approx(1e-3, rel=0.1)


def test_smaller_weights_move_less_in_proportion() -> None:
    assert _moved_by_a_step(0.04) == pytest.approx(0.04 / 0.19 * _moved_by_a_step(0.19), rel=0.05)


def test_a_matrix_of_zeros_moves_too() -> None:
    assert 0 < _moved_by_a_step(0.0) < _moved_by_a_step(0.04)
