"""A text to learn, as token ids and their weights.

What may not be offered (secrets, their placeholders) is replaced by separators: it lies in no file of the memory and
nothing is ever continued across it. Knows the journal's edits, not where texts are collected from.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

import numpy as np

from shadowpen.daemon.memory.index.codes import CONTEXT, MODEL, OWN, Code
from shadowpen.daemon.privacy.redaction import find
from shadowpen.daemon.storage.journal import Edit

_PLACEHOLDER = re.compile(r"⟦[a-z-]+⟧")
_EDIT = "#edit="
_CONTEXT_CHARACTERS = 200  # of an edit: more than a look-up compares


class TextEncoder(Protocol):
    """The text side of a model (text.tokenizer.Tokenizer is one)."""

    token_bytes: list[bytes]

    def encode_with_places(self, text: str) -> tuple[list[int], list[tuple[int, int]]]: ...


class WeightedSpan(Protocol):
    """Characters `start`..`end` count `weight`: 0 are only context, less than 1 the model's words."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def weight(self) -> float: ...


class Text(Protocol):
    """What may be learned (training.corpus.Document is one). All characters outside `spans` are the author's own.

    `origin` names it, a path or an editor's address; `time` in seconds since 1970.
    """

    @property
    def origin(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def time(self) -> float: ...
    @property
    def spans(self) -> Sequence[WeightedSpan]: ...


@dataclass(frozen=True)
class Learned:
    """A text as arrays of the same length: `ids` in the code's dtype, `kinds` uint8. `digest` tells versions apart."""

    origin: str
    time: float
    digest: str
    ids: np.ndarray
    kinds: np.ndarray


@dataclass(frozen=True)
class Stretch:
    """A stretch of text with its weight."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Taken:
    """A Text: an accepted edit, learned by itself until its document is collected."""

    origin: str
    text: str
    time: float
    spans: tuple[Stretch, ...]


def of_edit(edit: Edit) -> Taken:
    """What stands of an accepted edit, behind what stood before it; up to the first change it is the model's.

    A word that the author began and the model ended is the model's too.
    """
    accepted, final = edit.accepted, edit.final_text
    context = accepted.context[-_CONTEXT_CHARACTERS:]
    inside_word = context[-1:].strip() and final[:1].strip()
    begun = len(context) - len(context.split()[-1]) if inside_word else len(context)
    unchanged = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(accepted.suggested, final, strict=False)))
    spans = (Stretch(0, begun, 0.0), Stretch(begun, len(context) + unchanged, 0.0 if edit.was_bad else 0.3))
    return Taken(f"{accepted.document}{_EDIT}{edit.id}", context + final, accepted.time.timestamp(), spans)


def document_of(origin: str) -> str:
    """The document that an origin stands for: of an edit the one it was made in."""
    return origin.partition(_EDIT)[0]


def digest_of(text: Text) -> str:
    """Two texts with the same digest teach the same."""
    told = hashlib.blake2b(text.text.encode("utf-8", "surrogatepass"), digest_size=16)
    told.update(repr([(span.start, span.end, span.weight) for span in text.spans]).encode())
    return told.hexdigest()


def learned(text: Text, tokens: TextEncoder, code: Code, *, scan: bool) -> Learned:
    """`text` as ids and kinds. `scan` looks for secrets, for texts that nobody redacted before."""
    ids, places = tokens.encode_with_places(text.text)
    encoded = np.asarray(ids, code.dtype)
    kinds = np.full(len(ids), OWN, np.uint8)
    for span in text.spans:
        # A blank belongs to the word behind it.
        covered = _covered(places, span.start, span.start + len(text.text[span.start : span.end].rstrip(" ")))
        kinds[covered] = np.minimum(kinds[covered], MODEL if span.weight > 0 else CONTEXT)
    for start, end in _unspeakable(text.text, scan):
        covered = _covered(places, start, end)
        encoded[covered], kinds[covered] = code.separator, CONTEXT
    return Learned(text.origin, text.time, digest_of(text), encoded, kinds)


def _unspeakable(text: str, scan: bool) -> Iterable[tuple[int, int]]:
    yield from (match.span() for match in _PLACEHOLDER.finditer(text))
    if scan:
        yield from ((finding.start, finding.end) for finding in find(text))


def _covered(places: Sequence[tuple[int, int]], start: int, end: int) -> slice:
    """The tokens with a character in `start`..`end`."""
    first = bisect_right(places, start, key=lambda place: place[1])
    return slice(first, max(first, bisect_left(places, end, key=lambda place: place[0])))
