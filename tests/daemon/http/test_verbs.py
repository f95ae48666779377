"""The verb of a request: by the model's name, else by what is in the conversation."""

from __future__ import annotations

from typing import Any

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.http import bodies, verbs
from shadowpen.daemon.http.verbs import WantedText, looks_like_notes

BULLETS = "- roof leaks\n- two offers\n- ask Anna"


def chat(*texts: str, **more: Any) -> WantedText:
    roles = ["user", "assistant"] * len(texts)
    messages = [bodies.PostedMessage(role=role, content=text) for role, text in zip(roles, texts, strict=False)]
    return verbs.of_chat(bodies.ChatBody(messages=messages, **more))


@pytest.mark.parametrize("text", [BULLETS, "1. tea\n2. milk", "roof leaks, two offers, ask Anna", "tea; milk; bread"])
def test_notes_are_expanded(text: str) -> None:
    assert looks_like_notes(text)
    assert (chat(text).verb, chat(text).text) == ("expand", text)


@pytest.mark.parametrize(
    "text",
    [
        "The harbour was",
        "Dear Anna,\nthank you for your letter",
        "She came, she saw, she left.",
        "It had rained all night, the road was under water by the time we left, and nobody knew where the boat was",
        "",
    ],
)
def test_a_text_is_no_notes(text: str) -> None:
    assert not looks_like_notes(text)


def test_the_model_decides_before_the_text() -> None:
    assert chat(BULLETS, model="shadowpen-continue").verb == "continue"
    assert chat("The harbour was", model="shadowpen-expand").verb == "expand"
    assert chat(BULLETS, model="gpt-4o").verb == "expand"
    with pytest.raises(RequestInvalid, match="shadowpen-quite") as caught:
        chat(BULLETS, model="shadowpen-quite")
    assert "shadowpen-quiet" in caught.value.hint


def test_an_instruction_before_the_text_names_the_verb_and_is_left_out() -> None:
    assert chat("Expand these notes:\nroof leaks").verb == "expand"
    assert chat("Please continue:\n- one\n- two").text == "- one\n- two"
    told = "Continue the text at the end of the context. Reply with only new text.\n\nThe harbour was"
    assert (chat(told).verb, chat(told).text) == ("continue", "The harbour was")
    assert chat("Continue to the river.\n\nThen turn left").text.startswith("Continue to the river.")


def test_go_on_means_the_text_before() -> None:
    assert chat("Once upon a time", "there was a harbour", "Please go on!").text == "there was a harbour"
    assert chat("Write a tale", "Once upon").text == "Once upon"


def test_a_conversation_without_text_is_refused() -> None:
    with pytest.raises(RequestInvalid):
        chat(" \n")


@pytest.mark.parametrize(
    ("tokens", "extent", "words"),
    [(1, "word", 1), (16, "clause", 12), (None, "clause", 12), (64, "sentence", 48), (256, "paragraph", 192)],
)
def test_a_limit_in_tokens_is_an_extent_and_a_limit_in_words(tokens: int | None, extent: str, words: int) -> None:
    wanted = verbs.of_completion(bodies.CompletionBody(prompt="x", max_tokens=tokens))
    assert (wanted.verb, wanted.extent, wanted.most_words) == ("complete", extent, words)


def test_only_the_quiet_model_may_stay_silent() -> None:
    assert verbs.of_completion(bodies.CompletionBody(prompt="x", model="shadowpen-quiet")).only_if_likely
    assert not verbs.of_completion(bodies.CompletionBody(prompt="x", model="shadowpen")).only_if_likely


def test_sampling_is_handed_on_within_the_daemons_limits() -> None:
    assert chat("x", temperature=0.3, top_p=0.0).settings == {"temperature": 0.3, "top_p": 0.01}
    assert chat("x", temperature=0.0).settings == {"do_sample": False}
    assert chat("x").settings == {}
