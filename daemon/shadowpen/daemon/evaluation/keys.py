"""Keys that two versions save on the same text: a short replay by the simulated writer, for the gate.

Short pieces of text, spread over all of it, are typed with the one and with the other: what is shown is what the
judge shows, with the user's settings and without the memory, which both would have. Ends early when it has had its
share of processor time; the pieces that were typed with both count.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.corpus.documents import OWN, Document
from shadowpen.daemon.evaluation.completers import AsServed
from shadowpen.daemon.evaluation.reading import Recorder, Visited
from shadowpen.daemon.learning.gate import Keys
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage.versions import Served
from shadowpen.daemon.typist.keystrokes import Tally, write

PIECES = 16
PIECE_CHARACTERS = 140
MOST_CPU_S = 60.0
_CONTEXT_CHARACTERS = 800
_LEAST_CONTEXT = 60  # characters that stand there before typing begins
_TRIED_PLACES = 4  # for each piece: not all text is the author's own

Told = Callable[[int, int], None]  # pieces typed, of how many


@dataclass(frozen=True)
class TypedPiece:
    """Of `text` the characters from `start` on are typed."""

    text: str
    start: int


def pieces(documents: Sequence[Document], count: int = PIECES, characters: int = PIECE_CHARACTERS) -> list[TypedPiece]:
    """At most `count` pieces of the author's own text, spread evenly, in an order that has no time in it."""
    length = _LEAST_CONTEXT + characters
    long_enough = [document for document in documents if len(document.text) > length]
    room = sum(len(document.text) - length for document in long_enough)
    places = min(count, room // characters + len(long_enough)) * _TRIED_PLACES
    found: list[TypedPiece] = []
    taken_until = [0] * len(long_enough)
    for number in range(places):
        chosen, at = _place(long_enough, (2 * number + 1) * room // (2 * places), length)
        document = long_enough[chosen]
        begin = _word_start(document.text, at + _LEAST_CONTEXT)
        if begin >= taken_until[chosen] and _is_own(document, begin, begin + characters):
            taken_until[chosen] = begin + characters
            first = max(0, begin - _CONTEXT_CHARACTERS)
            found.append(TypedPiece(document.text[first : begin + characters], begin - first))
    random.Random(0).shuffle(found)
    return found[:count]


def replay(
    versions: tuple[Served, Served],
    documents: Sequence[Document],
    settings: Config,
    told: Told = lambda *_: None,
    most_cpu_s: float = MOST_CPU_S,
) -> Keys:
    """Type pieces of `documents` with both versions, the first of which is in use; within `most_cpu_s`, or a bit more.

    Raises what loading a model raises.
    """
    wanted = pieces(documents)
    until_s = time.process_time() + most_cpu_s
    recorders = Recorder(), Recorder()
    models = [model.of(one, settings, recorder) for one, recorder in zip(versions, recorders, strict=True)]
    pressed: list[tuple[int, int]] = []
    try:
        for number, piece in enumerate(wanted, 1):
            if time.process_time() > until_s:
                break
            first, second = (_typed(*pair, piece, settings) for pair in zip(models, recorders, strict=True))
            pressed.append((first.keys, second.keys))
            told(number, len(wanted))
    finally:
        for one in models:
            one.close()
    return Keys(
        characters=tuple(len(piece.text) - piece.start for piece in wanted[: len(pressed)]),
        served=tuple(first for first, _ in pressed),
        candidate=tuple(second for _, second in pressed),
    )


def typed(
    served: model.ServedModel,
    recorder: Recorder,
    documents: Sequence[Document],
    settings: Config,
    count: int = PIECES,
    told: Told = lambda *_: None,
) -> list[Tally]:
    """The counts of `count` such pieces, typed with a model whose judge is `recorder`, however long that takes."""
    wanted = pieces(documents, count)
    found = []
    for number, piece in enumerate(wanted, 1):
        found.append(_typed(served, recorder, piece, settings))
        told(number, len(wanted))
    return found


def _typed(served: model.ServedModel, recorder: Recorder, piece: TypedPiece, settings: Config) -> Tally:
    visited = Visited(served, recorder, piece.text, piece.start)
    try:
        return write(piece.text, piece.start, AsServed(visited, settings.completion, seed=0))
    finally:
        visited.close()


def _place(documents: Sequence[Document], offset: int, length: int) -> tuple[int, int]:
    """The document, by number, and the place in it that lie so far into all; behind it there is room for `length`."""
    for number, document in enumerate(documents):
        room = len(document.text) - length
        if offset < room:
            return number, offset
        offset -= room
    raise ValueError("the place lies behind all documents")


def _word_start(text: str, place: int) -> int:
    """Behind the last blank before `place`, if one is near."""
    found = next((at for at in range(place, max(0, place - 40), -1) if text[at - 1].isspace()), math.inf)
    return int(found) if found < math.inf else place


def _is_own(document: Document, start: int, end: int) -> bool:
    return not any(span.start < end and span.end > start and span.weight < OWN for span in document.spans)
