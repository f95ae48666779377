"""A model without weights: it has read one text, by heart, and nothing else.

`ScriptedEngine` predicts the token that followed the longest known ending of its context, with a given
confidence; the tokenizer is a real byte-level BPE trained on the text in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer as RawTokenizer
from tokenizers import decoders, models, pre_tokenizers, trainers

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.decoding import Language
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary

EOS = "<|end|>"
TEXT = (
    "The quick brown fox jumps over the lazy dog. The quick brown fox sleeps under the old oak tree.\n\n"
    "Dear Mrs. Smith,\n\nThank you for your letter of Friday. I was glad to receive the parcel.\n\n"
    "Grüße aus Köln 🐱 und viele liebe Wünsche. 我喜欢写作。\n"
)


def make_tokenizer(folder: Path, text: str = TEXT, vocabulary: int = 400) -> Tokenizer:
    """A byte-level BPE tokenizer trained on `text`, its end-of-text token first."""
    raw = RawTokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[EOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([text], trainer)
    path = folder / "tokenizer.json"
    raw.save(str(path))
    return Tokenizer(path, None, [raw.token_to_id(EOS)])


class ScriptedCache:
    def __init__(self) -> None:
        self.ids: list[int] = []

    @property
    def length(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        return 1000 * len(self.ids)

    def rewind(self, length: int) -> None:
        del self.ids[length:]


class ScriptedEngine:
    """Counts its calls and tokens; `confidence` is the probability of the token it knows to come next."""

    context_length = 4096
    device = "cpu"

    def __init__(self, script: Sequence[int], size: int, eos: int, confidence: float = 0.9) -> None:
        self.vocabulary_size, self.confidence = size, confidence
        self._script, self._eos = [*script, eos], eos
        self.calls: list[int] = []

    def new_cache(self) -> ScriptedCache:
        return ScriptedCache()

    def run(self, cache: ScriptedCache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        self.calls.append(len(ids))
        cache.ids.extend(ids)
        return np.stack([self._after(cache.ids[: len(cache.ids) - k]) for k in range(logits - 1, -1, -1)])

    def fork(self, cache: ScriptedCache, rows: int) -> list[ScriptedCache]:
        copies = [ScriptedCache() for _ in range(rows)]
        for copy in copies:
            copy.ids = list(cache.ids)
        return copies

    def select(self, cache: list[ScriptedCache], rows: Sequence[int]) -> list[ScriptedCache]:
        return [self.fork(cache[row], 1)[0] for row in rows]

    def run_rows(self, cache: list[ScriptedCache], ids: Sequence[int]) -> np.ndarray:
        return np.concatenate([self.run(row, [i]) for row, i in zip(cache, ids, strict=True)])

    def _after(self, ids: list[int]) -> np.ndarray:
        rest = (1 - self.confidence) / (self.vocabulary_size - 1)
        out = np.full(self.vocabulary_size, np.log(rest), np.float32)
        out[self._next(ids)] = np.log(self.confidence)
        return out

    def _next(self, ids: list[int]) -> int:
        best, following = 0, self._eos
        for at in range(1, len(self._script)):
            n = 0
            while n < min(at, len(ids)) and self._script[at - 1 - n] == ids[-1 - n]:
                n += 1
            if n > best:
                best, following = n, self._script[at]
        return following

    def close(self) -> None:
        self.calls.clear()


def make_context(
    folder: Path, text: str = TEXT, confidence: float = 0.95, budget_bytes: int = 1 << 30, **settings: object
) -> Context:
    """A task's context on a scripted engine (`context.sessions.engine`)."""
    tokenizer = make_tokenizer(folder, text)
    engine = ScriptedEngine(tokenizer.encode(text), tokenizer.size, next(iter(tokenizer.eos_ids)), confidence)
    language = Language(tokenizer, Vocabulary(tokenizer.token_bytes))
    completion = CompletionSettings(**settings)  # type: ignore[arg-type]
    return Context("scripted", language, SessionPool(engine, budget_bytes), completion, engine.context_length)
