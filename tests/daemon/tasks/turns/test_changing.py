"""daemon/tasks/turns/changing.py: what a turn makes of the paragraphs that a model can tell of the notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.turns.changing import changed
from shadowpen.daemon.tasks.turns.wordings import by_note, shortest
from shadowpen.daemon.text.content_words import content_words, missing
from shadowpen.daemon.wire.protocol import Expand, Expansion, Partial, Turn

NOTES = "- roof leaks\n- asked Anna for two offers\n- meeting Friday"
FIRST = "The roof leaks. I have asked Anna for two offers. The meeting is on Friday."
POOL = (
    FIRST,
    "There is a roof that leaks. I asked Anna for the two offers. There was a meeting on Friday.",
    "The roof leaks. We asked Anna for two offers. Meeting Friday.",
    "A roof leaks. I had also asked Anna for two of the offers. The meeting is on that Friday.",
)


class Model:
    """Tells the same paragraphs whatever the seed, and behind them what more notes there are."""

    def __init__(self, pool: Sequence[str] = POOL) -> None:
        self.pool, self.asked, self.steps = pool, [], 0
        self.asked: list[Expand] = []

    def run(self, request: Expand) -> Iterator[Any]:
        self.asked.append(request)
        more = request.notes.removeprefix(NOTES).replace("\n- ", " The ").strip()
        for _ in range(5):
            self.steps += 1
            yield None
        yield Partial(id=request.id, text="The")
        texts = [f"{text} {more}." if more else text for text in self.pool]
        yield Expansion(id=request.id, candidates=texts, model="m")


def say(*said: str, shown: Sequence[str] = (), model: Model | None = None, **more: Any) -> Expansion:
    """The answer to the last of what was `said`, each of the paragraph that was `shown` then (FIRST)."""
    turns = [Turn(instruction=one, shown=text) for one, text in zip(said, [*shown, *[FIRST] * len(said)], strict=False)]
    request = Expand(id="7", document="d", notes=NOTES, turns=turns, **more)
    *steps, last = changed(request, (model or Model()).run, "m")
    assert isinstance(last, Expansion) and last.id == "7"
    assert all(step is None or isinstance(step, Partial) for step in steps)
    return last


def words(text: str) -> int:
    return len(text.split())


@pytest.mark.parametrize("said", ["shorter", "longer", "another beginning", "another wording", "mention the gutter"])
def test_every_turn_tells_every_note_and_adds_no_content_word(said: str) -> None:
    made = say(said)
    assert made.candidates and FIRST not in made.candidates
    for text, added in zip(made.candidates, made.added, strict=True):
        assert missing(content_words(NOTES), text) == []
        assert content_words(" ".join(text[start:end] for start, end in added)) == []


def test_shorter_takes_the_shortest_wording_of_each_note() -> None:
    made = say("shorter")
    assert made.candidates[0] == "The roof leaks. We asked Anna for two offers. Meeting Friday."
    assert made.tells[0] == [0, 1, 2]


def test_an_article_before_a_date_does_not_make_it_shorter() -> None:
    shown, slip = "The concert is on the 12 June. It is free.", "The concert is a 12 June. Free."
    paragraph, other = (by_note(text, ["concert 12 June", "free"]) for text in (shown, slip))
    assert paragraph is not None and other is not None
    assert shortest(paragraph, [other], ["concert 12 June", "free"]) == ["The concert is on the 12 June. Free."]


def test_longer_takes_the_longest_of_the_likely_ones() -> None:
    text = say("longer").candidates[0]
    assert text == "There is a roof that leaks. I have asked Anna for two offers. There was a meeting on Friday."


def test_another_beginning_leaves_the_rest_as_it_is() -> None:
    made = say("another beginning").candidates
    assert made[0] == FIRST.replace("The roof leaks.", "There is a roof that leaks.")
    again = say("another beginning", "another beginning", shown=[FIRST, made[0]]).candidates
    assert again[0].startswith("A roof leaks.")


def test_another_wording_is_none_that_was_shown() -> None:
    model = Model()
    made = say("another wording", "another wording", shown=[FIRST, POOL[1]], model=model)
    assert not {FIRST, POOL[1]} & set(made.candidates)
    assert model.asked[0].seed == 2 and model.asked[0].turns == []


def test_what_is_mentioned_is_a_note_of_its_own_behind_the_others() -> None:
    made = say("mention the gutter is loose")
    assert made.candidates[0] == f"{FIRST} The the gutter is loose."
    assert made.missing[0] == []
    later = say("mention the gutter is loose", "shorter", shown=[FIRST, made.candidates[0]])
    assert "gutter is loose" in later.candidates[0]


def test_less_formal_needs_no_model_and_lasts() -> None:
    model = Model()
    made = say("less formal", model=model)
    assert made.candidates == [FIRST.replace("I have asked", "I've asked")] and model.asked == []
    longer = say("less formal", "longer", shown=[FIRST, made.candidates[0]])
    assert longer.candidates[0].startswith("There's a roof that leaks.")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("mention Anna", "already"),
        ("mention it", "Nothing to mention"),
        ("more formal", "contracted"),
        ("sing it", "built-in model can"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_costs_no_model(said: str, words: str) -> None:
    model = Model()
    with pytest.raises(RequestInvalid, match=words):
        say(said, model=model)
    assert model.asked == []


@pytest.mark.parametrize("said", ["shorter", "longer", "another beginning", "another wording"])
def test_a_model_that_knows_no_other_words_is_asked_three_times_and_no_more(said: str) -> None:
    model = Model([FIRST])
    with pytest.raises(RequestInvalid):
        say(said, model=model)
    assert len({request.seed for request in model.asked}) == 3


def test_a_free_paragraph_gets_shorter_as_a_whole() -> None:
    model = Model()
    made = say("shorter", model=model, free=True)
    assert made.candidates == [POOL[2]]
    assert model.asked[0].max_words < words(FIRST)


def test_dropped_it_asks_the_model_no_more() -> None:
    model = Model()
    steps = changed(
        Expand(id="1", document="d", notes=NOTES, turns=[Turn(instruction="shorter", shown=FIRST)]), model.run, "m"
    )
    assert next(steps) is None and next(steps) is None
    steps.close()  # type: ignore[attr-defined]
    assert model.steps == 2
