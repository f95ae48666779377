"""Pack token ids into rows of one length, with attention confined to each document.

A row holds several pieces; `segments` number them (0 is padding), `positions` begin anew with each. `weights` say what
predicting the token at a place counts; the first token of a piece counts nothing. Knows neither text nor torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEQUENCE_TOKENS = 256
_LEAST_WEIGHT = 2.0  # a piece that counts less teaches nothing


@dataclass(frozen=True)
class Packed:
    """Rows of tokens, all arrays [rows, length]."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]
    segments: NDArray[np.int16]
    positions: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def tokens(self) -> int:
        """How many places are not padding."""
        return int((self.segments > 0).sum())

    def without_padding(self) -> Packed:
        """As long as the longest row."""
        used = max(2, int((self.segments > 0).sum(axis=1).max(initial=0)))
        return Packed(self.ids[:, :used], self.weights[:, :used], self.segments[:, :used], self.positions[:, :used])

    def rows(self, chosen: Sequence[int] | NDArray[np.int64]) -> Packed:
        """Only some rows, in the order given."""
        index = np.asarray(chosen, np.int64)
        return Packed(self.ids[index], self.weights[index], self.segments[index], self.positions[index])


def pack(
    documents: Iterable[tuple[Sequence[int], Sequence[float]]], bos_id: int | None = None, length: int = SEQUENCE_TOKENS
) -> Packed:
    """Cut documents (ids, weights) into pieces of at most `length` tokens and lay them into rows, the longest first.

    `bos_id` is put before each piece, as in each window that is served. First fit decreasing: rows are nearly full.
    """
    pieces = [piece for ids, weights in documents for piece in _pieces(ids, weights, bos_id, length)]
    order = sorted(range(len(pieces)), key=lambda place: (-len(pieces[place][0]), place))
    rows: list[list[int]] = []
    room: list[int] = []
    for place in order:
        size = len(pieces[place][0])
        row = next((row for row, left in enumerate(room) if left >= size), len(rows))
        if row == len(rows):
            rows.append([])
            room.append(length)
        rows[row].append(place)
        room[row] -= size
    return _laid_out([[pieces[place] for place in row] for row in rows], length)


def pack_alone(texts: Iterable[tuple[Sequence[int], Sequence[float]]], length: int = SEQUENCE_TOKENS) -> Packed:
    """A row for each text (ids, weights) of at most `length` tokens, in their order, however little of it counts."""
    return _laid_out([[_piece(ids, weights, None, is_beginning=True)] for ids, weights in texts], length)


_Piece = tuple[NDArray[np.int32], NDArray[np.float32]]


def _pieces(ids: Sequence[int], weights: Sequence[float], bos_id: int | None, length: int) -> Iterable[_Piece]:
    room = _room(length, bos_id)
    for start in range(0, len(ids), room):
        here = slice(start, start + room)
        piece = _piece(ids[here], weights[here], bos_id, is_beginning=start == 0)
        if piece[1].sum() >= _LEAST_WEIGHT:
            yield piece


def _room(length: int, bos_id: int | None) -> int:
    return length if bos_id is None else length - 1


def _piece(ids: Sequence[int], weights: Sequence[float], bos_id: int | None, *, is_beginning: bool) -> _Piece:
    """A part of a document; what goes on from tokens that are not in it counts nothing."""
    begin = [] if bos_id is None else [bos_id]
    counts = np.array([*([0.0] * len(begin)), *weights], np.float32)
    counts[0] = 0
    if not is_beginning:
        counts[len(begin)] = 0
    return np.array([*begin, *ids], np.int32), counts


def _laid_out(rows: Sequence[Sequence[_Piece]], length: int) -> Packed:
    shape = (len(rows), length)
    packed = Packed(
        np.zeros(shape, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.int16), np.zeros(shape, np.int32)
    )
    for row, pieces in enumerate(rows):
        start = 0
        for number, (ids, weights) in enumerate(pieces, 1):
            here = slice(start, start + len(ids))
            packed.ids[row, here] = ids
            packed.weights[row, here] = weights
            packed.segments[row, here] = number
            packed.positions[row, here] = np.arange(len(ids))
            start += len(ids)
    return packed


def pack_in_order(
    documents: Iterable[tuple[Sequence[int], Sequence[float]]], bos_id: int | None = None, length: int = SEQUENCE_TOKENS
) -> Packed:
    """Fill rows with documents one after another, as they come: the order of time stays, and only the last row pads.

    What does not fit in a row goes on in the next, which does not see it. `bos_id` is put before each piece.
    """
    rows: list[list[_Piece]] = [[]]
    room = length
    for ids, weights in documents:
        start = 0
        while start < len(ids):
            here = slice(start, start + _room(room, bos_id))
            piece = _piece(ids[here], weights[here], bos_id, is_beginning=start == 0)
            if piece[1].sum() >= _LEAST_WEIGHT:
                rows[-1].append(piece)
                room -= len(piece[0])
            start = here.stop
            if room <= _LEAST_WEIGHT or start < len(ids):
                rows.append([])
                room = length
    return _laid_out([row for row in rows if row], length)


def joined_rows(parts: Sequence[Packed]) -> Packed:
    """The rows of all parts, one after another."""
    return Packed(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("ids", "weights", "segments", "positions")
        )
    )


def attention_allowed(segments: NDArray[np.int16]) -> NDArray[np.bool_]:
    """[rows, 1, length, length]: whether a place may look at another: in its own piece, and not ahead.

    Padding looks at itself, so that no row of the softmax is empty.
    """
    length = segments.shape[1]
    same = segments[:, :, None] == segments[:, None, :]
    allowed = same & np.tril(np.ones((length, length), bool))
    allowed &= (segments > 0)[:, :, None] | np.eye(length, dtype=bool)
    return np.asarray(allowed[:, None])
