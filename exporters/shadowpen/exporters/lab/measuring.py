"""Measure a model as it is used: perplexity on later and general text, and keys saved.

All through the interface of engines, so that models of any kind are measured alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.corpus.documents import OWN
from shadowpen.daemon.corpus.split import Encode, TokenizedDocument
from shadowpen.daemon.evaluation import keys
from shadowpen.daemon.evaluation.harm import guard
from shadowpen.daemon.evaluation.reading import Recorder
from shadowpen.daemon.learning.gate import Scores
from shadowpen.daemon.serving.model import ServedModel
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.exporters.graphs.scoring import general_texts
from shadowpen.exporters.lab.measured import Measured
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.recipes.material import GENERAL_SHARE_KEPT

_WINDOW_TOKENS = 512
_CHUNK_TOKENS = 128
_LEAST_CONTEXT = 4  # tokens before the first that is scored
_STRETCH_TOKENS = 50
_WORD = re.compile(r"\S+")


def measure(
    served: ServedModel,
    recorder: Recorder,
    later: Sequence[TokenizedDocument],
    tokenizer: Tokenizer,
    settings: Config,
    tell: Progress,
    *,
    pieces: int,
) -> Measured:
    """Measure `served`, whose judge is `recorder`; of `pieces` of 140 characters each the simulated writer types."""
    encode, bos_id = tokenizer.encode_with_places, tokenizer.bos_id
    nats: list[NDArray[np.float64]] = []
    stretches: list[NDArray[np.int64]] = []
    words: list[bool] = []
    first = 0
    for number, document in enumerate(later, 1):
        read = _TextRead(served, document.ids, bos_id)
        counted = (np.array(document.weights) == OWN) & read.scored
        found = read.nats[counted]
        nats.append(found)
        stretches.append(first + np.arange(len(found)) // _STRETCH_TOKENS)
        first += len(found) // _STRETCH_TOKENS + 1
        words += _words(document, encode, read.right, counted)
        tell("Reading your later text", number, len(later))
    documents = [tokens.document for tokens in later]
    typed = keys.typed(served, recorder, documents, settings, pieces, lambda done, of: tell("Typing", done, of))
    return Measured(
        own=Scores(np.concatenate(nats), np.concatenate(stretches)),
        next_words=sum(words) / max(1, len(words)),
        general_perplexity=_general(served, encode, bos_id, tell),
        typed=tuple((tally.characters, tally.keys, tally.net_keys) for tally in typed),
        gaps=guard.gaps_of(served.engine, tokenizer, lambda done, of: tell("Reading stereotypes", done, of)),
    )


def _general(served: ServedModel, encode: Encode, bos_id: int | None, tell: Progress) -> float:
    """Perplexity of the general texts that no recipe learns."""
    texts = general_texts()[::GENERAL_SHARE_KEPT]
    found = []
    for number, text in enumerate(texts, 1):
        read = _TextRead(served, encode(text)[0], bos_id)
        found.append(read.nats[read.scored])
        tell("Reading general text", number, len(texts))
    return math.exp(float(np.concatenate(found).mean()))


class _TextRead:
    """A text read in windows: `nats` of each token, whether it was the likeliest (`right`), and which are `scored`."""

    def __init__(self, served: ServedModel, ids: Sequence[int], bos_id: int | None) -> None:
        self.nats = np.zeros(len(ids))
        self.right = np.zeros(len(ids), bool)
        self.scored = np.zeros(len(ids), bool)
        begin = [] if bos_id is None else [bos_id]
        for start in range(0, len(ids), _WINDOW_TOKENS):
            window = list(ids[start : start + _WINDOW_TOKENS])
            self.scored[start + _LEAST_CONTEXT : start + len(window)] = True
            self._window(served, start, [*begin, *window], len(begin))

    def _window(self, served: ServedModel, start: int, ids: list[int], begun: int) -> None:
        cache = served.engine.new_cache()
        for at in range(0, len(ids) - 1, _CHUNK_TOKENS):
            chunk = ids[at : at + _CHUNK_TOKENS]
            logits = served.engine.run(cache, chunk, len(chunk)).astype(np.float64)
            following = ids[at + 1 : at + 1 + len(chunk)]
            logits = logits[: len(following)]
            top = logits.max(axis=-1)
            total = top + np.log(np.exp(logits - top[:, None]).sum(axis=-1))
            here = slice(start + at + 1 - begun, start + at + 1 - begun + len(following))
            self.nats[here] = total - logits[np.arange(len(following)), following]
            self.right[here] = logits.argmax(axis=-1) == following


def _words(
    document: TokenizedDocument, encode: Encode, right: NDArray[np.bool_], counted: NDArray[np.bool_]
) -> list[bool]:
    """Of each word all tokens of which count, whether all of them were the likeliest."""
    ids, places = encode(document.document.text)
    if tuple(ids) != document.ids:  # cut to its newest tokens: where its words begin is not known
        return []
    ends = np.array([end for _, end in places])
    found = []
    for word in _WORD.finditer(document.document.text):
        first, last = np.searchsorted(ends, word.start(), side="right"), np.searchsorted(ends, word.end())
        tokens = slice(int(first), int(last) + 1)
        if counted[tokens].size and counted[tokens].all():
            found.append(bool(right[tokens].all()))
    return found
