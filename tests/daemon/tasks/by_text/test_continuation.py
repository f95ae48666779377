"""daemon/tasks/by_text/continuation.py"""

from __future__ import annotations

import pytest
from support.models.text_engine import OPEN, ScriptedEngine, last, partials

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.tasks.by_text.continuation import ContinueByText
from shadowpen.daemon.wire.protocol import Continue

from .conftest import ContextOf

NEVER = float("inf")


def request(prefix: str = "It rained.", max_words: int = 20) -> Continue:
    return Continue(id="1", document="d", prefix=prefix, max_words=max_words)


def test_a_chat_goes_on_with_the_paragraph(context_of: ContextOf) -> None:
    context = context_of("We stayed", " at home. ", "The sea was grey.")
    assert partials(ContinueByText().steps(request(), context, NEVER)) == [
        " We", " We stayed at home.", " We stayed at home. The sea was"
    ]  # fmt: skip
    reply = last(ContinueByText().steps(request(), context, NEVER))
    assert (reply.text, reply.model) == (" We stayed at home. The sea was grey.", "scripted")
    assert context.engine.asked[0].prompt[1].content == "Text:\nIt rained."


def test_a_base_model_is_given_the_text_itself(context_of: ContextOf) -> None:
    context = context_of(" We stayed.", kind="base")
    assert last(ContinueByText().steps(request("It rained. "), context, NEVER)).text == "We stayed."
    assert context.engine.asked[0].prompt == "It rained."


def test_it_ends_with_a_sentence_within_its_words_and_the_engine_is_told(context_of: ContextOf) -> None:
    engine = ScriptedEngine(lambda request: ["One two three. ", *["and so on "] * 50, OPEN])
    reply = last(ContinueByText().steps(request(max_words=10), context_of(engine=engine), NEVER))
    assert reply.text == " One two three."
    assert engine.given_up == 1


def test_it_ends_with_the_paragraph(context_of: ContextOf) -> None:
    context = context_of("We stayed.\n\n", "Another paragraph.")
    assert last(ContinueByText().steps(request(), context, NEVER)).text == " We stayed."


def test_a_failure_is_told_and_remembered_until_it_answers_again(context_of: ContextOf) -> None:
    answers = [["Half a", ServerFailed("It broke off.", "Try again.")], ["We stayed."]]
    context = context_of(engine=ScriptedEngine(lambda request: answers[0]))
    with pytest.raises(ServerFailed):
        last(ContinueByText().steps(request(), context, NEVER))
    assert context.health.failure is not None
    answers.pop(0)
    assert last(ContinueByText().steps(request(), context, NEVER)).text == " We stayed."
    assert context.health.failure is None
