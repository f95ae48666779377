"""daemon/engine/openai/answers.py: nothing that a server says is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shadowpen.daemon.engine.openai import answers
from shadowpen.daemon.engine.openai.answers import NotAnAnswer, ServerError


def part(choice: Any) -> answers.AnswerPart:
    return answers.document(json.dumps({"choices": [choice]}).encode())


def test_lines_that_are_no_events_say_nothing() -> None:
    assert [answers.event(line) for line in (b"", b": comment", b"event: x", b"id: 1")] == [None] * 4
    assert answers.event(b"data: [DONE]") == answers.DONE


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'"x"', b"[" * 100_000, b'{"choices": {}}', b"\xff"])
def test_what_is_no_answer(content: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        answers.document(content)


def test_an_answer_in_the_place_of_which_an_error_stands() -> None:
    for error in ({"message": "no\n memory "}, "no memory"):
        with pytest.raises(ServerError, match=r"\Ano memory\Z"):
            answers.document(json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"text": None},
        {"text": 3},
        {"delta": {}},
        {"delta": None},
        {"delta": {"content": None}},
        {"index": 1, "text": "x"},
        7,
    ],
)
def test_parts_without_text_are_empty(choice: Any) -> None:
    assert part(choice).piece.text == ""


def test_characters_that_no_text_has_are_taken_away() -> None:
    assert part({"text": "a\x1b[31m\x00b\r\nc\ud800"}).piece.text == "a[31mb\nc"


@pytest.mark.parametrize("number", [float("nan"), 0.5, float("inf"), "0", None, True])
def test_probabilities_that_cannot_be_are_none(number: Any) -> None:
    told = {"tokens": ["a"], "token_logprobs": [number], "top_logprobs": None}
    assert part({"text": "a", "logprobs": told}).piece.tokens == ()


def test_tokens_that_do_not_spell_the_text_are_none() -> None:
    told = {"tokens": ["a", "b"], "token_logprobs": [-1, -1]}
    assert part({"text": "ax", "logprobs": told}).piece.tokens == ()
    assert len(part({"text": "ab", "logprobs": told}).piece.tokens) == 2


def test_a_long_complaint_is_cut() -> None:
    assert len(answers.what_went_wrong(json.dumps({"error": "x" * 10_000}).encode())) < 300
    assert answers.what_went_wrong(b"<html>") == ""
