"""Phrases that followed the last words in the user's text, with probabilities and without a model.

Starts where the longest run of the last tokens stood before, and the bytes of the unfinished word follow; goes on as
most of those places do. On text seen before such look-ups are ahead of neural models (Chat-Ghosting, arXiv 2507.05940).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from shadowpen.daemon.memory.index.codes import KIND_WEIGHTS, MODEL
from shadowpen.daemon.memory.index.taken import possible
from shadowpen.daemon.memory.recall import Index, Matches

_MOST_PLACES = 64
_LEAST_PROBABILITY = 0.02
_MOST_TOKENS_OF_A_WORD = 12
_NAMED_ORIGINS = 8
_TOKENS_BACK = 32
_LONG_ORDER = 12  # tokens; so long a run is no turn of phrase, the author writes the same text again


@dataclass(frozen=True)
class Word:
    """A word that may come next.

    All new `data` up to the end of a word, and the probability that all of it is right.
    """

    data: bytes
    probability: float


@dataclass(frozen=True)
class Origin:
    """A place that a phrase was found at: that of its first token in an index."""

    index: Index
    place: int


@dataclass(frozen=True)
class Phrase:
    """A phrase that may come next.

    The likeliest words, shortest text first; `order` tokens of context stood at `support` places, as at `origins`.

    `ids` are the tokens of all words, the unfinished one from its beginning: a draft for the model.
    """

    words: tuple[Word, ...]
    ids: tuple[int, ...]
    order: int
    support: int
    origins: tuple[Origin, ...]

    @property
    def share(self) -> float:
        """As `attribution.AttributedText.share`: no model said any of it."""
        return 1.0


@dataclass(frozen=True)
class Evidence:
    """What the memory knows of the next word.

    For the next word: `support` places after `order` tokens, `share` of them agree, `different` tokens follow.

    `begun` says that letters of it are typed already, `length` is that of the rest of it in bytes, `again` that it goes
    on a phrase which the author once took and has begun to type.
    """

    order: int
    support: int
    share: float
    different: int
    begun: bool
    length: int
    again: bool = False


@dataclass
class _PhraseReader:
    """Reads a phrase from an index.

    Reads on from `begin`; `ahead` are the bytes of the next token (or what the unfinished word left of it).

    `tokens` were read, the next one stands at `place` and has that kind.
    """

    index: Index
    begin: int
    place: int
    tokens: int
    ahead: bytes
    kind: int


def find(found: Sequence[Matches], stub: bytes, token_bytes: Sequence[bytes], max_words: int) -> Phrase | None:
    """The phrase after the longest of the matches that goes on with `stub`; None where none does."""
    tried: list[tuple[int, int]] = []
    for order in range(max((len(match.spans) for match in found), default=0), 0, -1):
        spans = [match.spans[order - 1] for match in found if len(match.spans) >= order]
        if spans == tried:
            continue  # the same places as with a token more
        readers = list(_readers(found, order, stub, token_bytes))
        if readers:
            return _phrase(readers, order, bool(stub.strip()), token_bytes, max_words)
        tried = spans
    return None


def find_taken(
    indexes: Iterable[Index], ids: Sequence[int], stub: bytes, token_bytes: Sequence[bytes], max_words: int
) -> Phrase | None:
    """The rest of a phrase that the author took once and has begun again; the newest, where several begin so."""
    before = b"".join(token_bytes[token] for token in ids[-_TOKENS_BACK:] if 0 <= token < len(token_bytes))
    for words, typed in possible(before + stub):
        places = [(index, place) for index in indexes for place in index.begun(words)[:_MOST_PLACES]]
        behind = (_behind(index, place, typed, len(stub), token_bytes) for index, place in places)
        readers = [reader for reader in behind if reader is not None and reader.kind == MODEL]
        if readers:
            return _phrase(readers, len(typed.split()), bool(stub.strip()), token_bytes, max_words, again=True)
    return None


def _behind(index: Index, place: int, typed: bytes, stub: int, token_bytes: Sequence[bytes]) -> _PhraseReader | None:
    """A reader behind `typed`, its last `stub` bytes the unfinished word, in the phrase that begins at a place."""
    token, kind = index.token(place)
    if kind != MODEL:
        return None  # forgotten
    first = token_bytes[token]
    typed = first[: len(first) - len(first.lstrip())] + typed
    head = _past_stub(index, place, typed[: len(typed) - stub], token_bytes)
    return _past_stub(index, head.place, typed[len(typed) - stub :], token_bytes) if head is not None else None


def _readers(
    found: Sequence[Matches], order: int, stub: bytes, token_bytes: Sequence[bytes]
) -> Iterator[_PhraseReader]:
    """Those places of one order where the text goes on with `stub`."""
    for match in found:
        if len(match.spans) >= order:
            for place in match.index.places(match.spans[order - 1], _MOST_PLACES):
                reader = _past_stub(match.index, place, stub, token_bytes)
                if reader is not None:
                    yield reader


def _past_stub(index: Index, begin: int, stub: bytes, token_bytes: Sequence[bytes]) -> _PhraseReader | None:
    reader = _at(index, begin, begin, 0, token_bytes)
    while reader.ahead and stub.startswith(reader.ahead):
        stub = stub[len(reader.ahead) :]
        reader = _moved(reader, token_bytes)
    if not reader.ahead or not reader.ahead.startswith(stub):
        return None
    reader.ahead = reader.ahead[len(stub) :]
    return reader


def _at(index: Index, begin: int, place: int, tokens: int, token_bytes: Sequence[bytes]) -> _PhraseReader:
    """A reader at a place; nothing lies ahead of it where the text, or what counts of it, ends."""
    token, kind = index.token(place)
    return _PhraseReader(index, begin, place, tokens, token_bytes[token] if KIND_WEIGHTS[kind] else b"", kind)


def _moved(reader: _PhraseReader, token_bytes: Sequence[bytes]) -> _PhraseReader:
    place = reader.index.onward(reader.place, 1)
    return _at(reader.index, reader.begin, place, reader.tokens + 1, token_bytes)


def _phrase(
    readers: list[_PhraseReader],
    order: int,
    begun: bool,
    token_bytes: Sequence[bytes],
    max_words: int,
    *,
    again: bool = False,
) -> Phrase | None:
    """Word after word as most of the readers have it, until it is hardly likely any more."""
    matched, support = order, len(readers)
    data, probability = b"", 1.0
    words: list[Word] = []
    agreeing = readers
    while readers and len(words) < max_words:
        evidence, word, ahead = _next_word(readers, order, begun, token_bytes)
        evidence = replace(evidence, again=again and readers[0].kind == MODEL)
        probability *= probability_of(evidence)
        if not word.strip() or b"\n" in word or probability < _LEAST_PROBABILITY:
            break
        data += word
        words.append(Word(data, probability))
        order, begun, agreeing = order + ahead[0].tokens - readers[0].tokens, False, ahead
        readers = [reader for reader in ahead if reader.ahead]
    if not words:
        return None
    origins = tuple(Origin(reader.index, reader.begin) for reader in agreeing[:_NAMED_ORIGINS])
    return Phrase(tuple(words), _ids(agreeing[0]), matched, support, origins)


def _next_word(
    readers: list[_PhraseReader], order: int, begun: bool, token_bytes: Sequence[bytes]
) -> tuple[Evidence, bytes, list[_PhraseReader]]:
    """The rest of the word that most readers have, what speaks for it, and those readers, moved on behind it."""
    agreeing, word = readers, b""
    for _ in range(_MOST_TOKENS_OF_A_WORD):
        piece = _most_have(agreeing)
        if not piece or (word.strip() and piece[:1].isspace()):
            break
        word += piece
        agreeing = [_moved(reader, token_bytes) for reader in agreeing if reader.ahead == piece]
    evidence = Evidence(
        order=order,
        support=len(readers),
        share=len(agreeing) / len(readers),
        different=len({reader.ahead for reader in readers}),
        begun=begun,
        length=len(word),
    )
    return evidence, word, agreeing


def _most_have(readers: list[_PhraseReader]) -> bytes:
    votes: dict[bytes, float] = {}
    for reader in readers:
        votes[reader.ahead] = votes.get(reader.ahead, 0.0) + KIND_WEIGHTS[reader.kind]
    return max(votes, key=votes.__getitem__)


def _ids(reader: _PhraseReader) -> tuple[int, ...]:
    return tuple(reader.index.token(reader.index.onward(reader.begin, step))[0] for step in range(reader.tokens))


def probability_of(evidence: Evidence) -> float:
    """How often such evidence was right.

    Fitted on 51,000 words of later texts of nine authors, each with their earlier texts as the memory. Only `again` was
    set by hand: a phrase taken once shall be offered whole after its first two words.
    """
    score = (
        -3.68
        + 0.2 * min(evidence.order, _LONG_ORDER)
        + 0.48 * math.log2(evidence.support)
        + 4.48 * evidence.share
        - 0.11 * math.log2(evidence.different)
        - 0.96 * (evidence.support == 1)
        - 0.84 * (not evidence.begun)
        - 0.24 * min(evidence.length, 10)
        + 2.24 * (evidence.order >= _LONG_ORDER)
        + 4.5 * evidence.again
    )
    return 1 / (1 + math.exp(-score))
