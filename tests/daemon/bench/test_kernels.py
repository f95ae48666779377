"""The engine's figures, by an engine whose calls are counted and whose clock is not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shadowpen.daemon.bench import kernels
from shadowpen.daemon.bench.plan import quick
from shadowpen.daemon.engine.pace import PREFILL_CHUNK_TOKENS

PLAN = replace(quick(), context_tokens=(64, 512, 4096), draft_tokens=(1, 2, 4), prefill_repeats=2, decode_repeats=3)


class Cache:
    nbytes = 0
    length = 0

    def rewind(self, length: int) -> None:
        self.length = length


class CountingEngine:
    """`calls` holds (tokens before, tokens, logits) of each."""

    vocabulary_size, context_length, device = 100, 1024, "cpu"

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, int]] = []

    def new_cache(self) -> Cache:
        return Cache()

    def run(self, cache: Cache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        assert cache.length + len(ids) <= self.context_length and max(ids) < self.vocabulary_size
        self.calls.append((cache.length, len(ids), logits))
        cache.length += len(ids)
        return np.zeros((logits, self.vocabulary_size), np.float32)

    def fork(self, cache: Any, rows: int) -> Any:
        raise NotImplementedError

    def select(self, cache: Any, rows: Sequence[int]) -> Any:
        raise NotImplementedError

    def run_rows(self, cache: Any, ids: Sequence[int]) -> np.ndarray:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


def test_each_length_that_fits_is_read_and_continued(engine: CountingEngine) -> None:
    found = kernels.measure(engine, PLAN)
    assert [length.tokens for length in found.lengths] == [64, 512]
    assert all(length.prefill_tokens_per_s > 0 and length.decode_ms_p50 > 0 for length in found.lengths)
    assert engine.calls.count((0, 512, 1)) == 3 + 1 + 1  # repeats and one to warm up, for decoding, for drafts
    assert engine.calls.count((512 - PREFILL_CHUNK_TOKENS, PREFILL_CHUNK_TOKENS, 1)) == 3
    assert engine.calls.count((64, 1, 1)) == 4, "a decode step is taken back, so that all have the same context"


def test_a_draft_is_verified_with_the_logits_of_each_token(engine: CountingEngine) -> None:
    found = kernels.measure(engine, PLAN)
    assert [draft.tokens for draft in found.drafts] == [1, 2, 4] and found.drafts[0].cost == 1.0
    for tokens in (2, 4):
        assert engine.calls.count((found.draft_context_tokens, tokens, tokens)) == 2 * 3, "one to warm up, each time"


def test_a_small_model_is_measured_at_what_it_has(engine: CountingEngine) -> None:
    engine.context_length = 40
    found = kernels.measure(engine, PLAN)
    assert [length.tokens for length in found.lengths] == [36] and found.draft_context_tokens == 36


def test_progress_is_told_until_the_end(engine: CountingEngine) -> None:
    told: list[float] = []
    kernels.measure(engine, PLAN, told.append)
    assert told == sorted(told) and told[-1] == 1
