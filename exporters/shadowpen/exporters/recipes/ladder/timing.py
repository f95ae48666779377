"""Estimate a model's speed on this machine from a part of its graph with random weights.

A graph of some layers and few tokens gives the cost of a layer, one of a single layer and many tokens that of a token's
row in the head; both are larger than usual caches, so that weights come from memory as they would. What no kernel's
time depends on, the numbers themselves, is drawn at random.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.engine.onnx_cache import GraphShape
from shadowpen.daemon.engine.onnx_engine import OnnxEngine
from shadowpen.daemon.engine.pace import PREFILL_CHUNK_TOKENS
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.graphs.graph import PRECISIONS, build_graph

PART_BYTES = 128 << 20  # of weights in a graph that is timed
_FEW_ROWS = 1024
_SEED = 1
_REPEATS = 7
_SMALL_STEP = 4  # tokens: the end of a word, a space and a letter, read at once


@dataclass(frozen=True)
class ModelPace:
    """What a whole model would take on this machine, in milliseconds a call.

    `token_ms` for one more token, `word_ms` for reading the word just typed, `chunk_ms` for reading `chunk_tokens`.
    """

    token_ms: float
    word_ms: float
    chunk_ms: float
    chunk_tokens: int = PREFILL_CHUNK_TOKENS

    def ghost_text_ms(self, tokens: int) -> float:
        """A ghost text of so many tokens behind a word that was just typed."""
        return self.word_ms + (tokens - 1) * self.token_ms

    def writing_ms(self, read: int, tokens: int) -> float:
        """A paragraph of so many tokens behind a text of `read` tokens that is new to the model."""
        return math.ceil(read / self.chunk_tokens) * self.chunk_ms + tokens * self.token_ms


class RandomWeights:
    """Weights of an architecture, drawn tensor by tensor: none is kept."""

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        self._shapes = architecture.tensor_shapes()

    def tensor(self, name: str) -> NDArray[np.float32]:
        shape = self._shapes[name]
        if len(shape) == 1:
            return np.full(shape, 0.5, np.float32)
        drawn = np.random.default_rng([_SEED, *name.encode()]).random(shape, np.float32)
        drawn -= np.float32(0.5)
        drawn *= np.float32(0.1)
        return drawn


def measured(
    architecture: Architecture,
    *,
    precision: str = "int8",
    device: str = "cpu",
    threads: int = 0,
    context_tokens: int = 512,
    part_bytes: int = PART_BYTES,
) -> ModelPace:
    """The pace of a model of that architecture behind `context_tokens`; `part_bytes` bounds the part that is built.

    Raises what the engine raises where the shape cannot be run.
    """
    context = min(context_tokens, architecture.context_length - PREFILL_CHUNK_TOKENS - 1)
    sizes = (1, _SMALL_STEP, PREFILL_CHUNK_TOKENS)
    layers = _layers(architecture, part_bytes)
    rows = max(2 * _FEW_ROWS, min(architecture.vocab, part_bytes // (2 * architecture.hidden)))
    runs = (precision, device, threads, context, sizes)
    many_layers = _timed(_part(architecture, layers, _FEW_ROWS), *runs)
    many_rows = _timed(_part(architecture, 1, rows), *runs)
    layer_ms = [ms / layers for ms in many_layers]
    row_ms = max(0.0, many_rows[0] - layer_ms[0]) / rows
    token, word, chunk = (ms * architecture.layers + row_ms * architecture.vocab for ms in layer_ms)
    return ModelPace(token, word, chunk)


def _layers(architecture: Architecture, part_bytes: int) -> int:
    """As many layers as have `part_bytes`, in int8, of weights; at least one."""
    one, none = (
        sum(math.prod(shape) for shape in _part(architecture, layers, _FEW_ROWS).tensor_shapes().values())
        for layers in (2, 1)
    )
    return max(1, min(architecture.layers, part_bytes // (one - none)))


def _part(architecture: Architecture, layers: int, rows: int) -> Architecture:
    """The same but for the numbers of layers and of tokens."""
    return replace(
        architecture,
        layers=layers,
        vocab=min(rows, architecture.vocab),
        local_layers=tuple(layer for layer in architecture.local_layers if layer < layers),
        unrotated_layers=tuple(layer for layer in architecture.unrotated_layers if layer < layers),
    )


def _timed(
    part: Architecture, precision: str, device: str, threads: int, context: int, sizes: Sequence[int]
) -> list[float]:
    """Milliseconds of a call that reads so many tokens behind `context` others, for each size."""
    with tempfile.TemporaryDirectory(prefix="shadowpen-shape-") as folder:
        graph = build_graph(RandomWeights(part), PRECISIONS[precision], Path(folder))
        shape = GraphShape(
            layers=part.layers,
            kv_heads=part.kv_heads,
            head_dim=part.head_dim,
            vocabulary_size=part.vocab,
            context_length=part.context_length,
            kv_dtype=PRECISIONS[precision].kv_dtype,
            tokens=part.vocab,
        )
        engine = OnnxEngine(graph, shape, device=device, threads=threads)
        try:
            return _calls_ms(engine, context, sizes)
        finally:
            engine.close()


def _calls_ms(engine: OnnxEngine, context: int, sizes: Sequence[int]) -> list[float]:
    ids = [int(one) for one in np.random.default_rng(_SEED).integers(0, engine.vocabulary_size, context + max(sizes))]
    cache = engine.new_cache()
    for start in range(0, context, PREFILL_CHUNK_TOKENS):
        engine.run(cache, ids[start : min(context, start + PREFILL_CHUNK_TOKENS)])
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(_REPEATS + 1):  # the first call of each size allocates
        for size in sizes:
            began_s = time.perf_counter()
            engine.run(cache, ids[context : context + size])
            taken[size].append((time.perf_counter() - began_s) * 1000)
            cache.rewind(context)
    return [min(taken[size][1:]) for size in sizes]  # what else the machine does can only add
