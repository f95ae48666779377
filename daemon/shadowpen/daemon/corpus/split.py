"""Tokens of documents, and which are learned from, which stop the learning, and which judge it: by time.

The newest text judges (held out), the newest of the rest says when to stop (validation), and what remains is
learned. This is the order in which a writer's life goes; a random split would flatter. Knows no files.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tokenizers import Tokenizer

from shadowpen.daemon.base.errors import TooLittleText
from shadowpen.daemon.corpus.documents import OWN, Document, joined, paragraphs

MIN_HELD_OUT_TOKENS = 2_000
MIN_TRAIN_TOKENS = 3_000  # with those that validate
MAX_HELD_OUT_TOKENS = 8_000  # more makes the gate slow, not surer
HELD_OUT_SHARE = 0.1
_VALIDATION_SHARE = 0.08
_VALIDATION_TOKENS = (300, 4_000)
_MAX_SHARE_OF_ONE = 0.25  # of the tokens learned from: one file must not become the author
_FILES_FOR_SHARES = 8
_PLACEHOLDER = re.compile(r"⟦[a-z-]+⟧")

Encode = Callable[[str], tuple[list[int], list[tuple[int, int]]]]  # text → ids, and where each begins and ends


@dataclass(frozen=True)
class Tokens:
    """A document as ids, each with its weight in the loss: the smallest of the characters it covers."""

    document: Document
    ids: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def own(self) -> int:
        """How many tokens are the author's own words."""
        return sum(weight == OWN for weight in self.weights)


@dataclass(frozen=True)
class Split:
    """Three parts of the author's text, each oldest first; `left_out` tokens were beyond the run's size."""

    train: tuple[Tokens, ...]
    validation: tuple[Tokens, ...]
    held_out: tuple[Tokens, ...]
    left_out: int = 0


def tokenised(document: Document, encode: Encode) -> Tokens:
    """The ids of a document and what each counts; placeholders of secrets and addresses count nothing."""
    ids, offsets = encode(document.text)
    weights = [OWN] * len(ids)
    spans = [(span.start, span.end, span.weight) for span in document.spans]
    spans += [(*match.span(), 0.0) for match in _PLACEHOLDER.finditer(document.text)]
    for start, end, weight in spans:
        for place in _covered(offsets, start, end):
            weights[place] = min(weights[place], weight)
    return Tokens(document, tuple(ids), tuple(weights))


def encoder(tokenizer: Path) -> Encode:
    """The Encode of a tokenizer.json; text that spells a special token stays text."""
    loaded = Tokenizer.from_file(str(tokenizer))
    loaded.encode_special_tokens = True

    def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
        encoding = loaded.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets

    return encode


def _covered(offsets: Sequence[tuple[int, int]], start: int, end: int) -> Iterable[int]:
    first = bisect_right(offsets, start, key=lambda offset: offset[1])
    last = bisect_left(offsets, end, key=lambda offset: offset[0])
    return range(first, last)


def split(documents: Sequence[Document], encode: Encode, max_train_tokens: int) -> Split:
    """The three parts; TooLittleText, saying how much is missing, when they cannot be filled.

    At most `max_train_tokens`, the newest, are learned from.
    """
    everything = [tokenised(document, encode) for document in documents]
    total = sum(tokens.own for tokens in everything)
    if total < MIN_HELD_OUT_TOKENS + MIN_TRAIN_TOKENS:
        raise too_little(total)
    wanted = min(MAX_HELD_OUT_TOKENS, max(MIN_HELD_OUT_TOKENS, int(total * HELD_OUT_SHARE)))
    rest, held_out = _newest(everything, wanted, encode)
    low, high = _VALIDATION_TOKENS
    available = sum(tokens.own for tokens in rest)
    rest, validation = _newest(rest, min(high, max(low, int(available * _VALIDATION_SHARE))), encode)
    train, left_out = _capped(rest, max_train_tokens, encode)
    return Split(tuple(train), tuple(validation), tuple(held_out), left_out)


def too_little(own_tokens: int) -> TooLittleText:
    """The error for so many own tokens."""
    needed = MIN_HELD_OUT_TOKENS + MIN_TRAIN_TOKENS
    return TooLittleText(
        f"There is too little of your own text to learn from: about {own_tokens:,} of the {needed:,} tokens needed, "
        f"{MIN_HELD_OUT_TOKENS:,} of which, the newest, are kept to judge by.",
        f"About {max(1, round((needed - own_tokens) * 0.75)):,} more words: write on, "
        "or name a folder of your texts with `shadowpen learn add DIR`.",
    )


def _newest(everything: Sequence[Tokens], wanted: int, encode: Encode) -> tuple[list[Tokens], list[Tokens]]:
    """(the rest, the newest documents with at least `wanted` own tokens); a long document is cut at a paragraph."""
    rest, newest = list(everything), []
    missing = wanted
    while rest and missing > 0:
        tokens = rest.pop()
        if tokens.own > 1.5 * missing:
            older, newer = _cut(tokens, missing, encode)
            if older is not None:
                rest.append(older)
                tokens = newer
        newest.append(tokens)
        missing -= tokens.own
    return rest, newest[::-1]


def _cut(tokens: Tokens, wanted: int, encode: Encode) -> tuple[Tokens | None, Tokens]:
    """A document in two, the later part with at least `wanted` own tokens."""
    places = paragraphs(tokens.document.text)
    found = 0
    for first in range(len(places) - 1, 0, -1):
        found += tokenised(tokens.document.part(*places[first]), encode).own
        if found >= wanted:
            older, newer = (joined(tokens.document, part) for part in (places[:first], places[first:]))
            return tokenised(older, encode), tokenised(newer, encode)
    return None, tokens


def _capped(rest: Sequence[Tokens], max_tokens: int, encode: Encode) -> tuple[list[Tokens], int]:
    """The newest documents that fit, no single one too large a share of them, and how many tokens that leaves out."""
    total = sum(len(tokens.ids) for tokens in rest)
    limit = max_tokens
    if len(rest) >= _FILES_FOR_SHARES:
        limit = max(MIN_TRAIN_TOKENS, int(min(total, max_tokens) * _MAX_SHARE_OF_ONE))
    kept: list[Tokens] = []
    left = max_tokens
    for tokens in reversed(rest):
        room = min(limit, left)
        if room <= 0:
            break
        if len(tokens.ids) > room:
            _, tokens = _cut(tokens, room, encode)
            tokens = replace(tokens, ids=tokens.ids[-room:], weights=tokens.weights[-room:])
        kept.append(tokens)
        left -= len(tokens.ids)
    return kept[::-1], total - sum(len(tokens.ids) for tokens in kept)
