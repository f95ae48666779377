"""Score an exported graph on texts: log-likelihood per token.

The author's held-out words are scored one by one (words taken verbatim from a model are not), general text as a
perplexity. What the numbers decide is for `daemon.learning.gate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.corpus.corpus import OWN
from shadowpen.daemon.corpus.split import Encode, TokenizedDocument
from shadowpen.daemon.learning.gate import Scores
from shadowpen.exporters.graphs.graph_reader import GraphReader

_WINDOW_TOKENS = 512
_STRETCH_TOKENS = 50  # about two sentences: what the bootstrap draws as one
_GENERAL_TEXT = resources.files("shadowpen.daemon.corpus") / "general_text.txt"
_LEAST_CONTEXT = 4  # tokens before the first that is scored

Told = Callable[[int, int], None]  # tokens read, of how many


def general_texts() -> list[str]:
    """Public-domain prose by several people; its origin is told in docs/learning.md."""
    return _GENERAL_TEXT.read_text("utf-8").split("\n\f\n")


def score_own(reader: GraphReader, documents: Sequence[TokenizedDocument], bos_id: int | None, told: Told) -> Scores:
    """Every one of the author's own tokens in `documents`, in windows of 512, with the stretch it stands in."""
    nats: list[NDArray[np.float64]] = []
    stretches: list[NDArray[np.int64]] = []
    first = 0
    windows = [window for document in documents for window in _windows(document, bos_id)]
    total = sum(len(ids) for ids, _ in windows)
    done = 0
    for ids, counted in windows:
        found = reader.nats(ids)[counted[1:]]
        nats.append(found)
        stretches.append(first + np.arange(len(found)) // _STRETCH_TOKENS)
        first += len(found) // _STRETCH_TOKENS + 1
        done += len(ids)
        told(done, total)
    if not nats:
        return Scores(np.zeros(0), np.zeros(0, np.int64))
    return Scores(np.concatenate(nats), np.concatenate(stretches))


def general_perplexity(reader: GraphReader, encode: Encode, bos_id: int | None, told: Told) -> float:
    """Perplexity on the shipped general text."""
    encoded = [encode(text)[0] for text in general_texts()]
    total = sum(map(len, encoded))
    found = []
    done = 0
    for ids in encoded:
        for start in range(0, len(ids), _WINDOW_TOKENS):
            found.append(reader.nats(_with_bos(ids[start : start + _WINDOW_TOKENS], bos_id)))
        done += len(ids)
        told(done, total)
    return math.exp(float(np.concatenate(found).mean()))


def _windows(document: TokenizedDocument, bos_id: int | None) -> Iterable[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """(ids, which of them are scored), without windows in which none is; each begins as one that is served does."""
    weights = np.array(document.weights)
    for start in range(0, len(document.ids), _WINDOW_TOKENS):
        here = slice(start, start + _WINDOW_TOKENS)
        ids = _with_bos(document.ids[here], bos_id)
        counted = np.concatenate([np.zeros(len(ids) - len(weights[here]), bool), weights[here] == OWN])
        counted[:_LEAST_CONTEXT] = False
        if counted.any():
            yield ids, counted


def _with_bos(ids: Sequence[int], bos_id: int | None) -> NDArray[np.int64]:
    return np.array([*([] if bos_id is None else [bos_id]), *ids], np.int64)
