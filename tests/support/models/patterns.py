"""Rows of tokens that a tiny model can learn in a few steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shadowpen.daemon.trainer.packing import Packed, pack


def rows_in_a_pattern(seed: int, documents: int = 16, step: int = 7, length: int = 32) -> Packed:
    """Documents in which each id is the last one plus `step`."""
    random = np.random.default_rng(seed)
    texts: list[tuple[Sequence[int], Sequence[float]]] = []
    for start in random.integers(10, 500, documents):
        ids = [10 + (int(start) + step * place) % 490 for place in range(length)]
        texts.append((ids, [1.0] * length))
    return pack(texts, length=length)
