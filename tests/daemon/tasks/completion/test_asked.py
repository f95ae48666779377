"""daemon/tasks/completion/asked.py as CompleteTask uses it: how far the text goes that a writer asks for by a key."""

from __future__ import annotations

import itertools
import math
import time
from pathlib import Path
from typing import Any

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.store import layout
from shadowpen.daemon.serving.model import ServedModel, load
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.complete import CompleteTask
from shadowpen.daemon.tasks.completion.extents import EXTENTS, LEAST_WORDS, MOST_WORDS, ends_with_mark, word_count
from shadowpen.daemon.wire.protocol import Complete, Completion, Extent, Partial

TEXT = (
    "When the tide was low, we walked to the point and back again. Nobody was there but a heron, and it flew off.\n"
    "The sand was cold that day. We ate our bread behind the dunes.\n\n"
    "In the evening it rained, and the lamps were lit before supper. My sister read to us.\n"
)
PREFIX = "When"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, TEXT)


def ask(context: Context, prefix: str = PREFIX, **more: Any) -> tuple[list[str], Completion]:
    """The partial texts, and the answer."""
    request = Complete(id="1", document="d", prefix=prefix, explicit=True, **more)
    replies = [reply for reply in CompleteTask().steps(request, context, math.inf) if reply is not None]
    *partials, answer = replies
    assert isinstance(answer, Completion)
    assert all(isinstance(partial, Partial) and partial.id == "1" for partial in partials)
    return [partial.text for partial in partials if isinstance(partial, Partial)], answer


@pytest.mark.parametrize(
    ("extent", "end"),
    [
        ("word", " the"),
        ("clause", " the tide was low,"),
        ("sentence", " again."),
        ("line", " flew off."),
        ("paragraph", " the dunes."),
    ],
)
def test_it_goes_as_far_as_was_asked_for(context: Context, extent: Extent, end: str) -> None:
    _, answer = ask(context, extent=extent)
    assert answer.suggestions[0].text.endswith(end)
    assert (answer.extent, answer.final) == (extent, True)


def test_step_by_step_what_is_shown_stays_and_goes_on(context: Context) -> None:
    shown, reached = "", []
    for extent in EXTENTS:
        _, answer = ask(context, extent=extent, shown=shown)
        text = answer.suggestions[0].text
        assert text.startswith(shown) and len(text) > len(shown)
        shown = text
        reached.append(answer.extent)
    assert reached == list(EXTENTS)
    assert TEXT.startswith(PREFIX + shown)


def test_an_extent_that_stands_there_already_means_the_next(context: Context) -> None:
    _, answer = ask(context, extent="clause", shown=" the tide was low, we walked to the point and back again.")
    assert answer.extent == "line"
    assert answer.suggestions[0].text.endswith(" flew off.")


def test_it_grows_by_whole_words_from_what_is_shown_to_the_answer(context: Context) -> None:
    shown = " the tide was low,"
    partials, answer = ask(context, extent="sentence", shown=shown)
    assert len(partials) > 4
    texts = [shown, *partials, answer.suggestions[0].text]
    assert all(later.startswith(sooner) for sooner, later in itertools.pairwise(texts))
    assert all(TEXT[len(PREFIX + text)] in " ." for text in partials)


def test_unasked_nothing_is_sent_before_the_answer(context: Context) -> None:
    request = Complete(id="1", document="d", prefix=PREFIX)
    replies = [reply for reply in CompleteTask().steps(request, context, math.inf) if reply is not None]
    assert [type(reply) for reply in replies] == [Completion]


def test_no_more_words_than_the_settings_allow(tmp_path: Path) -> None:
    context = make_context(tmp_path, TEXT, max_words_on_key=6)
    _, answer = ask(context, extent="paragraph")
    assert answer.suggestions[0].text == " the tide was low, we walked"


def test_where_the_line_goes_on_it_stays_on_it(context: Context) -> None:
    _, answer = ask(context, "The sand was cold that day. We", suffix=" and so on.", extent="paragraph")
    assert "\n" not in answer.suggestions[0].text


def test_where_there_is_nothing_to_add_what_is_shown_stays(tmp_path: Path) -> None:
    context = make_context(tmp_path, TEXT, max_words_on_key=4)
    _, answer = ask(context, shown=" the tide was low,", extent="sentence")
    assert [one.text for one in answer.suggestions] == [" the tide was low,"]


def test_it_does_not_run_in_circles(tmp_path: Path) -> None:
    context = make_context(tmp_path, "so and so and so and so and so and so and so and so\n")
    _, answer = ask(context, "so and so and", extent="sentence")
    text = answer.suggestions[0].text if answer.suggestions else ""
    assert " so and so and so" not in text


PLACES = (
    "After the meeting we went back to the office and",
    "I have been thinking about what you said, and I ",
    "The recipe needs two eggs, a cup of flour and so",
    "My grandmother kept her letters in a small wooden",
    "If the train is late again tomorrow, we shou",
    "The function returns a list of names, which",
    "Thank you for your letter. I was very glad to",
    "In the end nobody could say why the project had",
)


@pytest.fixture
def model(home: Path, real_model: Path, monkeypatch: pytest.MonkeyPatch) -> ServedModel:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(real_model))
    return load(layout(), Config())


def answered(model: ServedModel, prefix: str, extent: Extent, shown: str = "") -> list[str]:
    request = Complete(id="1", document=prefix, prefix=prefix, explicit=True, extent=extent, shown=shown)
    (answer,) = [reply for reply in model.steps(request, 0.0) if isinstance(reply, Completion)]
    return [suggestion.text for suggestion in answer.suggestions]


@pytest.mark.real_model
@pytest.mark.timeout(600)
def test_the_real_model_gives_a_clause(model: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the time that it needs: the clock stands still."""
    monkeypatch.setattr(time, "perf_counter", lambda: 0.0)
    good = 0
    for prefix in PLACES:
        best, *others = answered(model, prefix, "clause")
        words = word_count(best)
        good += words >= LEAST_WORDS and (ends_with_mark(best) or words == MOST_WORDS["clause"])
        first_words = [text.split()[0].lower() for text in (best, *others)]
        assert len(set(first_words)) == len(first_words)
    assert good >= 7


@pytest.mark.real_model
@pytest.mark.timeout(600)
def test_the_real_model_goes_on_with_what_is_shown(model: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "perf_counter", lambda: 0.0)
    for prefix in PLACES[:3]:
        shown = ""
        for extent in ("word", "sentence", "line"):
            (text, *_) = answered(model, prefix, extent, shown)
            assert text.startswith(shown) and len(text) > len(shown)
            shown = text
        assert word_count(shown) > LEAST_WORDS
