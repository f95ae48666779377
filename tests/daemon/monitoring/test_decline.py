"""A version that is surely taken less often than the one before it is told of; chance is not."""

from __future__ import annotations

import pytest

from shadowpen.daemon.monitoring.decline import why_go_back
from shadowpen.daemon.monitoring.figures import Counts

OLD, NEW = "default@v0001-20260501", "default@v0002-20260502"


@pytest.mark.parametrize(
    ("now", "before", "back"),
    [
        ((60, 300), (120, 300), True),
        ((110, 300), (120, 300), False),  # chance
        ((180, 300), (120, 300), False),  # better
        ((1, 151), (120, 300), False),  # too little to say
        ((60, 300), (90, 150), False),
        ((0, 300), (0, 300), False),
        ((300, 300), (300, 300), False),
    ],
)
def test_only_a_sure_fall_speaks_for_going_back(now: tuple[int, int], before: tuple[int, int], back: bool) -> None:
    found = {name: Counts(taken=taken, shown=shown) for name, (taken, shown) in ((NEW, now), (OLD, before))}

    why = why_go_back(found, NEW, OLD)

    assert bool(why) is back
    if back:
        assert why.startswith(
            "You accepted 20% of 300 suggestions by v0002-20260502, significantly less than the 40% of 300"
        )
