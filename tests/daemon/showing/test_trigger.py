"""daemon/showing/trigger.py: a prior that outcomes move, and its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shadowpen.daemon.showing.candidate import Candidate, CursorPlace
from shadowpen.daemon.showing.habits import Habits
from shadowpen.daemon.showing.trigger import NAMES, WEIGHTS, Trigger, features


def numbers(first_word: float = 0.6, prefix: str = "It was the best of ", text: str = "times") -> tuple[float, ...]:
    return features(Candidate(text, first_word, first_word), CursorPlace(prefix, ""), Habits())


def test_every_feature_has_its_prior() -> None:
    assert set(WEIGHTS) == set(NAMES)
    assert len(numbers()) == len(NAMES)


def test_at_first_it_believes_the_model_and_doubts_at_the_beginning_of_a_line() -> None:
    trigger = Trigger()
    likely, unlikely = trigger.probability(numbers(0.9)), trigger.probability(numbers(0.2))
    assert unlikely < 0.5 < likely
    assert trigger.probability(numbers(0.6, "One line.\n")) < trigger.probability(numbers(0.6))


def test_outcomes_move_it_towards_them() -> None:
    trigger = Trigger()
    before = trigger.probability(numbers())
    for _ in range(100):
        trigger.learn(numbers(), taken=False)
    refused = trigger.probability(numbers())
    assert refused < before - 0.1
    for _ in range(300):
        trigger.learn(numbers(), taken=True)
    assert trigger.probability(numbers()) > refused + 0.2


def test_it_learns_what_kind_of_text_is_taken() -> None:
    trigger = Trigger()
    short, long = numbers(text="of"), numbers(text=" of the people, by the people")
    for _ in range(300):
        trigger.learn(short, taken=False)
        trigger.learn(long, taken=True)
    assert trigger.probability(long) > trigger.probability(short) + 0.2


def test_whoever_never_takes_anything_still_gets_what_is_sure() -> None:
    trigger = Trigger()
    for _ in range(5000):
        trigger.learn(numbers(0.5), taken=False)
    assert trigger.probability(numbers(0.5)) < 0.33
    assert trigger.probability(numbers(0.995)) > 0.5


def test_what_was_learned_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "trigger.json"
    trigger = Trigger(path)
    for _ in range(50):
        trigger.learn(numbers(), taken=False)
    trigger.save()
    again = Trigger(path)
    assert again.probability(numbers()) == trigger.probability(numbers())
    assert again.outcomes == 50
    assert path.stat().st_mode & 0o077 == 0
    assert set(json.loads(path.read_text("utf-8"))) == {"format", "weights", "precisions", "outcomes"}


def test_without_an_outcome_no_file_is_written(tmp_path: Path) -> None:
    Trigger(tmp_path / "trigger.json").save()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 2}', '{"weights": 1, "precisions": {}, "outcomes": 3}', "\udcff", "NaN"],
)
def test_a_file_that_cannot_be_used_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "trigger.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert Trigger(path).probability(numbers()) == Trigger().probability(numbers())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x", None])
def test_numbers_that_are_none_are_not_used(tmp_path: Path, value: object) -> None:
    path = tmp_path / "trigger.json"
    state = {"format": 1, "weights": dict.fromkeys(NAMES, value), "precisions": dict.fromkeys(NAMES, 40), "outcomes": 1}
    path.write_text(json.dumps(state), "utf-8")
    assert Trigger(path).probability(numbers()) == Trigger().probability(numbers())


def test_a_file_from_elsewhere_cannot_silence_it(tmp_path: Path) -> None:
    path = tmp_path / "trigger.json"
    state = {"format": 1, "weights": dict.fromkeys(NAMES, -1e9), "precisions": dict.fromkeys(NAMES, 40), "outcomes": 1}
    path.write_text(json.dumps(state), "utf-8")
    assert Trigger(path).probability(numbers(0.95)) > 0.05
