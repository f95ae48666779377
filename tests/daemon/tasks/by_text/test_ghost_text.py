"""daemon/tasks/by_text/ghost_text.py"""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from support.models.text_engine import OPEN, ScriptedEngine, last, partials, replies, token

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.text_engine import Await
from shadowpen.daemon.tasks import base
from shadowpen.daemon.tasks.by_text.base import TextContext
from shadowpen.daemon.tasks.by_text.ghost_text import CompleteByText
from shadowpen.daemon.wire.protocol import Complete

from .conftest import ContextOf

SURE = (token(" harbour", 0.9), token(" was", 0.9), token(" calm", 0.9))
UNSURE = (token(" harbour", 0.05), token(" was", 0.05))


def request(prefix: str = "We came to the ", **more: object) -> Complete:
    return Complete(id="1", document="d", prefix=prefix, **more)  # type: ignore[arg-type]


def soon() -> float:
    return time.perf_counter() + 20.0


def shown(context: TextContext, prefix: str, **more: object) -> str:
    reply = last(CompleteByText().steps(request(prefix, **more), context, soon()))
    return reply.suggestions[0].text if reply.suggestions else ""


def test_what_is_probable_is_shown(context_of: ContextOf) -> None:
    context = context_of(*SURE)
    assert shown(context, "We came to the ") == "harbour was calm"
    (asked,) = context.engine.asked
    assert asked.prompt == "We came to the" and asked.probabilities


def test_what_is_not_is_not(context_of: ContextOf) -> None:
    assert shown(context_of(*UNSURE), "We came to the ") == ""


def test_letters_that_are_typed_along_ask_nobody(context_of: ContextOf) -> None:
    context = context_of(*SURE)
    texts = [shown(context, prefix) for prefix in ("We came to the ", "We came to the h", "We came to the harbour")]
    assert texts == ["harbour was calm", "arbour was calm", " was calm"]
    assert len(context.engine.asked) == 1


def test_a_word_that_is_begun_is_asked_for_from_its_beginning(context_of: ContextOf) -> None:
    context = context_of(*SURE)
    assert shown(context, "We came to the ha") == "rbour was calm"
    assert context.engine.asked[0].prompt == "We came to the"


def test_at_the_deadline_it_answers_with_what_there_is_and_reads_on(
    context_of: ContextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(base, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    context = context_of(engine=ScriptedEngine(lambda request: [*SURE[:2], OPEN]))
    steps = CompleteByText().steps(request(), context, 1.0)
    waits = next(steps)
    assert isinstance(waits, Await) and waits.until_s == 1.0
    now[0] = 1.0
    answer = next(steps)
    assert answer.suggestions[0].text == "harbour"  # whether its second word has ended is not known yet
    context.engine.streams[0].put(SURE[2])
    context.engine.streams[0].finish()
    assert replies(steps) == []
    now[0] = 0.0
    later = CompleteByText().steps(request("We came to the harbour"), context, 1.0)
    assert last(later).suggestions[0].text == " was calm"
    assert len(context.engine.asked) == 1


def test_a_server_that_is_always_late_is_asked_without_probabilities(context_of: ContextOf) -> None:
    context = context_of(engine=ScriptedEngine(lambda request: [OPEN]))
    for number in range(9):
        steps = CompleteByText().steps(request(f"Text {number} x"), context, time.perf_counter())
        answer = next(step for step in steps if not isinstance(step, Await))
        assert answer.suggestions == []
        steps.close()
    assert [asked.probabilities for asked in context.engine.asked] == [True] * 8 + [False]
    assert context.health.late == 9 and context.engine.given_up == 9


def test_a_failure_is_silence_and_a_rest(context_of: ContextOf) -> None:
    context = context_of(ServerFailed("It is away.", "Start it."))
    for prefix in ("We came to the", "They saw the"):
        assert last(CompleteByText().steps(request(prefix), context, soon())).reason == "server_failed"
    assert len(context.engine.asked) == 1


def test_who_asks_by_a_key_is_told_of_it(context_of: ContextOf) -> None:
    context = context_of(ServerFailed("It is away.", "Start it."))
    with pytest.raises(ServerFailed):
        last(CompleteByText().steps(request(explicit=True), context, soon()))


def test_who_asks_by_a_key_gets_as_much_as_asked_for(context_of: ContextOf) -> None:
    context = context_of(" harbour in", " the evening. Then", " we slept.")
    steps = CompleteByText().steps(request(explicit=True, extent="sentence"), context, soon())
    assert last(steps).suggestions[0].text == "harbour in the evening."
    assert partials(CompleteByText().steps(request(explicit=True, extent="sentence"), context, soon())) == ["harbour"]


def test_what_is_shown_already_is_gone_on_with(context_of: ContextOf) -> None:
    context = context_of(" in the evening. Then")
    asked = request(explicit=True, extent="sentence", shown="harbour")
    assert last(CompleteByText().steps(asked, context, soon())).suggestions[0].text == "harbour in the evening."
    assert context.engine.asked[0].prompt == "We came to the harbour"


def test_an_empty_document_asks_nobody(context_of: ContextOf) -> None:
    context = context_of(*SURE)
    assert shown(context, "  ") == ""
    assert context.engine.asked == []


def test_the_prompt_is_bounded_and_its_beginning_stands_still(context_of: ContextOf) -> None:
    context = context_of(*UNSURE)
    context = replace(context, settings=replace(context.settings, context_tokens=64))
    texts = [context.window("word " * 1000 + "and " * count) for count in range(3)]
    assert all(len(text) <= 256 for text in texts) or len({text[:50] for text in texts}) == 1
