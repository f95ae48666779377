"""Probability of a continuation given the typed letters of a word, over all tokenizations.

A token that ends inside the typed letters carries the probability of all that could follow it, and the typed letters
leave little of that. So it counts for as much as the model gives to the rest of them behind it, which takes a model
call ("tokenisation bias"; Phan et al., "Exact Byte-Level Probabilities from Tokenized Language Models", 2024). The
likeliest of such paths are read first. What is left unread is an upper bound of the error, and reading ends where it is
small. Knows neither sessions nor deadlines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shadowpen.daemon.memory.blending import part
from shadowpen.daemon.text.vocabulary import Vocabulary

_UNREAD = 0.1  # of the known probability; paths that have less together are not worth a model call
_CANDIDATES = 16  # of each path; what is likely in sum is among the likeliest of some path


@dataclass(frozen=True)
class Path:
    """A tokenization of typed letters.

    Tokens that make the first of the typed bytes and end inside them; `rest` are the typed bytes still to come.

    `lent` is the part of each token's probability, 0 to 1, that the author's memory put in.
    """

    tokens: tuple[int, ...]
    rest: bytes
    log_probability: float
    lent: tuple[float, ...] = ()


@dataclass(frozen=True)
class Beginning:
    """The beginning of a continuation.

    `data` behind the typed letters, and the likeliest `tokens` that make both.

    `log_probability` is that of `data` over all ways to cut it and the typed letters into tokens, as far as they were
    read. `lent` is as in `Path`.
    """

    data: bytes
    tokens: tuple[int, ...]
    lent: tuple[float, ...]
    log_probability: float


@dataclass(frozen=True)
class _Known:
    """A path that was read: the model's `own` logits behind it, and those with the memory.

    `covering` are the tokens that begin with the typed bytes still to come.
    """

    path: Path
    own: np.ndarray
    logits: np.ndarray
    covering: np.ndarray
    base: float  # added to a logit: the log-probability of the path with that token

    def longer_by(self, token: int, rest: bytes) -> Path:
        own, logit = float(self.own[token]), float(self.logits[token])
        lent = 0.0 if self.own is self.logits else part(own, logit)
        return Path((*self.path.tokens, token), rest, self.base + logit, (*self.path.lent, lent))


class Posterior:
    """The distribution of continuations of typed letters.

    What may follow `typed` bytes; begin with `add` of the path `start`.
    """

    def __init__(self, vocabulary: Vocabulary, token_bytes: Sequence[bytes], typed: bytes) -> None:
        self._vocabulary, self._token_bytes = vocabulary, token_bytes
        self.start = Path((), typed, 0.0)
        self._unread: list[Path] = []  # the likeliest last
        self._known: list[_Known] = []
        self._log_covered = -math.inf

    def add(self, path: Path, own: np.ndarray, logits: np.ndarray) -> None:
        """Read `path`: the logits behind it, the model's `own` and those with what the memory says."""
        covering = self._vocabulary.beginning_with(path.rest)
        known = _Known(path, own, logits, covering, path.log_probability - log_sum(logits))
        self._known.append(known)
        if len(covering):
            self._log_covered = float(np.logaddexp(self._log_covered, known.base + log_sum(logits[covering])))
        if path in self._unread:
            self._unread.remove(path)
        for token in self._vocabulary.inside(path.rest):
            self._unread.append(known.longer_by(token, path.rest[len(self._token_bytes[token]) :]))
        self._unread.sort(key=lambda one: one.log_probability)

    def unread(self) -> Path | None:
        """The likeliest path that is not read; None where all of them together could not change much."""
        if not self._unread:
            return None
        likeliest = self._unread[-1].log_probability
        left = math.fsum(math.exp(one.log_probability - likeliest) for one in self._unread)
        is_little = likeliest + math.log(left) < self._log_covered + math.log(_UNREAD)
        return None if is_little else self._unread[-1]

    def likeliest_unread(self) -> Path | None:
        """What is left to follow where no path that was read covers the typed bytes."""
        return self._unread[-1] if self._unread else None

    def beginnings(self, count: int) -> list[Beginning]:
        """The likeliest `count` ways to go on, likeliest first; none where no path covers the typed bytes."""
        found = {data for known in self._known for data in self._likely(known, max(count, _CANDIDATES))}
        ranked = sorted((self._summed(data) for data in sorted(found)), key=lambda one: -one.log_probability)
        return ranked[:count]

    def _likely(self, known: _Known, count: int) -> list[bytes]:
        tokens, typed = known.covering, len(known.path.rest)
        if len(tokens) > count:
            tokens = tokens[np.argpartition(-known.logits[tokens], count)[:count]]
        return [self._token_bytes[token][typed:] for token in tokens.tolist()]

    def _summed(self, data: bytes) -> Beginning:
        ways = [
            known.longer_by(token, b"")
            for known in self._known
            for token in self._vocabulary.being(known.path.rest + data)
        ]
        likeliest = max(ways, key=lambda way: way.log_probability)
        total = float(np.logaddexp.reduce([way.log_probability for way in ways]))
        return Beginning(data, likeliest.tokens, likeliest.lent, total - self._log_covered)


def log_sum(logits: np.ndarray) -> float:
    """The logarithm of the sum of the exponentials."""
    top = float(logits.max())
    return top + math.log(float(np.exp(logits - top).sum()))
