"""daemon/tasks/completion/fitting.py: how well a text fits the words behind the cursor."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.complete import CompleteTask
from shadowpen.daemon.tasks.completion.fitting import Gap, fitted, words_ahead
from shadowpen.daemon.wire.protocol import Complete, Completion


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, min_probability=0.3)


def gap(context: Context, head: str, stub: str, suffix: str) -> Gap:
    tokenizer = context.language.tokenizer
    session = context.sessions.get("d")
    return Gap(session, tokenizer, tokenizer.encode(head), stub, words_ahead(suffix))


def asked(asking: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(asking)
        except StopIteration as end:
            return end.value


def lift(gap: Gap, text: str) -> float:
    return float(asked(fitted(gap, Candidate(text, 0.5, 0.5), 0.25)).lift)


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [(" the lazy dog.", " the lazy"), ("\nnext line", ""), ("", ""), ('" and', '" and'), ("word", "word"), ("  ", "")],
)
def test_only_the_first_words_on_the_line_are_looked_at(suffix: str, expected: str) -> None:
    assert words_ahead(suffix) == expected


def test_what_leads_to_the_words_behind_makes_them_likelier(context: Context) -> None:
    assert lift(gap(context, "The quick brown fox", "", " over the lazy"), " jumps") > 1
    assert lift(gap(context, "The quick brown", " fo", " over the lazy"), "x jumps") > 1


def test_what_stands_in_their_way_makes_them_less_likely(context: Context) -> None:
    assert lift(gap(context, "The quick brown fox jumps", "", " over the lazy"), " under") < -1


def test_words_put_right_before_others_are_kept_apart(context: Context) -> None:
    assert lift(gap(context, "The quick brown fox", " ", "over the lazy"), "jumps") > 1


def test_what_leads_away_from_the_words_behind_is_cut_to_its_first_word(context: Context) -> None:
    place = gap(context, "The quick brown", "", " over the lazy")
    away = asked(fitted(place, Candidate(" fox sleeps under the oak", 0.4, 0.9), 0.25))
    assert (away.text, away.probability) == (" fox", 0.9)
    there = asked(fitted(place, Candidate(" fox jumps", 0.4, 0.9), 0.25))
    assert there.text == " fox jumps" and there.worth > away.worth


def test_the_answer_in_the_middle_of_a_line_comes_by_the_deadline_all_the_same(context: Context) -> None:
    request = Complete(id="1", document="d", prefix="The quick brown fox", suffix=" under the old oak tree.")
    for deadline_s in (0.0, math.inf):
        replies = [one for one in CompleteTask().steps(request, context, deadline_s) if isinstance(one, Completion)]
        assert len(replies) == 1
