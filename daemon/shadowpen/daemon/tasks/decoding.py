"""Greedy decoding constrained by the typed bytes of the next word.

One `Decoding` walks one document's session forward, a token a step, and remembers after each token what
was made and how probable it is. It decides nothing about what is shown.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.memory.attribution import AttributedText, share_of_characters
from shadowpen.daemon.memory.blending import blend, part
from shadowpen.daemon.memory.index.codes import DEPTH
from shadowpen.daemon.memory.recall import Recall
from shadowpen.daemon.tasks.posterior import Beginning, Posterior, log_sum
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary

_MOST_GLANCES = 8
_STEPS_LEFT = 3  # a glance before the deadline leaves time for two steps


@dataclass(frozen=True)
class Language:
    """The text side of a model: its tokenizer, and its vocabulary by bytes."""

    tokenizer: Tokenizer
    vocabulary: Vocabulary


@dataclass(frozen=True)
class DecodingStep:
    """One step of decoding.

    After one more token: all new `data` (the stub is not part of it) and its log-probability.

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
    """Looks up what followed these tokens in the user's text; see memory.Memory."""

    def look_up(self, ids: Sequence[int]) -> Recall: ...


@dataclass
class Decoding:
    """Greedy decoding under way.

    `ids` are the prompt's tokens and grow; `required` are the bytes that must come first.

    What `memory` says is blended into the model's opinion when it is read: the session's logits stay the model's own.
    Glances at how the typed letters may be cut into tokens, all but the first, end before `glance_until_s` on
    time.perf_counter()'s clock.
    """

    session: KvSession
    language: Language
    ids: list[int]
    required: bytes = b""
    memory: LooksUp | None = None
    glance_until_s: float = math.inf
    data: bytes = b""
    log_probability: float = 0.0
    steps: list[DecodingStep] = field(default_factory=list)
    _posterior: Posterior | None = field(default=None, init=False, repr=False)

    def advance(self) -> Iterator[None]:
        """Add one token to `steps`, or all that the required bytes take; yields between model calls."""
        yield from self.weigh()
        if self.required:
            self._take_required()
            return
        own, logits = self._opinions(self.ids)
        self._close_word(logits)
        token, log_probability, margin = _best(logits)
        if token in self.language.tokenizer.eos_ids or not self.language.tokenizer.token_bytes[token]:
            self._end()
            return
        self._take(token, log_probability, margin, _part(token, own, logits))

    def weigh(self) -> Iterator[None]:
        """Make known what may come next, for `advance` and `others`; yields between model calls."""
        if self._posterior is not None:
            return
        yield from self.session.reach(self.ids)
        if not self.required:
            return
        posterior = Posterior(self.language.vocabulary, self.language.tokenizer.token_bytes, self.required)
        posterior.add(posterior.start, *self._opinions(self.ids))
        yield from self._glance_along(posterior)
        self._posterior = posterior

    def _glance_along(self, posterior: Posterior) -> Iterator[None]:
        """Read the paths that count, as long as there is time; yields before and between model calls."""
        glances, slowest_s = 0, 0.0
        while (path := posterior.unread()) is not None:
            ids = [*self.ids, *path.tokens]
            if self.session.glimpsed(ids) is None:
                is_late = time.perf_counter() + _STEPS_LEFT * slowest_s > self.glance_until_s
                if glances >= _MOST_GLANCES or (glances and is_late):
                    return
                yield
                began_s = time.perf_counter()
                glances += 1
                yield from self.session.glance(ids)
                slowest_s = max(slowest_s, time.perf_counter() - began_s)
            posterior.add(path, *self._opinions(ids))

    def others(self, count: int) -> list[Decoding]:
        """Decodings that go on with the next likeliest tokens instead, likeliest first.

        For one that has made nothing new yet. What ends the line or the text begins nothing.
        """
        assert not self.data, "weigh() comes first, what is new later"
        made: list[Decoding] = []
        for beginning in self._beginnings(2 * count + 1)[1:]:
            if b"\n" not in beginning.data and len(made) < count:
                other = replace(self, steps=[])
                other._take_beginning(beginning, 0.0)
                made.append(other)
        return made

    def _beginnings(self, count: int) -> list[Beginning]:
        """The likeliest ways to go on; those without text, which end it, are left out behind the first."""
        if self._posterior is not None:
            return self._posterior.beginnings(count)
        own, logits = self._opinions(self.ids)
        total, token_bytes = log_sum(logits), self.language.tokenizer.token_bytes
        ranked = np.argsort(-logits, kind="stable")[:count].tolist()
        return [
            Beginning(token_bytes[token], (token,), (_part(token, own, logits),), float(logits[token]) - total)
            for number, token in enumerate(ranked)
            if token_bytes[token] or not number
        ]

    def lent(self, text: str) -> AttributedText:
        """What the memory lent to `text`: a beginning of what was made, if not in every mark then in its length."""
        made = [step for step in self.steps if not step.ended]
        ends = [len(step.data.decode(errors="ignore")) for step in made]
        count = next((number for number, end in enumerate(ends, 1) if end >= len(text)), len(ends))
        first = len(self.ids) - len(made)
        # What the author typed is nobody else's.
        parts = tuple(step.lent if end else 0.0 for step, end in zip(made[:count], ends, strict=False))
        return AttributedText(
            before=tuple(self.ids[max(0, first - DEPTH) : first]),
            ids=tuple(self.ids[first : first + count]),
            parts=parts,
            share=share_of_characters(parts, ends[:count], len(text)),
        )

    def _opinions(self, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """The logits after `ids`: the model's own, and blended with what the memory says, if anything."""
        own = self.session.glimpsed(ids)
        assert own is not None, "reach() makes them known"
        return own, own if self.memory is None else blend(own, self.memory.look_up(ids))

    def _take_required(self) -> None:
        """Take the likeliest text that begins with the required bytes."""
        assert self._posterior is not None, "weigh() comes first"
        likeliest = self._posterior.beginnings(2)
        path = self._posterior.likeliest_unread()
        if likeliest:
            runner_up = math.exp(likeliest[1].log_probability) if len(likeliest) > 1 else 0.0
            self._take_beginning(likeliest[0], math.exp(likeliest[0].log_probability) - runner_up)
        elif path is not None:  # a long unusual word: what is sure of it first, the rest next
            self._take_beginning(Beginning(b"", path.tokens, path.lent, 0.0), 0.0)
        else:
            self.log_probability = -math.inf
            self._end()

    def _take_beginning(self, beginning: Beginning, margin: float) -> None:
        """A step for each of its tokens; each is as likely as the whole, for the typed letters are certain."""
        self.log_probability += beginning.log_probability
        for token, lent in zip(beginning.tokens, beginning.lent, strict=True):
            self._take(token, 0.0, margin, lent)

    def _end(self) -> None:
        self.steps.append(DecodingStep(self.data, self.log_probability, 1.0, ended=True))

    def _take(self, token: int, log_probability: float, margin: float, lent: float) -> None:
        piece = self.language.tokenizer.token_bytes[token]
        covered = min(len(piece), len(self.required))
        self.required = self.required[covered:]
        self.data += piece[covered:]
        self.ids = [*self.ids, token]
        self._posterior = None
        self.log_probability += log_probability
        self.steps.append(DecodingStep(self.data, self.log_probability, 0.0, margin=margin, lent=lent))

    def _close_word(self, logits: np.ndarray) -> None:
        """Complete the last step by what these logits say about the end of its word."""
        if self.steps:
            last = self.steps[-1]
            p_on = math.exp(log_sum(logits[self.language.vocabulary.goes_on_word]) - log_sum(logits))
            self.steps[-1] = replace(last, word_end_probability=1.0 - min(1.0, p_on))


def _best(logits: np.ndarray) -> tuple[int, float, float]:
    """Index, log-probability and margin of the largest of `logits`."""
    best, total = int(logits.argmax()), log_sum(logits)
    log_probability = float(logits[best]) - total
    others = max((float(part.max()) for part in (logits[:best], logits[best + 1 :]) if len(part)), default=-math.inf)
    return best, log_probability, math.exp(log_probability) - math.exp(others - total)


def _part(token: int, own: np.ndarray, logits: np.ndarray) -> float:
    """The part of a token's probability in `logits` that is the memory's."""
    return 0.0 if own is logits else part(float(own[token]), float(logits[token]))
