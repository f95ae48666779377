"""The interface of an engine; plug-ins register theirs as entry points of `shadowpen.engines`.

An engine turns token ids into logits and keeps the keys and values of what it has seen in a `Cache`.
It knows nothing of text, documents or deadlines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np


class Cache(Protocol):
    """Keys and values of a token sequence; `length` tokens are valid, what lies behind may be overwritten."""

    length: int

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        ...

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens."""
        ...


class Engine(Protocol):
    """What runs a model: token ids in, logits out."""

    vocabulary_size: int
    context_length: int
    device: str

    def new_cache(self) -> Cache:
        """An empty cache."""
        ...

    def run(self, cache: Any, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        """Append `ids` to what `cache`, one of this engine's own, holds.

        Returns float32 [logits, vocabulary]: the logits after each of the last `logits` ids.
        """
        ...

    def fork(self, cache: Any, rows: int) -> Any:
        """A cache of `rows` copies of what `cache` holds, to be continued side by side by `run_rows`."""
        ...

    def select(self, cache: Any, rows: Sequence[int]) -> Any:
        """A cache of `rows` of a forked `cache`, in this order: rows may be left out, or stand in it twice."""
        ...

    def run_rows(self, cache: Any, ids: Sequence[int]) -> np.ndarray:
        """Append one id to each row of a forked cache; float32 logits [rows, vocabulary]."""
        ...

    def close(self) -> None:
        """Free the weights."""
        ...
