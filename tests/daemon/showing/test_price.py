"""daemon/showing/judge.py: what a text must bring so that it is worth a glance."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.showing.habits import Habits
from shadowpen.daemon.showing.judge import gained, is_too_short, price

SETTINGS = CompletionSettings(min_gain=3, min_gain_in_word=4, glance_price=0.5)


@pytest.mark.parametrize(
    ("text", "prefix", "probability", "expected"),
    [
        (" to", "x", 0.9, True),
        (" the", "x", 0.5, False),
        ("ing", "think", 0.35, True),
        ("ing", "think", 0.9, False),
        ("ng", "thinki", 0.99, True),
        ("tion", "na", 0.35, False),
        ("你好", "他说", 0.5, False),
        ("好", "他说", 0.5, True),
    ],
)
def test_few_characters_are_not_worth_a_glance(text: str, prefix: str, probability: float, expected: bool) -> None:
    assert is_too_short(text, CursorPlace(prefix, ""), probability, SETTINGS) is expected


def test_a_character_of_a_script_without_blanks_counts_twice() -> None:
    assert (gained(" word "), gained("你好吗")) == (4, 6)


@pytest.mark.parametrize(
    ("text", "prefix"), [(" the", "x"), ("he", "x t"), (" und", "x"), (" que", "x"), (" with,", "x")]
)
def test_a_single_function_word_costs_more(text: str, prefix: str) -> None:
    place = CursorPlace(prefix, "")
    assert price(text, place, Habits(), SETTINGS) > price(" harbour", place, Habits(), SETTINGS) == 0.5
    assert price(f"{text} harbour", place, Habits(), SETTINGS) == 0.5


def test_nothing_costs_anything_where_glances_are_free() -> None:
    free = CompletionSettings(glance_price=0.0)
    passed_over = Habits(was_passed_over=True, quiet_keys=1)
    assert price(" the", CursorPlace("x", ""), passed_over, free) == 0.0


def test_a_text_in_place_of_one_that_was_just_passed_over_costs_more() -> None:
    habits, place = Habits(), CursorPlace("x", "")
    habits.shows()
    habits.key(1.0)
    assert price(" harbour", place, habits, SETTINGS) > 0.5
    for second in range(10):
        habits.key(2.0 + second)
    assert price(" harbour", place, habits, SETTINGS) == 0.5


def test_what_was_taken_makes_the_next_one_no_dearer() -> None:
    habits = Habits()
    habits.shows()
    habits.fared(taken=True)
    assert price(" harbour", CursorPlace("x", ""), habits, SETTINGS) == 0.5
