"""The bound of a gain is where it should be, and knows that neighbours are not independent."""

from __future__ import annotations

import numpy as np
import pytest

from shadowpen.daemon.learning.bootstrap import paired_gain


def test_the_bound_agrees_with_the_normal_one_for_independent_tokens() -> None:
    random = np.random.default_rng(1)
    before = random.normal(3.0, 1.0, 4_000)
    after = before - random.normal(0.1, 0.5, 4_000)

    gain = paired_gain(before, after, np.arange(4_000))

    assert gain.mean == pytest.approx((before - after).mean())
    assert gain.lower_bound == pytest.approx(gain.mean - 1.2816 * 0.5 / np.sqrt(4_000), abs=0.001)


def test_no_gain_is_promoted_about_as_often_as_promised() -> None:
    random = np.random.default_rng(2)
    found = [
        paired_gain(differences := random.normal(0, 1, 200), np.zeros_like(differences), np.arange(200)).lower_bound > 0
        for _ in range(300)
    ]

    assert 0.06 <= np.mean(found) <= 0.15


def test_tokens_of_one_stretch_count_as_one_draw() -> None:
    random = np.random.default_rng(3)
    by_stretch = np.repeat(random.normal(0.05, 0.5, 50), 80)
    stretches = np.repeat(np.arange(50), 80)

    together = paired_gain(by_stretch, np.zeros(4_000), stretches)
    apart = paired_gain(by_stretch, np.zeros(4_000), np.arange(4_000))

    assert together.mean == pytest.approx(apart.mean)
    assert together.lower_bound < apart.lower_bound - 0.03


def test_it_is_deterministic_and_modest_about_too_little() -> None:
    values = np.linspace(0, 1, 100)
    assert paired_gain(values, values / 2, np.arange(100)) == paired_gain(values, values / 2, np.arange(100))
    assert paired_gain([2.0, 2.0], [1.0, 1.0], [0, 0]).lower_bound == float("-inf")
    assert paired_gain([], [], []).lower_bound == float("-inf")
