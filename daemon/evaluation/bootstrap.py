"""How sure a difference between two ways of writing is: a paired bootstrap over texts.

What stands in one text is right or wrong together, so whole texts are drawn, the same ones for both (Efron and
Tibshirani 1993, chapter 8; Koehn 2004). Knows only numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A difference and the bounds it lies between with a confidence of 95 %; None where one text alone says nothing."""

    mean: float
    low: float | None
    high: float | None


def paired_ratio(
    groups: Sequence[Sequence[tuple[float, float, float]]], *, seed: int = 0, confidence: float = CONFIDENCE
) -> Interval:
    """By how much sum(a) / sum(n) exceeds sum(b) / sum(n) over the (a, b, n) of texts, the mean over `groups`.

    A group is an author: texts are drawn within each, so the interval speaks of these authors. Deterministic by `seed`.
    ValueError where there is no text at all.
    """
    tables = [np.asarray(group, np.float64) for group in groups if len(group)]
    if not tables:
        raise ValueError("there is nothing to compare")
    mean = float(np.mean([_difference(table[None]) for table in tables]))
    if all(len(table) < 2 for table in tables):
        return Interval(mean, None, None)
    random = np.random.default_rng(seed)
    drawn = [_difference(table[random.integers(0, len(table), (RESAMPLES, len(table)))]) for table in tables]
    means = np.mean(drawn, axis=0)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(mean, float(low), float(high))


def _difference(texts: np.ndarray) -> np.ndarray:
    """[draws] of [draws, texts, (a, b, n)]."""
    sums = texts.sum(axis=1)
    return (sums[:, 0] - sums[:, 1]) / np.maximum(sums[:, 2], 1.0)
