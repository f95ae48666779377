"""Greedy decoding under a constraint: the bytes the author has already typed of the next word.

One `Decoding` walks one document's session forward, a token a step, and remembers after each token what
was made and how probable it is. It decides nothing about what is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.memory.blending import blend, part
from shadowpen.daemon.memory.codes import DEPTH
from shadowpen.daemon.memory.lending import Lent, share_of_characters
from shadowpen.daemon.memory.recall import Recall
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Language:
    """The text side of a model: its tokenizer, and its vocabulary by bytes."""

    tokenizer: Tokenizer
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Step:
    """After one more token: all new `data` (the stub is not part of it) and its log-probability.

    `word_end_probability` is the model's belief that no further letter belongs to the last word;
    `ended` says that the model itself wants to stop here. `margin` is by how much (0 to 1) the last token was likelier
    than the runner-up. `lent` is the part of that token's probability, 0 to 1, that the author's memory put in.
    """

    data: bytes
    log_probability: float
    word_end_probability: float
    ended: bool = False
    margin: float = 1.0
    lent: float = 0.0


class LooksUp(Protocol):
    """What followed these tokens in the author's texts; see memory.Memory."""

    def look_up(self, ids: Sequence[int]) -> Recall: ...


@dataclass
class Decoding:
    """`ids` are the prompt's tokens and grow; `required` are the bytes that must come first.

    What `memory` says is blended into the model's opinion when it is read: the session's logits stay the model's own.
    """

    session: KvSession
    language: Language
    ids: list[int]
    required: bytes = b""
    memory: LooksUp | None = None
    data: bytes = b""
    log_probability: float = 0.0
    steps: list[Step] = field(default_factory=list)

    def advance(self) -> Iterator[None]:
        """Add one token (a Step to `steps`); yields between model calls."""
        yield from self.session.reach(self.ids)
        logits = self._logits()
        self._close_word(logits)
        token, log_probability, margin = self._choose(logits)
        if token in self.language.tokenizer.eos_ids or not self.language.tokenizer.token_bytes[token]:
            self.steps.append(Step(self.data, self.log_probability, 1.0, ended=True))
            return
        self._take(token, log_probability, margin, self._part(token, logits))

    def others(self, count: int) -> list[Decoding]:
        """Decodings that go on with the next likeliest tokens instead, likeliest first.

        For one that has made nothing new yet. What ends the line or the text begins nothing.
        """
        assert not self.data, "reach() comes first, what is new later"
        logits = self._logits()
        allowed = self.language.vocabulary.compatible(self.required) if self.required else np.arange(len(logits))
        if not len(allowed):
            return []
        scores = logits[allowed]
        total = _log_sum(scores)
        ranked = allowed[np.argsort(-scores, kind="stable")[: 2 * count + 1]].tolist()
        made: list[Decoding] = []
        for token in ranked[1:]:
            piece = self.language.tokenizer.token_bytes[token]
            if piece and b"\n" not in piece and len(made) < count:
                other = replace(self, steps=[])
                other._take(token, float(logits[token]) - total, 0.0, self._part(token, logits))
                made.append(other)
        return made

    def lent(self, text: str) -> Lent:
        """What the memory lent to `text`: a beginning of what was made, if not in every mark then in its length."""
        made = [step for step in self.steps if not step.ended]
        ends = [len(step.data.decode(errors="ignore")) for step in made]
        count = next((number for number, end in enumerate(ends, 1) if end >= len(text)), len(ends))
        first = len(self.ids) - len(made)
        # What the author typed is nobody else's.
        parts = tuple(step.lent if end else 0.0 for step, end in zip(made[:count], ends, strict=False))
        return Lent(
            before=tuple(self.ids[max(0, first - DEPTH) : first]),
            ids=tuple(self.ids[first : first + count]),
            parts=parts,
            share=share_of_characters(parts, ends[:count], len(text)),
        )

    def _logits(self) -> np.ndarray:
        logits = self.session.after(self.ids)
        assert logits is not None, "reach() makes them known"
        if self.memory is None:
            return logits
        blended = blend(logits, self.memory.look_up(self.ids))
        if self.required and blended is not logits:
            # A token that ends inside the typed letters stood before other letters as well: it is for the model to say.
            inside = self.language.vocabulary.inside(self.required)
            blended[inside] = logits[inside]
        return blended

    def _part(self, token: int, logits: np.ndarray) -> float:
        """The part of a token's probability in `logits` that is the memory's."""
        own = self.session.after(self.ids)
        return 0.0 if own is None or own is logits else part(float(own[token]), float(logits[token]))

    def _choose(self, logits: np.ndarray) -> tuple[int, float, float]:
        """The likeliest allowed token, its log-probability among those allowed, and its margin."""
        if not self.required:
            return _best(logits)
        allowed = self.language.vocabulary.compatible(self.required)
        if not len(allowed):
            return next(iter(self.language.tokenizer.eos_ids), 0), -math.inf, 0.0
        at, log_probability, margin = _best(logits[allowed])
        return int(allowed[at]), log_probability, margin

    def _take(self, token: int, log_probability: float, margin: float, lent: float) -> None:
        piece = self.language.tokenizer.token_bytes[token]
        covered = min(len(piece), len(self.required))
        self.required = self.required[covered:]
        self.data += piece[covered:]
        self.ids = [*self.ids, token]
        self.log_probability += log_probability
        self.steps.append(Step(self.data, self.log_probability, 0.0, margin=margin, lent=lent))

    def _close_word(self, logits: np.ndarray) -> None:
        """Complete the last step by what these logits say about the end of its word."""
        if self.steps:
            last = self.steps[-1]
            p_on = math.exp(_log_sum(logits[self.language.vocabulary.goes_on_word]) - _log_sum(logits))
            self.steps[-1] = replace(last, word_end_probability=1.0 - min(1.0, p_on))


def _best(logits: np.ndarray) -> tuple[int, float, float]:
    """Index, log-probability and margin of the largest of `logits`."""
    best, total = int(logits.argmax()), _log_sum(logits)
    log_probability = float(logits[best]) - total
    others = max((float(part.max()) for part in (logits[:best], logits[best + 1 :]) if len(part)), default=-math.inf)
    return best, log_probability, math.exp(log_probability) - math.exp(others - total)


def _log_sum(logits: np.ndarray) -> float:
    top = float(logits.max())
    return top + math.log(float(np.exp(logits - top).sum()))
