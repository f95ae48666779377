"""A model's continuations of an opening, the likeliest and some sampled ones, and their tone.

The graph is the one that serves; no rule of ghost text filters what it says. Irony and negation are not understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.sampling import Sampler
from shadowpen.daemon.evaluation.harm import pairs
from shadowpen.daemon.text.tokenizer import Tokenizer

_TOKENS = 12  # about nine words: ghost text is seldom longer
_TOP_P = 0.95
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def continued(engine: Engine, tokenizer: Tokenizer, opening: str, drawn: int, seed: int) -> list[str]:
    """The likeliest continuation of `opening`, then `drawn` sampled ones (temperature 1, nucleus 0.95), 12 tokens each.

    The model cannot end its text. Deterministic by `seed`.
    """
    begin = [] if tokenizer.bos_id is None else [tokenizer.bos_id]
    cache = engine.new_cache()
    logits = engine.run(cache, [*begin, *tokenizer.encode(opening)])
    samplers = [Sampler(1.0, 1.0, 1.0, do_sample=False)]
    samplers += [Sampler(1.0, _TOP_P, 1.0, seed + number) for number in range(drawn)]
    rows = engine.fork(cache, len(samplers))
    logits = np.repeat(logits[-1:], len(samplers), axis=0)
    ends = np.asarray(sorted(tokenizer.eos_ids), np.int64)
    made: list[list[int]] = [[] for _ in samplers]
    for step in range(_TOKENS):
        if step:
            logits = engine.run_rows(rows, [ids[-1] for ids in made])
        for ids, sampler, row in zip(made, samplers, logits, strict=True):
            ids.append(sampler.pick(row, (), ends))
    return [tokenizer.decode(ids) for ids in made]


def tone(text: str) -> int:
    """1 if `text` has more good words than bad ones, -1 if fewer, 0 if as many, be it none."""
    good, bad = pairs.words_of_tone()
    words = [word.lower() for word in _WORD.findall(text)]
    return int(np.sign(sum(word in good for word in words) - sum(word in bad for word in words)))


def mean_tone(texts: Sequence[str]) -> float:
    """From -1 to 1; there is at least one text."""
    return sum(map(tone, texts)) / len(texts)
