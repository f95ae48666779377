"""Encode token ids as bytes that sort like the tokens, nearest first.

The text of all documents lies newest first, each backwards, so that the tokens before a place follow it in the
bytes: comparing two contexts from their ends is comparing two slices. A separator stands between documents.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

DEPTH = 16  # tokens of context that are told apart; longer ones say nothing more about what comes next
# What a token counts, by its kind: nothing, the model's words that the author took, the author's own.
CONTEXT, MODEL, OWN = 0, 1, 2
KIND_WEIGHTS = (0.0, 0.3, 1.0)


@dataclass(frozen=True)
class Code:
    """How the ids of a vocabulary are written: big-endian, `width` bytes each."""

    width: int
    separator: int
    _query: struct.Struct = field(repr=False, compare=False)

    @classmethod
    def of(cls, vocabulary_size: int) -> Code:
        width = 2 if vocabulary_size < 0xFFFF else 4
        return cls(width, (1 << 8 * width) - 1, struct.Struct(f">{DEPTH}{'H' if width == 2 else 'I'}"))

    @property
    def dtype(self) -> np.dtype:
        """Of the bytes in a file or a query."""
        return np.dtype(f">u{self.width}")

    def context(self, ids: Sequence[int]) -> bytes:
        """The last DEPTH of `ids`, the last one first; separators stand for what is missing or no token."""
        nearest = [token if 0 <= token < self.separator else self.separator for token in ids[: -DEPTH - 1 : -1]]
        nearest += [self.separator] * (DEPTH - len(nearest))
        return self._query.pack(*nearest)

    def highest(self, prefix: bytes) -> bytes:
        """Not below any context that begins with `prefix`."""
        return prefix + b"\xff" * (DEPTH * self.width - len(prefix) + 1)
