"""daemon/evaluation/completers.py: what is shown, and what the judge learns of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.evaluation.completers import AsServed, Likely, likeliest, words_right
from shadowpen.daemon.evaluation.reading import Probed
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.typist.keystrokes import write

TEXT = "We walked home along the river and talked about the winter that was to come."
EVERYTHING = replace(CompletionSettings(), min_probability=0.0)


def sure(text: str, probability: float = 0.9) -> Candidate:
    return Candidate(text, probability, probability, margin=0.9, worth=5.0)


def probed(offers: dict[int, str], start: int = 0, probability: float = 0.9) -> Probed:
    by_place = [(sure(offers[n], probability),) if n in offers else () for n in range(start, len(TEXT))]
    return Probed(TEXT, start, tuple(by_place))


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
