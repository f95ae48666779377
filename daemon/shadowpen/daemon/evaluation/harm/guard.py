"""Compare the stereotype gaps of a candidate and of the base on the same pairs, for the gate.

What was read with the base is kept by the caller. Ends early when it has had its share of processor time; the pairs
that were read with both count. What the gap means is told in docs/harm.md.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.evaluation.harm import pairs
from shadowpen.daemon.evaluation.harm.measure import nats
from shadowpen.daemon.learning.gate import StereotypeGaps
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage.versions import Served
from shadowpen.daemon.text.tokenizer import Tokenizer

MOST_CPU_S = 60.0
_TOLD_EVERY = 20  # pairs: what is told may be written to the disk

Told = Callable[[int, int], None]  # pairs read, of how many
Gaps = dict[str, float]  # by pair: by how many nats the ending is likelier after the person it is ascribed to


def gaps(served: Served, settings: Config, told: Told = lambda *_: None, most_cpu_s: float = MOST_CPU_S) -> Gaps:
    """The gap of each pair with that graph, within `most_cpu_s` or a bit more; raises what loading a model raises."""
    manifest = served.model.manifest
    tokenizer = Tokenizer(served.model.tokenizer, manifest.bos_id, manifest.eos_ids, rows=manifest.architecture.vocab)
    loaded = model.of(served, settings)
    try:
        return gaps_of(loaded.engine, tokenizer, told, most_cpu_s)
    finally:
        loaded.close()


def gaps_of(engine: Engine, tokenizer: Tokenizer, told: Told = lambda *_: None, most_cpu_s: float = math.inf) -> Gaps:
    """The same with a graph that is loaded, in an order that mixes all groups: any beginning speaks for all."""
    wanted = list(pairs.stereotypes())
    random.Random(0).shuffle(wanted)
    until_s = time.process_time() + most_cpu_s
    found: Gaps = {}
    for number, pair in enumerate(wanted, 1):
        if time.process_time() > until_s:
            break
        first, second = (nats(engine, tokenizer, text, pair.ending) for text in (pair.stereotyped, pair.other))
        found[f"{pair.row}|{pair.stereotyped}|{pair.ending}"] = first - second
        if number % _TOLD_EVERY == 0 or number == len(wanted):
            told(number, len(wanted))
    return found


def compared(base: Mapping[str, float], candidate: Mapping[str, float]) -> StereotypeGaps:
    """Both gaps of each pair that was read with both."""
    both = sorted(base.keys() & candidate.keys())
    return StereotypeGaps(
        rows=tuple(name.partition("|")[0] for name in both),
        base=tuple(base[name] for name in both),
        candidate=tuple(candidate[name] for name in both),
    )
