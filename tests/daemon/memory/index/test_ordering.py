from __future__ import annotations

import random

import numpy as np
import pytest

from shadowpen.daemon.memory.index.codes import DEPTH, Code
from shadowpen.daemon.memory.index.ordering import sorted_places


@pytest.mark.parametrize("vocabulary", [1_000, 200_000])
@pytest.mark.parametrize("different", [1, 2, 9])
def test_places_are_sorted_by_what_follows_them_in_the_text(vocabulary: int, different: int) -> None:
    code, chance = Code.of(vocabulary), random.Random(different)
    ids = [chance.randrange(different) * (vocabulary // 10) for _ in range(400)] + [code.separator] * DEPTH
    text = np.asarray(ids, f"u{code.width}")
    places = np.asarray(sorted(chance.sample(range(1, 400), 300)), np.uint32)

    order = sorted_places(text, places, code).tolist()

    assert order == sorted(places.tolist(), key=lambda place: (ids[place : place + DEPTH], place))
    data = text.astype(code.dtype).tobytes()
    contexts = [data[place * code.width : (place + DEPTH) * code.width] for place in order]
    assert contexts == sorted(contexts)


@pytest.mark.parametrize("vocabulary", [1_000, 200_000])
def test_a_context_is_written_nearest_token_first(vocabulary: int) -> None:
    code = Code.of(vocabulary)
    assert code.context([5, 6, 7])[: 3 * code.width] == b"".join(i.to_bytes(code.width, "big") for i in (7, 6, 5))
    assert code.context(range(100)) == code.context(range(100 - DEPTH, 100))
    assert len(code.context([])) == DEPTH * code.width
