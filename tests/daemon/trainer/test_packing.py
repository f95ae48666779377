"""Rows hold every token once, and no piece can see another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from shadowpen.daemon.trainer.packing import Packed, attention_allowed, pack, pack_in_order


def _documents(*sizes: int) -> list[tuple[list[int], list[float]]]:
    return [([100 * number + place for place in range(size)], [1.0] * size) for number, size in enumerate(sizes, 1)]


def test_every_token_is_there_once_and_the_first_of_a_piece_counts_nothing() -> None:
    documents = _documents(10, 25, 7, 16, 3)

    packed = pack(documents, length=16)

    found = sorted(packed.ids[packed.segments > 0].tolist())
    assert found == sorted(id for ids, _ in documents for id in ids)
    assert packed.tokens == 61
    assert len(packed) == 4  # 61 tokens need no fewer rows of 16
    starts = (packed.positions == 0) & (packed.segments > 0)
    assert starts.sum() == 6  # the document of 25 is in two pieces
    assert not packed.weights[starts].any()
    assert (packed.weights[(packed.segments > 0) & ~starts] == 1).all()
    assert not packed.weights[packed.segments == 0].any()


@pytest.mark.parametrize("how", [pack, pack_in_order])
def test_the_beginning_of_text_stands_before_each_piece(how: Callable[..., Packed]) -> None:
    packed = how(_documents(5, 44), bos_id=7, length=16)

    for row in range(len(packed)):
        for segment in range(1, packed.segments[row].max() + 1):
            piece = packed.segments[row] == segment
            assert packed.ids[row, piece][0] == 7, "a model that wants it is never served without"
            assert packed.weights[row, piece][0] == 0
    assert (packed.ids[packed.segments > 0] != 7).sum() == 49, "and nothing of the text is lost for it"


def test_what_counts_nothing_is_not_packed() -> None:
    context_only = ([1, 2, 3, 4], [0.0, 0.0, 0.0, 0.3])

    assert len(pack([context_only], length=16)) == 0
    assert len(pack([], length=16)) == 0
    mixed = pack([([1, 2, 3, 4, 5], [0.0, 0.0, 1.0, 1.0, 0.3])], length=16)
    assert mixed.weights[0, :5].tolist() == [0.0, 0.0, 1.0, 1.0, np.float32(0.3)]


def test_a_piece_sees_only_itself_and_only_what_came_before() -> None:
    packed = pack(_documents(5, 6, 9), length=12)

    allowed = attention_allowed(packed.segments)

    assert allowed.shape == (len(packed), 1, 12, 12)
    for row in range(len(packed)):
        for place in range(12):
            seen = np.flatnonzero(allowed[row, 0, place])
            segment = packed.segments[row, place]
            if segment:
                expected = [q for q in range(place + 1) if packed.segments[row, q] == segment]
                assert seen.tolist() == expected
            else:
                assert seen.tolist() == [place]


def test_rows_are_chosen_in_order() -> None:
    packed = pack(_documents(16, 16, 16), length=16)

    assert packed.rows([2, 0]).ids[:, 0].tolist() == [packed.ids[2, 0], packed.ids[0, 0]]


def test_in_order_rows_are_filled_one_after_another() -> None:
    documents = [(list(range(start, start + size)), [1.0] * size) for start, size in ((100, 20), (200, 50), (300, 30))]

    packed = pack_in_order(documents, 7, length=32)

    flat = packed.ids[packed.segments > 0].tolist()
    assert [token for token in flat if token != 7] == [token for ids, _ in documents for token in ids]
    assert len(packed) == 4
    assert (packed.segments[:3] > 0).all()
    assert packed.weights[packed.ids == 7].sum() == 0
    first = packed.segments[0].tolist()
    assert first == [1] * 21 + [2] * 11
    assert packed.positions[0].tolist() == [*range(21), *range(11)]
    assert len(pack_in_order([], length=32)) == 0
