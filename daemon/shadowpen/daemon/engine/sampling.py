"""Sample a token with temperature, nucleus and repetition penalty.

Seeded, so that a test or a report can be made again. Knows nothing of text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shadowpen.daemon.base.sections import SamplingSettings
from shadowpen.daemon.wire.protocol import Sampling

MOST_CONSIDERED = 256  # tokens; those behind have no share in what is drawn


class Sampler:
    """Nucleus sampling (Holtzman et al. 2020) after the repetition penalty of Keskar et al. 2019 (CTRL)."""

    def __init__(
        self,
        temperature: float = 0.7,
        top_p: float = 0.9,
        penalty: float = 1.15,
        seed: int = 0,
        *,
        top_k: int = MOST_CONSIDERED,
        do_sample: bool = True,
    ) -> None:
        self._temperature, self._top_p, self._penalty = temperature, top_p, penalty
        self._top_k = top_k if do_sample else 1
        self._random = np.random.default_rng(seed)

    @classmethod
    def of(cls, settings: SamplingSettings, wish: Sampling, seed: int = 0) -> Sampler:
        """The sampler that `settings` describe, but for what a request wishes."""
        return cls(
            _either(wish.temperature, settings.temperature),
            _either(wish.top_p, settings.top_p),
            _either(wish.repetition_penalty, settings.repetition_penalty),
            seed,
            top_k=_either(wish.top_k, settings.top_k),
            do_sample=_either(wish.do_sample, settings.do_sample),
        )

    def pick(self, logits: np.ndarray, recent: Sequence[int], forbidden: np.ndarray) -> int:
        """One token of float32 `logits` [vocabulary]; ids in `recent` are penalised, `forbidden` never picked."""
        scores = logits.astype(np.float64)
        seen = np.asarray(sorted(set(recent)), np.int64)
        if len(seen):
            scores[seen] = np.where(scores[seen] > 0, scores[seen] / self._penalty, scores[seen] * self._penalty)
        scores[forbidden] = -np.inf
        order = np.argsort(scores)[::-1][: self._top_k]
        p = np.exp((scores[order] - scores[order[0]]) / self._temperature)
        p /= p.sum()
        keep = int(np.searchsorted(np.cumsum(p), self._top_p)) + 1
        return int(self._random.choice(order[:keep], p=p[:keep] / p[:keep].sum()))


def most_tokens(by_words: int, settings: SamplingSettings, wish: Sampling) -> int:
    """How many tokens a text may have: `by_words`, unless `max_new_tokens` allows fewer."""
    limit = _either(wish.max_new_tokens, settings.max_new_tokens)
    return min(by_words, limit) if limit else by_words


def _either(wished: Any, set_to: Any) -> Any:
    return set_to if wished is None else wished
