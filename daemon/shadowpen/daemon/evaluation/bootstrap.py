"""Confidence of a difference between two arms: a paired bootstrap over texts.

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


def ratio_change(
    before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]], *, seed: int = 0
) -> Interval:
    """By how much sum(part) / sum(whole) over the (part, whole) of `after` exceeds that of `before`; nothing is 0.

    The two are drawn independently: they are different days. ValueError where `after` is empty.
    """
    if not after:
        raise ValueError("there is nothing to compare")
    tables = [np.asarray(rows, np.float64) for rows in (before, after) if len(rows)]
    ratios = [_ratio(table[None]) for table in tables]
    if min(map(len, tables)) < 2:
        return Interval(float((ratios[-1] - (ratios[0] if len(ratios) > 1 else 0.0))[0]), None, None)
    random = np.random.default_rng(seed)
    drawn = [_ratio(table[random.integers(0, len(table), (RESAMPLES, len(table)))]) for table in tables]
    means, changes = ((each[-1] - (each[0] if len(each) > 1 else 0.0)) for each in (ratios, drawn))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(changes, [tail, 1 - tail])
    return Interval(float(means[0]), float(low), float(high))


def _ratio(rows: np.ndarray) -> np.ndarray:
    """[draws] of [draws, rows, (part, whole)]."""
    sums = rows.sum(axis=1)
    return sums[:, 0] / np.maximum(sums[:, 1], 1.0)


def _difference(texts: np.ndarray) -> np.ndarray:
    """[draws] of [draws, texts, (a, b, n)]."""
    sums = texts.sum(axis=1)
    return (sums[:, 0] - sums[:, 1]) / np.maximum(sums[:, 2], 1.0)
