"""Confidence of a gain: a paired bootstrap over stretches of text.

Tokens that stand together are right or wrong together, so whole stretches are drawn, not tokens (Efron and
Tibshirani 1993, chapter 8; for language models Koehn 2004, "Statistical significance tests for machine translation
evaluation"). Knows only numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 10_000
_AT_ONCE = 500  # resamples held in memory together


@dataclass(frozen=True)
class Gain:
    """Mean gain a token, and the value it exceeds with the confidence asked for."""

    mean: float
    lower_bound: float


def paired_gain(
    before: ArrayLike, after: ArrayLike, stretches: ArrayLike, *, confidence: float = 0.9, seed: int = 0
) -> Gain:
    """How much smaller `after` is than `before`, both [tokens], drawn by whole `stretches` ([tokens], any labels).

    One-sided: the gain is above `lower_bound` in `confidence` of the resamples. Deterministic by `seed`. With fewer
    than two stretches nothing can be said and the bound is minus infinity.
    """
    saved = np.asarray(before, np.float64) - np.asarray(after, np.float64)
    labels, places = np.unique(np.asarray(stretches), return_inverse=True)
    if not len(saved):
        return Gain(0.0, float("-inf"))
    if len(labels) < 2:
        return Gain(float(saved.mean()), float("-inf"))
    sums = np.bincount(places, weights=saved).astype(np.float64)
    counts = np.bincount(places).astype(np.float64)
    means = _resampled_means(sums, counts, np.random.default_rng(seed))
    return Gain(float(saved.mean()), float(np.quantile(means, 1 - confidence)))


def _resampled_means(
    sums: NDArray[np.float64], counts: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    means = []
    for _ in range(0, RESAMPLES, _AT_ONCE):
        drawn = random.integers(0, len(sums), (_AT_ONCE, len(sums)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    return np.concatenate(means)
