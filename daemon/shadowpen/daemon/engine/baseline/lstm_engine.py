"""The engine of an LSTM in ONNX Runtime: its state takes the place of keys and values.

A state cannot be rewound. So some are kept along the tokens, and what lies between the nearest and the place wanted is
run again. Knows neither text nor documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.engine.onnx_cache import GraphShape

_KEPT_STATES = 64
State = tuple[NDArray[np.float32], NDArray[np.float32]]  # [layers, rows, width] each


class LstmCache:
    """The tokens of a sequence, and states after some of them; `length` tokens are valid."""

    def __init__(self, empty: State) -> None:
        self.length = 0
        self.ids: list[int] = []
        self.states: dict[int, State] = {0: empty}

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for state in self.states.values() for part in state)

    def rewind(self, length: int) -> None:
        self.length = min(self.length, length)
        del self.ids[self.length :]
        self.states = {place: state for place, state in self.states.items() if place <= self.length}

    def keep(self, ids: Sequence[int], state: State) -> None:
        """`state` is that after `ids` behind what is there."""
        self.ids += ids
        self.length = len(self.ids)
        self.states[self.length] = state
        while len(self.states) > _KEPT_STATES:
            del self.states[sorted(self.states)[1]]  # never the one before the first token


class LstmRows:
    """The state after one sequence, once for each row that goes on from it."""

    def __init__(self, length: int, state: State) -> None:
        self.length, self.state = length, state


class LstmEngine:
    """One loaded graph of an LSTM. Not thread-safe. ModelCorrupt when it cannot be loaded."""

    def __init__(self, graph: Path, shape: GraphShape, *, device: str = "cpu", threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions share no base below Exception
            raise ModelCorrupt(f"ONNX Runtime cannot load {graph}.", "Make the model again.") from error
        self.vocabulary_size = min(shape.tokens or shape.vocabulary_size, shape.vocabulary_size)
        self.context_length = shape.context_length
        self.device = "cpu"
        zeros = np.zeros((shape.layers, 1, shape.head_dim), np.float32)
        self._empty: State = (zeros, zeros)

    def new_cache(self) -> LstmCache:
        return LstmCache(self._empty)

    def run(self, cache: LstmCache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        """See `Engine.run`."""
        state = self._after(cache)
        made, state = self._step(np.asarray([ids], np.int64), state, len(ids) - logits)
        cache.keep(list(ids), state)
        return made[0]

    def fork(self, cache: LstmCache, rows: int) -> LstmRows:
        hidden, cell = self._after(cache)
        return LstmRows(cache.length, (np.repeat(hidden, rows, axis=1), np.repeat(cell, rows, axis=1)))

    def select(self, cache: LstmRows, rows: Sequence[int]) -> LstmRows:
        """See `Engine.select`."""
        hidden, cell = cache.state
        return LstmRows(cache.length, (hidden[:, list(rows)], cell[:, list(rows)]))

    def run_rows(self, cache: LstmRows, ids: Sequence[int]) -> np.ndarray:
        """See `Engine.run_rows`."""
        made, cache.state = self._step(np.asarray(ids, np.int64)[:, None], cache.state, 0)
        cache.length += 1
        return made[:, 0]

    def close(self) -> None:
        self._session = None

    def _after(self, cache: LstmCache) -> State:
        """The state after all of the cache's tokens, run again from the nearest that is kept."""
        nearest = max(cache.states)
        if nearest < cache.length:
            between = np.asarray([cache.ids[nearest:]], np.int64)
            _, cache.states[cache.length] = self._step(between, cache.states[nearest], between.shape[1] - 1)
        return cache.states[cache.length]

    def _step(self, ids: NDArray[np.int64], state: State, logits_from: int) -> tuple[np.ndarray, State]:
        feeds = {
            "input_ids": ids,
            "logits_from": np.array([logits_from], np.int64),
            "past_hidden": state[0],
            "past_cell": state[1],
        }
        logits, hidden, cell = self._session.run(["logits", "hidden", "cell"], feeds)
        return logits[:, :, : self.vocabulary_size], (hidden, cell)
