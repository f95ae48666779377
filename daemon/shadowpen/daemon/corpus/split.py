"""Split tokenized documents by time into training, validation and test parts.

The newest text judges (held out), the newest of the rest says when to stop (validation), and what remains is
learned. This is the order in which a writer's life goes; a random split would flatter. Knows no files.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shadowpen.daemon.base.errors import TooLittleText
from shadowpen.daemon.corpus.documents import OWN, Document, joined, paragraphs
from shadowpen.daemon.text.tokenizer import Tokenizer

LEAST_TOKENS = 2_000  # of the author's own words for a run; from there on the gate decides
MIN_HELD_OUT_TOKENS = 2_000  # where they are not too large a share
_MOST_HELD_OUT_SHARE = 0.35
MAX_HELD_OUT_TOKENS = 8_000  # more makes the gate slow, not surer
HELD_OUT_SHARE = 0.1
_VALIDATION_SHARE = 0.08
_VALIDATION_TOKENS = (300, 4_000)
_LEAST_OF_ONE = 3_000  # tokens that any document may give
_MAX_SHARE_OF_ONE = 0.25  # of the tokens learned from: one file must not become the author
_FILES_FOR_SHARES = 8
_PLACEHOLDER = re.compile(r"⟦[a-z-]+⟧")

Encode = Callable[[str], tuple[list[int], list[tuple[int, int]]]]  # text → ids, and where each begins and ends


@dataclass(frozen=True)
class TokenizedDocument:
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
    """Three parts of the author's text, each oldest first; `left_out` tokens were beyond the run's size.

    `rehearsed` is what is learned once more: passages that an earlier run learned.
    """

    train: tuple[TokenizedDocument, ...]
    validation: tuple[TokenizedDocument, ...]
    held_out: tuple[TokenizedDocument, ...]
    left_out: int = 0
    rehearsed: tuple[TokenizedDocument, ...] = ()


def tokenised(document: Document, encode: Encode) -> TokenizedDocument:
    """The ids of a document and what each counts; placeholders of secrets and addresses count nothing."""
    ids, offsets = encode(document.text)
    weights = [OWN] * len(ids)
    spans = [(span.start, span.end, span.weight) for span in document.spans]
    spans += [(*match.span(), 0.0) for match in _PLACEHOLDER.finditer(document.text)]
    for start, end, weight in spans:
        for place in _covered(offsets, start, end):
            weights[place] = min(weights[place], weight)
    return TokenizedDocument(document, tuple(ids), tuple(weights))


def encoder(tokenizer: Path, rows: int | None = None) -> Encode:
    """The Encode of a tokenizer.json for an embedding of `rows`; text that spells a special token stays text."""
    return Tokenizer(tokenizer, rows=rows).encode_with_places


def _covered(offsets: Sequence[tuple[int, int]], start: int, end: int) -> Iterable[int]:
    first = bisect_right(offsets, start, key=lambda offset: offset[1])
    last = bisect_left(offsets, end, key=lambda offset: offset[0])
    return range(first, last)


def split(
    documents: Sequence[Document], encode: Encode, max_train_tokens: int, *, in_paragraphs: bool = False
) -> Split:
    """The three parts; TooLittleText, saying how much is missing, when they cannot be filled.

    At most `max_train_tokens`, the newest, are learned from; `in_paragraphs`: whole ones, be it some tokens.
    """
    everything = [tokenised(document, encode) for document in documents]
    total = sum(tokens.own for tokens in everything)
    if total < LEAST_TOKENS:
        raise too_little(total)
    rest, held_out = _newest(everything, held_out_tokens(total), encode)
    low, high = _VALIDATION_TOKENS
    available = sum(tokens.own for tokens in rest)
    rest, validation = _newest(rest, min(high, max(low, int(available * _VALIDATION_SHARE))), encode)
    train, left_out = capped(rest, max_train_tokens, encode, in_paragraphs=in_paragraphs)
    return Split(tuple(train), tuple(validation), tuple(held_out), left_out)


def held_out_tokens(total: int) -> int:
    """How many of `total` own tokens judge, at least."""
    least = min(MIN_HELD_OUT_TOKENS, int(total * _MOST_HELD_OUT_SHARE))
    return min(MAX_HELD_OUT_TOKENS, max(least, int(total * HELD_OUT_SHARE)))


def set_aside_tokens(total: int) -> int:
    """How many of `total` own tokens a run judges and chooses by, and does not learn."""
    held_out = held_out_tokens(total)
    low, high = _VALIDATION_TOKENS
    return held_out + min(high, max(low, int((total - held_out) * _VALIDATION_SHARE)))


def too_little(own_tokens: int) -> TooLittleText:
    """The error for so many own tokens that were not learned yet."""
    return TooLittleText(
        f"There is too little new text of yours to learn from: about {own_tokens:,} of the {LEAST_TOKENS:,} tokens "
        "needed are not learned yet. The newest are held out to judge the result.",
        f"About {max(1, round((LEAST_TOKENS - own_tokens) * 0.75)):,} more words are needed: keep writing, "
        "or name a folder of your texts with `shadowpen learn add DIR`.",
    )


def _newest(
    everything: Sequence[TokenizedDocument], wanted: int, encode: Encode
) -> tuple[list[TokenizedDocument], list[TokenizedDocument]]:
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


def _cut(tokens: TokenizedDocument, wanted: int, encode: Encode) -> tuple[TokenizedDocument | None, TokenizedDocument]:
    """A document in two, the later part with at least `wanted` own tokens."""
    places = paragraphs(tokens.document.text)
    found = 0
    for first in range(len(places) - 1, 0, -1):
        found += tokenised(tokens.document.part(*places[first]), encode).own
        if found >= wanted:
            older, newer = (joined(tokens.document, part) for part in (places[:first], places[first:]))
            return tokenised(older, encode), tokenised(newer, encode)
    return None, tokens


def capped(
    rest: Sequence[TokenizedDocument], max_tokens: int, encode: Encode, *, in_paragraphs: bool
) -> tuple[list[TokenizedDocument], int]:
    """The newest documents that fit, no single one too large a share of them, and how many tokens that leaves out."""
    total = sum(len(tokens.ids) for tokens in rest)
    limit = max_tokens
    if len(rest) >= _FILES_FOR_SHARES:
        limit = max(_LEAST_OF_ONE, int(min(total, max_tokens) * _MAX_SHARE_OF_ONE))
    kept: list[TokenizedDocument] = []
    left = max_tokens
    for tokens in reversed(rest):
        room = min(limit, left)
        if room <= 0:
            break
        if len(tokens.ids) > room:
            _, tokens = _cut(tokens, room, encode)
            if not in_paragraphs:
                tokens = replace(tokens, ids=tokens.ids[-room:], weights=tokens.weights[-room:])
        kept.append(tokens)
        left -= len(tokens.ids)
    return kept[::-1], total - sum(len(tokens.ids) for tokens in kept)
