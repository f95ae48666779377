"""An engine without weights: it expects the token that followed the last one when that was last seen.

    shadowpen config set model.engine echo

An engine turns token ids into logits (`shadowpen.daemon.engine.base.Engine`). It is made with the graph of the model
that is in use, what there is to know of it (`GraphShape`), the device and the number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

_SURE, _UNLIKELY = 10.0, -10.0


class EchoCache:
    """The ids of one text. A cache counts what is valid in `length`, and forgets what lies behind it."""

    def __init__(self, ids: Sequence[int] = ()) -> None:
        self.ids = list(ids)

    @property
    def length(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        return 8 * len(self.ids)

    def rewind(self, length: int) -> None:
        del self.ids[length:]


class EchoEngine:
    def __init__(self, graph: Path, shape: Any, *, device: str, threads: int) -> None:
        self.vocabulary_size = min(shape.tokens or shape.vocabulary_size, shape.vocabulary_size)
        self.context_length = shape.context_length
        self.device = "cpu"

    def new_cache(self) -> EchoCache:
        return EchoCache()

    def run(self, cache: EchoCache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        cache.ids.extend(ids)
        ends = range(cache.length - logits + 1, cache.length + 1)
        return np.stack([self._after(cache.ids[:end]) for end in ends])

    def fork(self, cache: EchoCache, rows: int) -> list[EchoCache]:
        return [EchoCache(cache.ids) for _ in range(rows)]

    def select(self, cache: list[EchoCache], rows: Sequence[int]) -> list[EchoCache]:
        return [EchoCache(cache[row].ids) for row in rows]

    def run_rows(self, cache: list[EchoCache], ids: Sequence[int]) -> np.ndarray:
        return np.concatenate([self.run(row, [one]) for row, one in zip(cache, ids, strict=True)])

    def close(self) -> None:
        pass

    def _after(self, ids: list[int]) -> np.ndarray:
        logits = np.full(self.vocabulary_size, _UNLIKELY, np.float32)
        earlier = [place for place, one in enumerate(ids[:-1]) if one == ids[-1]]
        if earlier:
            logits[ids[earlier[-1] + 1]] = _SURE
        return logits
