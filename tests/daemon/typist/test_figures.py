"""Percentiles and ratios."""

from __future__ import annotations

from shadowpen.daemon.typist.figures import Spread, ratio, spread


def test_percentiles_are_values_that_were_measured() -> None:
    assert spread(range(100, 0, -1)) == Spread(51, 91, 100, 100)
    assert spread([7.0]) == Spread(7.0, 7.0, 7.0, 1)


def test_nothing_measured_has_no_percentiles() -> None:
    assert spread([]) == Spread(None, None, None, 0)


def test_a_ratio_needs_both_sides() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(0.0, 2.0) == 0.0
    assert ratio(None, 2.0) is None and ratio(3.0, None) is None and ratio(3.0, 0.0) is None
    assert ratio(0.3, -0.1) is None
