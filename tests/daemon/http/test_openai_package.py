"""OpenAI's own Python package as the client: its types accept what is sent, and its errors carry the sentences."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from .conftest import TOKEN, Running


@pytest.fixture
def client(running: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=running.url, api_key=TOKEN, max_retries=0) as client:
        yield client


def test_it_lists_completes_streams_and_chats(client: openai.OpenAI) -> None:
    assert next(model.id for model in client.models.list()) == "shadowpen"
    assert client.models.retrieve("shadowpen-quiet").owned_by == "shadowpen"
    whole = client.completions.create(model="shadowpen", prompt="The harbour", suffix=" still", logprobs=2)
    assert whole.choices[0].text == "The harbour" and whole.usage and whole.usage.total_tokens > 0
    stream = client.completions.create(model="shadowpen-continue", prompt="Go", max_tokens=8, stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == " word 0 word 1 word 2"
    messages = [{"role": "user", "content": "- roof\n- Anna"}]
    chat = client.chat.completions.create(model="shadowpen", messages=messages, temperature=0)  # type: ignore[arg-type]
    assert (chat.choices[0].message.content or "").startswith("1. - roof")


def test_its_errors_say_what_to_do(client: openai.OpenAI, running: Running) -> None:
    with pytest.raises(openai.BadRequestError, match="shadowpen-quiet"):
        client.completions.create(model="shadowpen-none", prompt="x")
    with pytest.raises(openai.APIError, match="failed"):
        list(client.completions.create(model="shadowpen", prompt="!raise", stream=True))
    with (
        openai.OpenAI(base_url=running.url, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="shadowpen serve --token"),
    ):
        stranger.models.list()
