"""What was learned is served as strongly as is good for its author, within what general text may cost."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.full_training.strength import best_strength
from shadowpen.daemon.trainer.packing import Packed, pack

OWN, GENERAL, NONE = rows_in_a_pattern(1), rows_in_a_pattern(8), pack([], length=32)


class Weights:
    """A model of which the author is read best at strength `best`; general text costs as `nats` says of a strength."""

    def __init__(self, best: float, nats: Callable[[float], float] = lambda scale: 0.1 * scale**2) -> None:
        self._best, self._nats, self._scale = best, nats, 0.0
        self.shown: list[float] = []

    def show(self, learned: object, scale: float) -> None:
        self._scale = scale
        self.shown.append(scale)

    def mean_loss(self, rows: Packed) -> float:
        return 3.0 + (self._nats(self._scale) if rows is GENERAL else (self._scale - self._best) ** 2)


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

    assert allowed - 0.02 <= chosen["scale"] <= allowed
    assert chosen["general_ratio"] <= limit
    assert chosen["general_ratio"] == chosen[f"general_ratio_at_{chosen['scale']:g}"]


@pytest.mark.parametrize(
    "nats",
    [
        pytest.param(lambda scale: 0.19 * scale**2 - 0.042 * scale, id="as measured"),
        pytest.param(lambda scale: 0.15 * scale, id="in proportion"),
        pytest.param(lambda scale: 0.2 * scale**4, id="late"),
        pytest.param(lambda scale: math.expm1(5 * scale) / 10, id="ruinous"),
    ],
)
def test_however_the_cost_rises_few_readings_of_general_text_find_it(nats: Callable[[float], float]) -> None:
    weights, limit = Weights(2.0, nats), 0.044

    chosen = best_strength(weights, FullPlan(), None, OWN, GENERAL, math.exp(limit))  # type: ignore[arg-type]

    assert 0.8 * limit <= nats(chosen["scale"]) <= limit
    assert sum(name.startswith("general_ratio_at_") for name in chosen) <= 4  # and the base


def test_what_costs_too_much_at_any_strength_is_served_least() -> None:
    weights = Weights(2.0, lambda scale: 5.0 if scale else 0.0)

    chosen = best_strength(weights, FullPlan(), None, OWN, GENERAL, 1.05)  # type: ignore[arg-type]

    assert chosen["scale"] < 0.1
    assert chosen["general_ratio"] > 1.05


def test_what_is_no_better_when_stronger_is_not_made_stronger() -> None:
    assert _chosen(0.5, math.exp(0.1 * 0.65**2))["scale"] == pytest.approx(0.5, abs=0.11)


def test_no_more_is_read_than_is_needed() -> None:
    weights = Weights(2.0)

    best_strength(weights, FullPlan(), None, OWN, GENERAL, 2.0)  # type: ignore[arg-type]

    assert weights.shown == [0.0, 1.0, 0.8]
