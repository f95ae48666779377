"""What is sent: whole answers and streams, stop texts, limits, and what of OpenAI's parameters has an effect."""

from __future__ import annotations

from typing import Any

from .conftest import Running


def _text(events: list[Any]) -> str:
    return "".join(choice.get("text", "") for event in events for choice in event["choices"])


def test_a_completion_has_the_shape_that_clients_insist_on(running: Running) -> None:
    answer = running.complete(model="shadowpen", prompt="The harbour lay", max_tokens=64, logprobs=5, best_of=2)
    document = answer.json
    (choice,) = document["choices"]
    assert answer.headers["cache-control"] == "no-store"
    assert document["object"] == "text_completion" and document["model"] == "shadowpen" and document["id"]
    assert choice == {"index": 0, "text": "The harbour lay", "logprobs": None, "finish_reason": "stop"}
    assert set(document["usage"]) == {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert isinstance(document["created"], int)


def test_a_stream_says_the_same_as_the_whole(running: Running) -> None:
    asked = {"model": "shadowpen-continue", "prompt": "Go", "max_tokens": 12, "stop": [" 3 word", "word 2"]}
    whole = running.complete(**asked).json["choices"][0]
    streamed = running.complete(**asked, stream=True)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert _text(streamed.events) == whole["text"] == " word 0 word 1 "
    assert streamed.events[-1]["choices"][0]["finish_reason"] == whole["finish_reason"] == "stop"


def test_too_many_words_end_it_for_its_length(running: Running) -> None:
    choice = running.complete(prompt="one two three four five six", max_tokens=4).json["choices"][0]
    assert (choice["text"], choice["finish_reason"]) == ("one two three", "length")


def test_an_empty_stop_which_some_programs_send_stops_nothing(running: Running) -> None:
    assert running.complete(prompt="one two", stop="").json["choices"][0]["text"] == "one two"


def test_echo_gives_the_prompt_back(running: Running) -> None:
    assert running.complete(prompt=["ab"], echo=True).json["choices"][0]["text"] == "abab"
    assert _text(running.complete(prompt="ab", echo=True, stream=True).events) == "abab"


def test_usage_is_streamed_for_who_asks(running: Running) -> None:
    asked = running.complete(prompt="x" * 8, stream=True, stream_options={"include_usage": True}).events
    assert asked[-1]["choices"] == [] and asked[-1]["usage"] == {
        "prompt_tokens": 2,
        "completion_tokens": 2,
        "total_tokens": 4,
    }
    assert all(event["choices"] for event in running.complete(prompt="x", stream=True).events)


def test_a_chat_is_a_message_or_deltas(running: Running) -> None:
    whole = running.chat("- roof\n- Anna", max_tokens=40, temperature=0.5, seed=7).json
    message = whole["choices"][0]["message"]
    assert whole["object"] == "chat.completion" and message["role"] == "assistant"
    assert message["content"] == "1. - roof\n- Anna 30 7 0.5 None"
    events = running.chat("- roof\n- Anna", max_tokens=40, temperature=0.5, seed=7, stream=True).events
    assert events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(event["choices"][0]["delta"].get("content", "") for event in events) == message["content"]
    assert events[-1]["choices"][0]["finish_reason"] == "stop"


def test_several_are_given_where_several_are_written(running: Running) -> None:
    choices = running.chat("- roof\n- Anna", n=3).json["choices"]
    assert [choice["message"]["content"][:2] for choice in choices] == ["1.", "2.", "3."]
    assert len(running.complete(prompt="x", n=3).json["choices"]) == 1, "the fake model has no alternatives"
