"""Beginnings of longer phrases that the user accepted, suggested again after two words.

A phrase is a run of at least six of the model's words. Knows neither indexes nor files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from shadowpen.daemon.memory.index.codes import MODEL

LEAST_WORDS = 6
BEGINNING_WORDS = 2
_MOST_WORDS_BACK = 10
_LEAST_TOKENS = 4
_WORD = re.compile(rb"\S+")


def beginnings(ids: np.ndarray, kinds: np.ndarray, token_bytes: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    """The first two words of every such phrase in a text, and where among `ids` it begins."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kinds == MODEL, [False]]).astype(np.int8)))
    for start, end in edges.reshape(-1, 2).tolist():
        if end - start >= _LEAST_TOKENS:
            words = b"".join(token_bytes[token] for token in ids[start:end].tolist()).split()
            if len(words) >= LEAST_WORDS:
                yield b" ".join(words[:BEGINNING_WORDS]), start


def possible(typed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Beginnings that may stand near the end of `typed`, each with what was typed from there; the longest first."""
    words = list(_WORD.finditer(typed))
    for first, second in zip(words[-_MOST_WORDS_BACK:], words[-_MOST_WORDS_BACK:][1:], strict=False):
        yield b" ".join([first[0], second[0]]), typed[first.start() :]
