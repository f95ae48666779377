"""One document's session: its cached tokens and the logits computed along them.

`reach` brings the cache to a token sequence by running only what differs from what is there, in chunks
so that the caller can yield between them. Because logits along the path are kept, typing on inside a
word, or accepting what was generated, costs no model call at all. What was only glanced at beside the path is
kept as well. Knows nothing of text.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np

from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.pace import Pace

_KEPT_LOGITS = 32  # 200 kB each with a vocabulary of 49,152
_KEPT_GLANCES = 16


class KvSession:
    """The KV cache of one document. `ids` are the tokens it holds; logits are float32 [vocabulary]."""

    def __init__(self, engine: Engine, pace: Pace | None = None) -> None:
        self.engine = engine
        self._pace = pace or Pace()
        self._cache = engine.new_cache()
        self._logits: dict[int, np.ndarray] = {}
        self._glances: OrderedDict[tuple[int, ...], np.ndarray] = OrderedDict()
        self.ids: list[int] = []
        self.model_tokens = 0

    @property
    def nbytes(self) -> int:
        kept = (*self._logits.values(), *self._glances.values())
        return self.cache_bytes + sum(logits.nbytes for logits in kept)

    @property
    def cache_bytes(self) -> int:
        """Of the keys and values alone."""
        return int(self._cache.nbytes)

    def keep(self, count: int) -> None:
        """Forget all logits but the `count` last made, where there are more."""
        while len(self._glances) + len(self._logits) > count and self._glances:
            self._glances.popitem(last=False)
        while len(self._logits) > count:
            del self._logits[min(self._logits)]

    def reusable(self, ids: Sequence[int]) -> int:
        """How many leading tokens of `ids` need no model call."""
        return _common_prefix(self.ids, ids)

    def after(self, ids: Sequence[int]) -> np.ndarray | None:
        """Logits after all of `ids` if they are known, else None."""
        n = len(ids)
        return self._logits.get(n) if n and self.ids[:n] == list(ids) else None

    def reach(self, ids: Sequence[int], chunk_tokens: int | None = None) -> Iterator[None]:
        """Make `after(ids)` known; yields after each model call but the last, each of `chunk_tokens` at most.

        None: as many as this machine reads within a step.

        Another request may use the session between two steps, so each one starts from what is there now.
        """
        while self.after(ids) is None:
            start = min(self.reusable(ids), len(ids) - 1)
            self._truncate(start)
            self._run(list(ids[start : start + (chunk_tokens or self._pace.step_tokens)]))
            if len(self.ids) < len(ids):
                yield

    def glimpsed(self, ids: Sequence[int]) -> np.ndarray | None:
        """Logits after all of `ids` if they are known, be it from a glance, else None."""
        key = tuple(ids)
        if key in self._glances:
            self._glances.move_to_end(key)
            return self._glances[key]
        return self.after(ids)

    def glance(self, ids: Sequence[int]) -> Iterator[None]:
        """Make `glimpsed(ids)` known, and keep it when the path goes elsewhere; yields as `reach` does."""
        if self.glimpsed(ids) is None:
            yield from self.reach(ids)
        logits = self.glimpsed(ids)
        assert logits is not None, "reach() makes them known"
        self._glances[tuple(ids)] = logits
        while len(self._glances) > _KEPT_GLANCES:
            self._glances.popitem(last=False)

    def log_probability(self, ids: Sequence[int], count: int) -> Generator[None, None, float]:
        """Of the last `count` of `ids` after those before them; yields after each model call but the last.

        One call scores them all; the cache then holds all of `ids` but the last.
        """
        known = len(ids) - count
        yield from self.reach(ids[:known])
        rows = [self._logits[known]]
        if count > 1:
            self._truncate(known)
            made = self.engine.run(self._cache, ids[known:-1], count - 1)
            self.ids.extend(ids[known:-1])
            self.model_tokens += count - 1
            rows.extend(made)
        return sum(_log_probability(row, token) for row, token in zip(rows, ids[known:], strict=True))

    def fork(self, ids: Sequence[int], rows: int) -> Any:
        """A cache of `rows` copies of `ids`, which must have been reached, for Engine.run_rows."""
        assert self.after(ids) is not None, "reach() comes first"
        self._truncate(len(ids))
        return self.engine.fork(self._cache, rows)

    def _run(self, ids: list[int]) -> None:
        started = time.perf_counter()
        logits = self.engine.run(self._cache, ids)
        self._pace.took(len(ids), time.perf_counter() - started)
        self.ids.extend(ids)
        self.model_tokens += len(ids)
        self._logits[len(self.ids)] = logits[-1]
        while len(self._logits) > _KEPT_LOGITS:
            del self._logits[min(self._logits)]

    def _truncate(self, length: int) -> None:
        if length < len(self.ids):
            del self.ids[length:]
            self._logits = {n: v for n, v in self._logits.items() if n <= length}
        self._cache.rewind(length)


def _log_probability(logits: np.ndarray, token: int) -> float:
    top = float(logits.max())
    return float(logits[token]) - top - math.log(float(np.exp(logits - top).sum()))


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    n = min(len(a), len(b))
    for i in range(n):
        if a[i] != b[i]:
            return i
    return n
