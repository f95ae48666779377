"""Percentiles of measurements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Percentiles of a sample.

    Of `of` values: the middle one, and those which 90 and 99 of a hundred do not exceed; None of nothing.
    """

    p50: float | None
    p90: float | None
    p99: float | None
    of: int


def spread(values: Iterable[float]) -> Spread:
    ordered = sorted(values)
    p50, p90, p99 = (_percentile(ordered, share) for share in (0.5, 0.9, 0.99))
    return Spread(p50, p90, p99, len(ordered))


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """`ours` in units of `theirs`; None where either is missing or theirs is nothing, or less."""
    return round(ours / theirs, 3) if ours is not None and theirs is not None and theirs > 0 else None


def _percentile(ordered: list[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
