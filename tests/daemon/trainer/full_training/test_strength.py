"""What was learned is served as strongly as is good for its author, within what general text may cost."""

from __future__ import annotations

import math

import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.full_training.strength import best_strength
from shadowpen.daemon.trainer.packing import Packed, pack

OWN, GENERAL, NONE = rows_in_a_pattern(1), rows_in_a_pattern(8), pack([], length=32)


class Weights:
    """A model of which the author is read best at strength `best`; general text costs 0.1 nats times its square."""

    def __init__(self, best: float) -> None:
        self._best, self._scale = best, 0.0
        self.shown: list[float] = []

    def show(self, learned: object, scale: float) -> None:
        self._scale = scale
        self.shown.append(scale)

    def mean_loss(self, rows: Packed) -> float:
        return 3.0 + (0.1 * self._scale**2 if rows is GENERAL else (self._scale - self._best) ** 2)


def _chosen(best: float, max_general_ratio: float, general: Packed = GENERAL) -> dict[str, float]:
    return best_strength(Weights(best), FullPlan(), None, OWN, general, max_general_ratio)  # type: ignore[arg-type]


@pytest.mark.parametrize(("best", "scale"), [(2.0, 1.0), (0.8, 0.8), (0.5, 0.6), (0.1, 0.4)])
def test_without_a_bound_it_is_the_one_that_reads_the_author_best(best: float, scale: float) -> None:
    for general, limit in ((GENERAL, 2.0), (NONE, 1.0)):
        assert _chosen(best, limit, general)["scale"] == scale


@pytest.mark.parametrize("allowed", [0.95, 0.75, 0.55, 0.45, 0.25, 0.12])
def test_it_comes_near_to_the_strongest_that_is_allowed(allowed: float) -> None:
    limit = math.exp(0.1 * allowed**2)

    chosen = _chosen(2.0, limit)

    assert allowed - 0.1 <= chosen["scale"] <= allowed
    assert chosen["general_ratio"] <= limit
    assert chosen["general_ratio"] == chosen[f"general_ratio_at_{chosen['scale']:g}"]


def test_what_is_no_better_when_stronger_is_not_made_stronger() -> None:
    assert _chosen(0.5, math.exp(0.1 * 0.65**2))["scale"] == pytest.approx(0.5, abs=0.11)


def test_no_more_is_read_than_is_needed() -> None:
    weights = Weights(2.0)

    best_strength(weights, FullPlan(), None, OWN, GENERAL, 2.0)  # type: ignore[arg-type]

    assert weights.shown == [0.0, 1.0, 0.8]
