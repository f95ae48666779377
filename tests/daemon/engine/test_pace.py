"""daemon/engine/pace.py: what fits before a deadline is learned, not assumed."""

from __future__ import annotations

import pytest

from shadowpen.daemon.engine.pace import Pace


def test_it_becomes_what_was_seen() -> None:
    pace = Pace()
    for _ in range(50):
        pace.took(32, 0.32)
    assert pace.token_s == pytest.approx(0.01, rel=0.01)


def test_one_slow_call_does_not_change_much() -> None:
    pace = Pace()
    for _ in range(50):
        pace.took(32, 0.032)
    pace.took(32, 0.32)
    assert pace.token_s < 0.003


def test_writing_single_tokens_says_nothing_of_reading() -> None:
    pace = Pace()
    before = pace.token_s
    pace.took(1, 5.0)
    assert pace.token_s == before


def test_a_step_is_short_on_a_slow_machine_and_learns_from_short_steps() -> None:
    pace = Pace()
    assert pace.step_tokens == 32
    for _ in range(50):
        pace.took(32, 0.32)
    assert pace.step_tokens == 7
    for _ in range(50):
        pace.took(pace.step_tokens, pace.step_tokens / 1000)
    assert pace.step_tokens == 32
