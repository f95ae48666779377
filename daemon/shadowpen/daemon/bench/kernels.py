"""Cost of the engine alone: prefill, decoding, verification of drafts.

Ids are drawn at random, since no kernel's time depends on them. The first call of each size is not counted: it
allocates, and on a GPU it compiles.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from shadowpen.daemon.bench.plan import BenchPlan
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.pace import PREFILL_CHUNK_TOKENS
from shadowpen.daemon.typist.figures import spread


@dataclass(frozen=True)
class Length:
    """Cost of the engine at one length of context.

    At `tokens` of context: reading them at once and in the daemon's pieces, and making one more.
    """

    tokens: int
    prefill_tokens_per_s: float
    chunked_tokens_per_s: float
    decode_ms_p50: float
    decode_ms_p90: float


@dataclass(frozen=True)
class Draft:
    """Cost of verifying a draft.

    A call that verifies `tokens`; `cost` in calls that make one token.
    """

    tokens: int
    ms: float
    cost: float


@dataclass(frozen=True)
class Kernels:
    """Cost of the engine alone, by length of context and of draft."""

    chunk_tokens: int
    lengths: list[Length]
    draft_context_tokens: int
    drafts: list[Draft]


def measure(engine: Engine, plan: BenchPlan, tell: Callable[[float], None] = lambda _: None) -> Kernels:
    """All lengths of the plan that the model's context has room for; `tell` hears the share that is done."""
    room = engine.context_length - max(plan.draft_tokens)
    lengths = [tokens for tokens in plan.context_tokens if tokens <= room] or [room]
    context = min(plan.draft_context_tokens, room)
    ids = _random_ids(engine, max(*lengths, context) + max(plan.draft_tokens), plan.seed)
    steps = len(lengths) + 1
    found = []
    for number, tokens in enumerate(lengths, 1):
        found.append(_length(engine, ids[:tokens], plan))
        tell(number / steps)
    drafts = _drafts(engine, ids[:context], ids[context:], plan)
    tell(1.0)
    return Kernels(PREFILL_CHUNK_TOKENS, found, context, drafts)


def _random_ids(engine: Engine, count: int, seed: int) -> list[int]:
    return [int(token) for token in np.random.default_rng(seed).integers(0, engine.vocabulary_size, count)]


def _length(engine: Engine, ids: Sequence[int], plan: BenchPlan) -> Length:
    at_once = [_prefill_s(engine, ids, len(ids)) for _ in range(plan.prefill_repeats + 1)][1:]
    chunked = [_prefill_s(engine, ids, PREFILL_CHUNK_TOKENS) for _ in range(plan.prefill_repeats + 1)][1:]
    decode = spread(_calls_ms(engine, _filled(engine, ids), ids[:1], plan.decode_repeats))
    assert decode.p50 is not None and decode.p90 is not None, "repeats are counted from one"
    return Length(
        tokens=len(ids),
        prefill_tokens_per_s=round(len(ids) / median(at_once), 1),
        chunked_tokens_per_s=round(len(ids) / median(chunked), 1),
        decode_ms_p50=decode.p50,
        decode_ms_p90=decode.p90,
    )


def _prefill_s(engine: Engine, ids: Sequence[int], chunk_tokens: int) -> float:
    """Seconds from an empty cache to one that holds `ids`, its growth included."""
    cache = engine.new_cache()
    began_s = time.perf_counter()
    for start in range(0, len(ids), chunk_tokens):
        engine.run(cache, ids[start : start + chunk_tokens])
    return time.perf_counter() - began_s


def _drafts(engine: Engine, context: Sequence[int], draft: Sequence[int], plan: BenchPlan) -> list[Draft]:
    """All sizes by turns, so that what else the machine does falls on each of them alike."""
    cache = _filled(engine, context)
    sizes = sorted({1, *plan.draft_tokens})
    ms: dict[int, list[float]] = {tokens: [] for tokens in sizes}
    for _ in range(plan.decode_repeats):
        for tokens in sizes:
            ms[tokens] += _calls_ms(engine, cache, draft[:tokens], repeats=1)
    one = median(ms[1])
    return [Draft(tokens, round(median(ms[tokens]), 3), round(median(ms[tokens]) / one, 2)) for tokens in sizes]


def _filled(engine: Engine, ids: Sequence[int]) -> Any:
    cache = engine.new_cache()
    engine.run(cache, ids)
    return cache


def _calls_ms(engine: Engine, cache: Any, ids: Sequence[int], repeats: int) -> list[float]:
    """Milliseconds of calls that append `ids` and give the logits after each; the cache is left as it was."""
    length, taken_ms = cache.length, []
    for _ in range(repeats + 1):
        began_s = time.perf_counter()
        engine.run(cache, ids, logits=len(ids))
        taken_ms.append((time.perf_counter() - began_s) * 1000)
        cache.rewind(length)
    return taken_ms[1:]
