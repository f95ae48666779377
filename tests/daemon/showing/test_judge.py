"""daemon/showing/judge.py: from a candidate to what is shown, and from outcomes to what is learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.judge import Judge, Verdict
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.protocol import Attend, Complete, Completion, Outcome, OutcomeKind, Suggestion

SETTINGS = CompletionSettings(min_probability=0.33)


class Desk:
    """A judge, and requests with running ids."""

    def __init__(self, path: Path | None = None) -> None:
        self.judge = Judge(path)
        self.asked = 0

    def ask(
        self,
        text: str = " brown fox",
        probability: float = 0.9,
        prefix: str = "The quick",
        worth: float = 1.0,
        settings: CompletionSettings = SETTINGS,
        **more: Any,
    ) -> Verdict:
        self.asked += 1
        request = Complete(id=str(self.asked), document="file:///a.md", prefix=prefix, **more)
        candidate = Candidate(text, probability, probability, worth=worth)
        verdict = self.judge.weigh(request, candidate, settings)
        found = [Suggestion(text=verdict.text)] if verdict.text else []
        self.judge.answered(
            request,
            Completion(id=request.id, suggestions=found, reason=verdict.reason, probability=verdict.probability),
        )
        return verdict

    def came(self, kind: OutcomeKind, of: str | None = None, characters: int = 0) -> None:
        self.judge.learn(Outcome(id="o", of=of or str(self.asked), kind=kind, characters=characters))

    @property
    def outcomes(self) -> dict[str, int]:
        return self.judge.report().outcomes


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_is_likely_is_shown_and_what_is_not_says_why(desk: Desk) -> None:
    assert desk.ask().text == " brown fox"
    unsure = desk.ask(probability=0.05)
    assert (unsure.text, unsure.reason) == ("", "unsure")
    assert unsure.probability < 0.33
    assert desk.ask(worth=-0.1).reason == "not_worth_reading"
    assert desk.ask(text=" ...........").reason == "junk"
    assert desk.judge.report().silences == {"unsure": 1, "not_worth_reading": 1, "junk": 1}


def test_why_something_was_offered_is_known_by_the_request_and_by_its_alternatives(desk: Desk) -> None:
    desk.ask()
    known = desk.judge.suggestion("1")
    assert known is not None and known is desk.judge.suggestion("1.2")
    assert known.decision is not None
    assert (known.decision.reason, known.decision.characters) == ("offered", len(" brown fox"))
    assert desk.judge.suggestion("never") is None


def test_an_alternative_passes_the_same_filters_and_leaves_what_was_offered(desk: Desk) -> None:
    request = Complete(id="1", document="file:///a.md", prefix="The quick", suffix=" brown fox jumps", explicit=True)
    assert desk.judge.weigh(request, Candidate(" red fox", 0.5, 0.5), SETTINGS).text == " red fox"
    assert desk.judge.filtered(request, " brown fox jumps", SETTINGS) == ""
    assert desk.judge.filtered(request, " lazy dog", SETTINGS) == " lazy dog"
    desk.came("dismissed", "1")
    assert not desk.ask(" red fox").text
    assert desk.ask(" lazy dog").text


def test_the_threshold_is_the_writers(desk: Desk) -> None:
    assert desk.ask(probability=0.6, settings=CompletionSettings(min_probability=0.2)).text
    assert not desk.ask(probability=0.6, settings=CompletionSettings(min_probability=0.9)).text
    assert not desk.ask(probability=0.9999, settings=CompletionSettings(min_probability=1.0)).text


def test_code_needs_better_odds(desk: Desk) -> None:
    assert desk.ask(probability=0.4, language="markdown").text
    assert not desk.ask(probability=0.4, language="python").text
    assert not desk.ask(probability=0.4, language="markdown", prefix="Call `foo and the quick").text


def test_whoever_asks_is_spared_the_doubts_but_not_the_rules(desk: Desk) -> None:
    assert desk.ask(probability=0.02, worth=-1, explicit=True).text
    assert desk.ask(text=" AKIAIOSFODNN7EXAMPLE", explicit=True).reason == "secret"


def test_who_begins_a_word_before_another_is_told_from_who_mends_one(desk: Desk) -> None:
    def reason(prefix: str, suffix: str) -> str:
        request = Complete(id="1", document="d", prefix=prefix, suffix=suffix)
        return desk.judge.why_silent(request, SETTINGS)

    assert reason("The b", "cat sat") == "inside_word"
    assert reason("The ", "cat sat") == ""
    assert reason("The bi", "cat sat") == ""
    assert reason("The big", "cat sat") == ""
    assert reason("The big cat s", "at") == "inside_word"


def test_a_gap_asks_for_more_certainty_and_a_passage_of_its_own_does_not(desk: Desk) -> None:
    suffix = " and then the rest of the line"
    assert desk.ask(probability=0.4).text
    assert desk.ask(probability=0.4, suffix=suffix).reason == "unsure"
    for _ in range(50):
        desk.judge.why_silent(Complete(id="k", document="file:///a.md", prefix="The quick", suffix=suffix), SETTINGS)
    assert desk.ask(probability=0.4, suffix=suffix).text


def test_profanity_is_the_writers_choice(desk: Desk) -> None:
    assert desk.ask(text=" shit happens").reason == "profane"
    assert desk.ask(text=" shit happens", settings=CompletionSettings(profanity=True)).text


def test_what_was_dismissed_does_not_come_again_there(desk: Desk) -> None:
    desk.ask()
    desk.came("shown")
    desk.came("dismissed")
    assert desk.ask().reason == "dismissed"
    assert desk.ask(text="wn fox", prefix="The quick bro").reason == "dismissed"
    assert desk.ask(prefix="A quick").text
    assert desk.ask(explicit=True).text


def test_a_pause_and_the_manual_mode_silence_it_but_not_for_who_asks() -> None:
    attention = Attention()
    judge = Judge(None, attention)

    def reason(**more: Any) -> str:
        return judge.why_silent(Complete(id="1", document="d", prefix="The quick", **more), SETTINGS)

    attention.change(Attend(id="1", pause="on"))
    assert (reason(), reason(explicit=True)) == ("paused", "")
    attention.change(Attend(id="2", pause=0, manual=True))
    assert (reason(), reason(explicit=True)) == ("manual_only", "")
    attention.change(Attend(id="3", manual=False))
    assert reason() == ""


@pytest.mark.parametrize("kind", ["dismissed", "typed_over", "left"])
def test_a_dozen_in_vain_make_it_back_off_until_it_is_asked(desk: Desk, kind: OutcomeKind) -> None:
    def reason(**more: Any) -> str:
        return desk.judge.why_silent(Complete(id="w", document="file:///a.md", prefix="And", **more), SETTINGS)

    for number in range(12):
        assert reason() == ""
        assert desk.ask(prefix=f"Say {number}", probability=0.999).text
        desk.came("shown")
        desk.came(kind)
    assert reason() == "backing_off"
    assert reason(explicit=True) == ""
    assert reason() == ""


@pytest.mark.parametrize("kind", ["taken", "typed_out"])
def test_what_was_right_now_and_then_keeps_it_going(desk: Desk, kind: OutcomeKind) -> None:
    for number in range(60):
        request = Complete(id="w", document="file:///a.md", prefix="And")
        assert desk.judge.why_silent(request, SETTINGS) == ""
        desk.ask(prefix=f"Say {number}", probability=0.999)
        desk.came("shown")
        desk.came("typed_over" if number % 12 else kind, characters=3)


def test_each_outcome_is_counted_and_a_suggestion_is_taken_once(desk: Desk) -> None:
    desk.ask()
    desk.came("shown")
    desk.came("taken", characters=6)
    desk.came("taken", characters=10)
    desk.ask()
    desk.came("shown")
    desk.came("typed_over")
    assert desk.outcomes == {"shown": 2, "pieces_taken": 2, "characters_taken": 10, "taken": 1, "typed_over": 1}
    assert desk.judge.report().learned_outcomes == 2
    assert [decision.outcome for decision in desk.judge.log(2)] == ["taken", "typed_over"]


@pytest.mark.parametrize("kind", ["shown", "typed_over", "dismissed", "typed_out", "left", "taken"])
def test_an_outcome_that_is_told_twice_counts_once(desk: Desk, kind: OutcomeKind) -> None:
    desk.ask()
    desk.came(kind, characters=6)
    once = desk.judge.report()
    desk.came(kind, characters=6)
    desk.came(kind, of="1.2", characters=6)
    assert desk.judge.report() == once
    assert sum(once.outcomes.values()) == (1 + 1 + 6 if kind == "taken" else 1)


def test_it_learns_from_what_was_taken_and_typed_over_and_from_nothing_else(desk: Desk) -> None:
    before = desk.ask(probability=0.5).probability
    for kind in ("shown", "typed_out"):
        for _ in range(50):
            desk.ask(probability=0.5)
            desk.came(kind)  # type: ignore[arg-type]
    desk.ask(probability=0.5, explicit=True)
    desk.came("typed_over")
    assert desk.judge.report().learned_outcomes == 0
    for _ in range(50):
        desk.ask(probability=0.5)
        desk.came("typed_over")
    assert desk.ask(probability=0.5).probability < before - 0.1


def test_an_alternative_is_known_by_its_answer(desk: Desk) -> None:
    desk.ask()
    desk.came("taken", of="1.2", characters=3)
    assert desk.outcomes["taken"] == 1


def test_what_nobody_remembers_is_counted_only(desk: Desk) -> None:
    desk.came("taken", of="unknown", characters=4)
    desk.came("typed_over", of="unknown")
    assert desk.outcomes == {"pieces_taken": 1, "characters_taken": 4, "typed_over": 1}
    assert desk.judge.report().learned_outcomes == 0


def test_nothing_that_is_kept_holds_text(tmp_path: Path) -> None:
    path = tmp_path / "trigger.json"
    desk = Desk(path)
    for _ in range(20):
        desk.ask(text=" brown fox", prefix="The quick")
        desk.came("shown")
        desk.came("dismissed" if desk.asked == 1 else "taken", characters=3)
    desk.judge.close()
    kept = (
        path.read_text("utf-8")
        + msgspec.json.encode(desk.judge.report()).decode()
        + msgspec.json.encode(desk.judge.log(100)).decode()
    )
    for word in ("brown", "quick", "file:///", "a.md"):
        assert word not in kept
    assert Desk(path).judge.report().learned_outcomes > 0
