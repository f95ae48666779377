"""daemon/evaluation/writer.py: what a writer saves who takes what is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shadowpen.daemon.base.config import CompletionSettings
from shadowpen.daemon.evaluation.reading import Probed
from shadowpen.daemon.evaluation.writer import AsServed, Chosen, Likely, Tally, likeliest, read, words_right, write
from shadowpen.daemon.showing.candidate import Candidate

TEXT = "We walked home along the river and talked about the winter that was to come."
EVERYTHING = replace(CompletionSettings(), min_probability=0.0)


def sure(text: str, probability: float = 0.9) -> Candidate:
    return Candidate(text, probability, probability, margin=0.9, worth=5.0)


def probed(offers: dict[int, str], start: int = 0, probability: float = 0.9) -> Probed:
    by_place = [(sure(offers[n], probability),) if n in offers else () for n in range(start, len(TEXT))]
    return Probed(TEXT, start, tuple(by_place))


def chosen(offers: dict[int, str]) -> Chosen:
    return Chosen([Likely(place, text, 0.5) for place, text in offers.items()])


def test_who_is_offered_nothing_presses_every_key() -> None:
    assert write(TEXT, 10, chosen({})) == Tally(characters=len(TEXT) - 10, keys=len(TEXT) - 10, asked=len(TEXT) - 11)


def test_a_right_suggestion_costs_one_key() -> None:
    tally = write(TEXT, 0, chosen({2: " walked home along"}))
    assert tally.keys == len(TEXT) - len(" walked home along") + 1
    assert (tally.shown, tally.used, tally.exact) == (1, 1, 1)
    assert tally.offered == tally.right == len(" walked home along")


def test_its_leading_right_words_cost_a_key_each() -> None:
    tally = write(TEXT, 0, chosen({2: " walked home in the rain"}))
    assert tally.keys == len(TEXT) - len(" walked home") + 2
    assert (tally.used, tally.exact, tally.right) == (1, 0, len(" walked home "))


def test_what_is_wrong_costs_no_key_but_is_counted_as_shown() -> None:
    tally = write(TEXT, 0, chosen({2: " slept"}))
    assert (tally.keys, tally.shown, tally.used, tally.right) == (len(TEXT), 1, 0, 1)


def test_a_suggestion_that_is_typed_along_counts_once() -> None:
    wrong_end = " walkers"
    tally = write(TEXT, 0, chosen({2 + n: wrong_end[n:] for n in range(5)}))
    assert (tally.shown, tally.offered, tally.right) == (1, len(wrong_end), len(" walke"))


def test_who_takes_nothing_sees_each_text_once_and_grey_text_behind_each_of_its_keys() -> None:
    right = " walked home along"
    tally = read(TEXT, 0, chosen({2 + n: right[n:] for n in range(10)} | {40: " slept"}))
    assert (tally.keys, tally.shown, tally.grey, tally.used) == (len(TEXT) - 1, 2, 11, 0)


def test_the_judge_is_not_asked_again_while_its_text_is_typed_along() -> None:
    served = AsServed(probed({2: " walked home along", 5: " otters"}), EVERYTHING, 0)
    assert [served.offer(place) for place in (2, 5)] == [" walked home along", "lked home along"]


def test_the_judge_keeps_back_what_is_unlikely() -> None:
    offers = {2: " walked home along"}
    assert write(TEXT, 0, AsServed(probed(offers), CompletionSettings(), 0)).used == 1
    assert write(TEXT, 0, AsServed(probed(offers, probability=0.02), CompletionSettings(), 0)).shown == 0


def test_the_judge_learns_what_is_taken(tmp_path: Path) -> None:
    state = tmp_path / "trigger.json"
    judge = AsServed(probed({2: " walked home along", 30: "r and talked"}), CompletionSettings(), 0, state)
    write(TEXT, 0, judge)
    judge.close()
    assert b'"outcomes": 2' in state.read_bytes()


def test_the_same_seed_gives_the_same() -> None:
    offers = {n: TEXT[n : n + 9].rstrip() for n in range(2, 60, 3)}
    tallies = [write(TEXT, 0, AsServed(probed(offers, probability=0.3), CompletionSettings(), 7)) for _ in range(2)]
    assert tallies[0] == tallies[1]


def test_at_equal_coverage_the_likeliest_are_shown() -> None:
    offers = [() for _ in TEXT]
    for place, probability in ((5, 0.2), (10, 0.8), (20, 0.6), (30, 0.4)):
        offers[place] = (sure(TEXT[place : place + 8], probability),)  # type: ignore[call-overload]
    found = likeliest(Probed(TEXT, 0, tuple(offers)), EVERYTHING, 2 / (len(TEXT) - 1))
    assert [one.place for one in found] == [10, 20]
    assert found[0].probability > found[1].probability
    assert len(likeliest(Probed(TEXT, 0, tuple(offers)), EVERYTHING, 1.0)) == 4


@pytest.mark.parametrize(("count", "right"), [(1, (2, 3)), (2, (1, 2)), (3, (0, 1)), (5, (0, 0))])
def test_words_are_right_from_the_first_on(count: int, right: tuple[int, int]) -> None:
    likely = [Likely(2, " walked home late", 0.5), Likely(5, "lked", 0.5), Likely(14, " by water", 0.5)]
    assert words_right(likely, TEXT, count) == right
