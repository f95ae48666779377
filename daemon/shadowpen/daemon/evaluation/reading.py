"""Suggestions of model and memory at each place of a text, and the model's perplexity on it.

The engine, the task and the graph are those that serve; only the judge is not asked, so that what is shown can be
decided again and again without the model. Nothing waits for a clock: the same text gives the same answers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import resources
from statistics import median

import numpy as np

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.memory.blending import blend
from shadowpen.daemon.serving.model import ServedModel
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.judge import Judge, Verdict
from shadowpen.daemon.tasks.decoding import LooksUp
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.wire.protocol import Complete

LANGUAGE = "markdown"
_DOCUMENT = "shadowpen-eval:"
_WINDOW_TOKENS = 512
_GENERAL_SHARE = 3  # every third window of the general text: to see forgetting, 4,000 tokens do
_CHUNK_TOKENS = 128  # logits of a large vocabulary over a whole window would take 100 MB

Told = Callable[[int, int], None]  # done, of how many


class Recorder(Judge):
    """Shows nothing, and keeps what it was asked about: first what the memory, then what the model would offer."""

    def __init__(self) -> None:
        super().__init__()
        self.candidates: list[Candidate] = []

    def why_silent(self, request: Complete, settings: CompletionSettings) -> str:
        return ""

    def weigh(self, request: Complete, candidate: Candidate, settings: CompletionSettings) -> Verdict:
        self.candidates.append(candidate)
        return Verdict("", 0.0, "recorded")


@dataclass(frozen=True)
class Probed:
    """What was offered at every place of a text.

    `offers[n]` are the candidates for the place behind `start` + n characters, in the order they are weighed.

    `answer_ms` is the median time to think of them, without a deadline.
    """

    text: str
    start: int
    offers: tuple[tuple[Candidate, ...], ...]
    answer_ms: float = field(default=0.0, compare=False)

    def at(self, place: int) -> tuple[Candidate, ...]:
        return self.offers[place - self.start]


def probe(model: ServedModel, recorder: Recorder, text: str, start: int, tell: Told = lambda *_: None) -> Probed:
    """Ask at each place of `text` behind `start`, but for its end. `recorder` is the model's judge."""
    offers: list[tuple[Candidate, ...]] = [()]
    answers_ms: list[float] = []
    try:
        for place in range(start + 1, len(text)):
            recorder.candidates = []
            request = Complete(id=f"e{place}", document=_DOCUMENT, prefix=text[:place], language=LANGUAGE)
            began_s = time.perf_counter()
            for _ in model.steps(request, math.inf):
                pass
            answers_ms.append((time.perf_counter() - began_s) * 1000)
            offers.append(tuple(recorder.candidates))
            tell(place - start, len(text) - start)
    finally:
        model.close_document(_DOCUMENT)
    return Probed(text, start, tuple(offers), median(answers_ms) if answers_ms else 0.0)


class Visited:
    """Asks only at the places that a writer comes to; otherwise as `Probed`."""

    def __init__(self, model: ServedModel, recorder: Recorder, text: str, start: int) -> None:
        self.text, self.start = text, start
        self._model, self._recorder = model, recorder

    def at(self, place: int) -> tuple[Candidate, ...]:
        """What the memory and the model offer there."""
        self._recorder.candidates = []
        request = Complete(id=f"e{place}", document=_DOCUMENT, prefix=self.text[:place], language=LANGUAGE)
        next((reply for reply in self._model.steps(request, math.inf) if reply is not None), None)
        return tuple(self._recorder.candidates)

    def close(self) -> None:
        """Forget the text."""
        self._model.close_document(_DOCUMENT)


def bits(
    engine: Engine, tokenizer: Tokenizer, text: str, start: int, memory: LooksUp | None = None
) -> tuple[float, int]:
    """What the model, with what `memory` says blended in, needs to be told of `text` from `start` on.

    Bits, and the characters they stand for. A token that begins before `start` is not counted.
    """
    ids, places = tokenizer.encode_with_places(text)
    first = next((n for n, place in enumerate(places) if place[0] >= start), len(ids))
    first = max(first, 0 if tokenizer.bos_id is not None else 1)
    if first >= len(ids):
        return 0.0, 0
    begin = [] if tokenizer.bos_id is None else [tokenizer.bos_id]
    nats = sum(
        _nats(engine, [*begin, *ids[max(0, at - _WINDOW_TOKENS) : at]], ids[at : at + _CHUNK_TOKENS], memory).sum()
        for at in range(first, len(ids), _CHUNK_TOKENS)
    )
    return float(nats) / math.log(2), len(text) - places[first][0]


def general_perplexity(engine: Engine, tokenizer: Tokenizer, tell: Told = lambda *_: None) -> float:
    """Perplexity on the public-domain prose by several people that ships with Shadowpen (see docs/learning.md)."""
    texts = [tokenizer.encode(text) for text in general_texts()]
    begin = [] if tokenizer.bos_id is None else [tokenizer.bos_id]
    windows = [ids[at : at + _WINDOW_TOKENS] for ids in texts for at in range(0, len(ids), _WINDOW_TOKENS)]
    windows = windows[::_GENERAL_SHARE]
    found: list[np.ndarray] = []
    for number, ids in enumerate(windows, 1):
        known, rest = ([*begin], ids) if begin else (ids[:1], ids[1:])
        if rest:
            found.append(_nats(engine, known, rest))
        tell(number, len(windows))
    return math.exp(float(np.concatenate(found).mean()))


def general_texts() -> Iterable[str]:
    """By the name of the file alone: this package stands below the one that holds it."""
    text = resources.files("shadowpen.daemon.corpus").joinpath("general_text.txt").read_text("utf-8")
    return text.split("\n\f\n")


def _nats(engine: Engine, known: list[int], ids: list[int], memory: LooksUp | None = None) -> np.ndarray:
    """Negative log-likelihood of each of `ids` after `known` and those before it."""
    cache = engine.new_cache()
    found = []
    given = known
    for at in range(0, len(ids), _CHUNK_TOKENS):
        chunk = ids[at : at + _CHUNK_TOKENS]
        logits = engine.run(cache, [*given, *chunk[:-1]], len(chunk))
        if memory is not None:
            before = [*known, *ids[:at]]
            logits = np.stack([blend(row, memory.look_up([*before, *chunk[:n]])) for n, row in enumerate(logits)])
        logits = logits.astype(np.float64)
        top = logits.max(axis=-1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=-1))
        found.append(total - logits[np.arange(len(chunk)), chunk])
        given = chunk[-1:]
    return np.concatenate(found)
