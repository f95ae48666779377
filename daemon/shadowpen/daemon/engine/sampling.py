"""Sample a token with temperature, nucleus and repetition penalty.

Seeded, so that a test or a report can be made again. Knows nothing of text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Sampler:
    """Nucleus sampling (Holtzman et al. 2020) after the repetition penalty of Keskar et al. 2019 (CTRL)."""

    def __init__(self, temperature: float = 0.7, top_p: float = 0.9, penalty: float = 1.15, seed: int = 0) -> None:
        self._temperature, self._top_p, self._penalty = temperature, top_p, penalty
        self._random = np.random.default_rng(seed)

    def pick(self, logits: np.ndarray, recent: Sequence[int], forbidden: np.ndarray) -> int:
        """One token of float32 `logits` [vocabulary]; ids in `recent` are penalised, `forbidden` never picked."""
        scores = logits.astype(np.float64)
        seen = np.asarray(sorted(set(recent)), np.int64)
        if len(seen):
            scores[seen] = np.where(scores[seen] > 0, scores[seen] / self._penalty, scores[seen] * self._penalty)
        scores[forbidden] = -np.inf
        order = np.argsort(scores)[::-1][:256]
        p = np.exp((scores[order] - scores[order[0]]) / self._temperature)
        p /= p.sum()
        keep = int(np.searchsorted(np.cumsum(p), self._top_p)) + 1
        return int(self._random.choice(order[:keep], p=p[:keep] / p[:keep].sum()))
