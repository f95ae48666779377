"""daemon/evaluation/bootstrap.py: how sure a difference is."""

from __future__ import annotations

import pytest

from shadowpen.daemon.evaluation.bootstrap import paired_ratio


def test_a_steady_gain_is_sure_and_a_chance_one_is_not() -> None:
    steady = [(12.0 + n % 2, 10.0, 100.0) for n in range(20)]
    sure = paired_ratio([steady])
    assert sure.mean == pytest.approx(0.025) and sure.low is not None and 0 < sure.low < sure.mean < (sure.high or 0)
    chance = paired_ratio([[(10.0 + (5 if n % 2 else -5), 10.0, 100.0) for n in range(20)]])
    assert chance.low is not None and chance.high is not None and chance.low < 0 < chance.high


def test_long_texts_count_by_their_length_and_authors_the_same() -> None:
    one_author = [(10.0, 0.0, 100.0), (0.0, 0.0, 300.0)]
    assert paired_ratio([one_author]).mean == pytest.approx(0.025)
    assert paired_ratio([one_author[:1], one_author[1:]]).mean == pytest.approx(0.05)


def test_the_seed_makes_it_repeatable() -> None:
    rows = [(float(n), 3.0, 50.0) for n in range(9)]
    assert paired_ratio([rows], seed=1) == paired_ratio([rows], seed=1) != paired_ratio([rows], seed=2)


def test_one_text_alone_says_nothing_of_chance() -> None:
    alone = paired_ratio([[(5.0, 4.0, 10.0)]])
    assert (alone.mean, alone.low, alone.high) == (0.1, None, None)
    with pytest.raises(ValueError, match="nothing"):
        paired_ratio([[]])
