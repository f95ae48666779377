"""The writer's gaps are those of people."""

from __future__ import annotations

from shadowpen.daemon.typist import pace
from shadowpen.daemon.typist.figures import spread


def test_gaps_are_spread_as_those_of_people(diary: str) -> None:
    gaps = spread(1000 * pace.gap_s(diary[:end]) for end in range(1, 14_000))
    assert gaps.p50 is not None and 130 <= gaps.p50 <= 142
    assert gaps.p90 is not None and 365 <= gaps.p90 <= 405


def test_a_place_has_its_gap_whoever_serves(diary: str) -> None:
    assert pace.gap_s(diary[:300]) == pace.gap_s(diary[:300]) != pace.gap_s(diary[:300], seed=1)


def test_people_stop_before_words_and_longer_before_sentences() -> None:
    def typical(end: str) -> float:
        gap = spread(pace.gap_s("x" * before + end) for before in range(400)).p50
        assert gap is not None
        return gap

    assert typical("wor") < typical("word ") < typical("word. ")
