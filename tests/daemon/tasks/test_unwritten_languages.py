"""What the tasks do where the model does not write the language of the text."""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from support.models.scripted_model import ScriptedEngine, make_context

from shadowpen.daemon.base.errors import LanguageUnwritten
from shadowpen.daemon.showing.silence.languages import WrittenLanguages
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.complete import CompleteTask
from shadowpen.daemon.tasks.continuation import ContinueTask
from shadowpen.daemon.tasks.expand import ExpandTask
from shadowpen.daemon.wire.protocol import Complete, Completion, Continue, Expand, Expansion, Reply

GERMAN = "Ich habe gestern mit meiner Schwester über das Wetter gesprochen, und wir sind uns nicht einig. "


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return replace(make_context(tmp_path), languages=WrittenLanguages(frozenset({"en"})))


def last(steps: Iterable[Reply | None]) -> Reply | None:
    return [reply for reply in steps if reply is not None][-1]


def model_calls(context: Context) -> int:
    engine = context.sessions.engine
    assert isinstance(engine, ScriptedEngine)
    return len(engine.calls)


def test_ghost_text_is_silent_without_the_model(context: Context) -> None:
    request = Complete(id="1", document="d", prefix=GERMAN, suffix="", language="markdown")
    answer = last(CompleteTask().steps(request, context, math.inf))
    assert isinstance(answer, Completion)
    assert (answer.suggestions, answer.reason, model_calls(context)) == ([], "unwritten_language", 0)


def test_who_asks_is_told_why(context: Context) -> None:
    asked = Complete(id="1", document="d", prefix=GERMAN, suffix="", language="markdown", explicit=True)
    growing = structs.replace(asked, shown="Heute ")
    for steps in (
        CompleteTask().steps(asked, context, math.inf),
        CompleteTask().steps(growing, context, math.inf),
        ContinueTask().steps(Continue(id="1", document="d", prefix=GERMAN, max_words=20), context, math.inf),
        ExpandTask().steps(Expand(id="1", document="d", notes=GERMAN, free=True), context, math.inf),
    ):
        with pytest.raises(LanguageUnwritten, match="does not write German"):
            last(steps)
    assert model_calls(context) == 0


def test_a_sentence_to_expand_stays_as_it_is(context: Context) -> None:
    answer = last(ExpandTask().steps(Expand(id="1", document="d", notes=GERMAN), context, math.inf))
    assert isinstance(answer, Expansion)
    assert (answer.candidates, model_calls(context)) == ([GERMAN.strip()], 0)
