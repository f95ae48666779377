"""daemon/tasks/completion/alternatives.py as CompleteTask uses it: several texts for a writer who asks by a key."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from support.models.scripted_model import ScriptedEngine, make_context

from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.memory.attribution import AttributedText
from shadowpen.daemon.memory.index.counted import Counted
from shadowpen.daemon.memory.phrases import Phrase, Word
from shadowpen.daemon.memory.recall import NOTHING, Followers, Recall
from shadowpen.daemon.showing.suggestions import Sources
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.complete import CompleteTask
from shadowpen.daemon.tasks.completion.alternatives import begins_alike
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.wire.protocol import Complete, Completion

TEXT = (
    "We went to the sea last summer. We went to the sea again. We went to the hills in May. "
    "We went to the hotel at night. We went to the theatre and laughed.\n"
)
PREFIX = "We went to the"


class UndecidedEngine(ScriptedEngine):
    """As likely as often: after a few known tokens all that followed them in the text shares the probability."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__(tokenizer.encode(TEXT), tokenizer.size, next(iter(tokenizer.eos_ids)))
        (self._letter,) = tokenizer.encode("z")

    def _after(self, ids: list[int]) -> np.ndarray:
        out = np.full(self.vocabulary_size, -20.0, np.float32)
        following: Counter[int] = Counter()
        for length in range(min(3, len(ids)), 0, -1):
            tail = ids[-length:]
            places = [at for at in range(length, len(self._script)) if self._script[at - length : at] == tail]
            following.update(self._script[at] for at in places)
            if following:
                break
        total = sum(following.values())
        out[self._letter] = 0.0 if not following else -20.0  # a word that the text does not have has no end
        for token, count in following.items():
            out[token] = math.log(count / total)
        return out


@pytest.fixture
def context(tmp_path: Path) -> Context:
    plain = make_context(tmp_path, TEXT)
    engine = UndecidedEngine(plain.language.tokenizer)
    return dataclasses.replace(plain, sessions=SessionPool(engine, 1 << 30))


def complete(context: Context, prefix: str = PREFIX, *, explicit: bool = True, suffix: str = "") -> Completion:
    request = Complete(id="1", document="d", prefix=prefix, suffix=suffix, explicit=explicit)
    (reply,) = [r for r in CompleteTask().steps(request, context, math.inf) if isinstance(r, Completion)]
    return reply


def texts(reply: Completion) -> list[str]:
    return [suggestion.text for suggestion in reply.suggestions]


def test_who_asks_gets_up_to_three_that_begin_differently_best_first(context: Context) -> None:
    found = texts(complete(context))
    assert len(found) == 3
    assert found[0].startswith(" sea")
    assert len({text.split()[0] for text in found}) == 3
    assert all(text.split()[0] in ("sea", "hills", "hotel", "theatre") for text in found)


def test_each_goes_on_for_some_words(context: Context) -> None:
    for text in texts(complete(context))[1:]:
        assert len(text.split()) > 1
        assert PREFIX + text.partition(".")[0] in TEXT


def test_the_word_begun_is_finished_in_several_ways(context: Context) -> None:
    found = texts(complete(context, PREFIX + " h"))
    assert sorted(text.split()[0] for text in found) == ["ills", "otel"]


def test_unasked_there_is_one_and_nothing_more_is_computed(context: Context) -> None:
    engine = context.sessions.engine
    reply = complete(context, explicit=False)
    unasked = sum(engine.calls)  # type: ignore[attr-defined]
    assert len(reply.suggestions) <= 1
    fresh = dataclasses.replace(context, sessions=SessionPool(engine, 1 << 30))
    engine.calls.clear()  # type: ignore[attr-defined]
    complete(fresh)
    assert sum(engine.calls) > unasked  # type: ignore[attr-defined]


def test_what_the_filters_forbid_is_no_alternative(context: Context) -> None:
    assert not any("hills" in text for text in texts(complete(context, suffix=" hills in May")))


def test_without_time_there_is_the_best_alone(context: Context) -> None:
    request = Complete(id="1", document="d", prefix=PREFIX, explicit=True, deadline_ms=5)
    replies = [r for r in CompleteTask().steps(request, context, time.perf_counter()) if isinstance(r, Completion)]
    assert [len(reply.suggestions) <= 1 for reply in replies] == [True]


def test_accepting_the_best_reads_nothing_again(context: Context) -> None:
    best = texts(complete(context))[0]
    calls = context.sessions.engine.calls  # type: ignore[attr-defined]
    known = len(calls)
    complete(context, PREFIX + best, explicit=False)
    assert all(tokens == 1 for tokens in calls[known:])


class Remembered:
    def __init__(self) -> None:
        self.offers: list[Phrase | AttributedText] = []

    @property
    def in_use(self) -> Self:
        return self

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> Phrase | None:
        return Phrase((Word(b" theatre of my youth", 0.95),), (), 3, 1, ())

    def sources(self, remembered: Phrase | AttributedText) -> Sources:
        self.offers.append(remembered)
        return list

    def look_up(self, ids: Sequence[int]) -> Recall:
        return NOTHING


def test_what_the_author_wrote_before_comes_first_and_the_model_adds_others(context: Context) -> None:
    memory = Remembered()
    reply = complete(dataclasses.replace(context, memory=memory))
    assert texts(reply)[0] == " theatre of my youth"
    assert [suggestion.remembered for suggestion in reply.suggestions] == [1.0, 0.0, 0.0]
    assert not any(text.startswith(" theatre") for text in texts(reply)[1:])
    assert len(memory.offers) == 1
    offered = context.judge.suggestion("1")
    assert offered is not None and offered.sources is list


class Leaning(Remembered):
    """It knows no phrase, but that "sea" followed before."""

    def __init__(self, token: int) -> None:
        super().__init__()
        self._token = token

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> Phrase | None:
        return None

    def look_up(self, ids: Sequence[int]) -> Recall:
        return Recall((Followers(1, Counted.of({self._token: 9.0})),))


def test_how_much_of_a_text_the_memory_spoke_for_is_said(context: Context) -> None:
    assert complete(context).suggestions[0].remembered == 0.0
    tokens = context.language.tokenizer.encode(TEXT)
    after = len(context.language.tokenizer.encode(PREFIX))
    leaning = Leaning(tokens[after])
    found = complete(dataclasses.replace(context, memory=leaning)).suggestions[0]
    assert found.text.startswith(" sea")
    assert 0.0 < found.remembered < 1.0


@pytest.mark.parametrize(
    ("text", "other", "alike"),
    [(" the end", " The, end", True), (" a", " and", False), ("“So", " so", True), ("。", "！", False)],
)
def test_texts_begin_alike_with_the_same_first_word(text: str, other: str, alike: bool) -> None:
    assert begins_alike(text, other) is alike
