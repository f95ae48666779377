"""Weighted counts of the tokens that followed a context."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """Token → weight; `total` is their sum, `likeliest` the token with the most. Of no tokens both are 0."""

    weights: dict[int, float]
    total: float
    likeliest: int

    @classmethod
    def of(cls, weights: dict[int, float]) -> Counted:
        return cls(weights, sum(weights.values()), max(weights, key=weights.__getitem__, default=0))


def added(parts: Iterable[Counted]) -> Counted:
    """All of them together."""
    first, *others = parts
    if not others:
        return first
    weights = dict(first.weights)
    for part in others:
        for token, weight in part.weights.items():
            weights[token] = weights.get(token, 0.0) + weight
    return Counted.of(weights)
