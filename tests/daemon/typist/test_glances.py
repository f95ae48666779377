"""The time of a writer who looks at suggestions: what each act costs, and for whom it is worth it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shadowpen.daemon.typist.glances import ATTENTIVE, AttentiveTypist, TypingCounts, time_saved, told

TYPED = TypingCounts(characters=1000, keys=1000, shown=0, used=0, exact=0, offered=0, right=0)
HELPED = TypingCounts(characters=1000, keys=700, shown=100, used=60, exact=30, offered=1120, right=560)


def test_without_ghost_text_nothing_is_saved_and_nothing_lost() -> None:
    saved = time_saved(TYPED)
    assert saved is not None and saved.saved_s == 0 and saved.break_even_key_s is None


def test_no_text_has_no_time() -> None:
    assert time_saved(replace(TYPED, characters=0, keys=0)) is None


def test_each_act_costs_what_the_typist_needs_for_it() -> None:
    saved = time_saved(HELPED, AttentiveTypist(key_s=0.1, glance_s=0.2, word_s=0.3, take_s=0.4))
    assert saved is not None
    assert saved.strokes_s == pytest.approx(30)
    # 100 glances; 100 right words, and a wrong one in each of the 70 texts that were not right to the end.
    assert saved.reading_s == pytest.approx(100 * 0.2 + (100 + 70) * 0.3)
    assert saved.taking_s == pytest.approx(60 * 0.3)
    assert saved.saved_s == pytest.approx(30 - 71 - 18)


def test_no_more_is_read_than_was_shown() -> None:
    reader = AttentiveTypist(glance_s=0, word_s=1)
    short = time_saved(replace(HELPED, offered=280, right=0), reader)
    assert short is not None and short.reading_s == pytest.approx(280 / 5.6)


def test_who_needs_the_break_even_time_for_a_key_saves_nothing_and_slower_ones_do() -> None:
    saved = time_saved(HELPED)
    assert saved is not None and saved.break_even_key_s is not None
    at = time_saved(HELPED, replace(ATTENTIVE, key_s=saved.break_even_key_s))
    slower = time_saved(HELPED, replace(ATTENTIVE, key_s=saved.break_even_key_s + 0.1))
    assert at is not None and slower is not None
    assert abs(at.saved_s) < 0.4 and slower.saved_s > 20


def test_the_sentence_says_what_reading_costs_and_for_whom_it_pays() -> None:
    time = {"strokes_s": 40.8, "reading_s": 65.3, "taking_s": 14.0, "break_even_key_s": 0.24}
    sentence = told(time)
    assert "costs 65 s" in sentence and "save 41 s" in sentence and "fewer than 50 words a minute" in sentence
    assert told(None) == ""
