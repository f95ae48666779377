"""The requests of the programs that docs/serve.md names, as they send them, and what each makes of the answer.

Each body was written down from the program's sources. The fake model suggests the text before the cursor again, goes on
with "word 0 word 1 ...", and tells notes as they are.
"""

from __future__ import annotations

import json
from typing import Any

from .conftest import Running

BEFORE, BEHIND = "# Log\n\nThe harbour lay still, and the", "\n\n## Next day\n"
JSON = {"Content-Type": "application/json"}
MARKS = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"]


def test_zed(running: Running) -> None:
    """crates/edit_prediction: open_ai_compatible_api with `prompt_format` "qwen"; it reads every key of the answer."""
    prompt = f"<|fim_prefix|>{BEFORE}<|fim_suffix|>{BEHIND}<|fim_middle|>"
    body = {"model": "shadowpen", "prompt": prompt, "max_tokens": 64, "stop": MARKS}
    answer = running.ask("POST", "/v1/completions", body, headers=JSON).json
    assert [type(answer[key]) for key in ("id", "object", "created", "model")] == [str, str, int, str]
    assert all(answer["usage"][key] > 0 for key in ("prompt_tokens", "completion_tokens", "total_tokens"))
    assert answer["choices"][0]["text"] == BEFORE


def test_cotabby(running: Running) -> None:
    """OpenAICompatibleAPIClient.swift, mode "completions": lines of events; models are sorted, the first is taken."""
    listed = [model["id"] for model in running.ask("GET", "/v1/models").json["data"]]
    assert min(listed, key=str.lower) == "shadowpen"
    body = {"model": "shadowpen", "prompt": BEFORE, "stream": True, "max_tokens": 24, "temperature": 0.2, "top_p": 0.9}
    answer = running.ask("POST", "/v1/completions", body, headers={**JSON, "Accept": "text/event-stream"})
    assert "".join(event["choices"][0]["text"] for event in answer.events) == BEFORE


def test_cotabby_in_its_chat_mode(running: Running) -> None:
    told = "Continue the text at the end of the context. Reply with only new continuation text; do not repeat or quote "
    message = {"role": "user", "content": f"{told}existing text.\n\n{BEFORE}"}
    body = {"model": "shadowpen", "messages": [message], "stream": True, "max_tokens": 4, "temperature": 0.2}
    body |= {"top_p": 0.9, "reasoning_effort": "none"}
    events = running.ask("POST", "/v1/chat/completions", body, headers=JSON).events
    assert "".join(event["choices"][0]["delta"].get("content", "") for event in events) == " word 0 word"


def test_minuet(running: Running) -> None:
    """openai_fim_compatible: the text behind the cursor in `suffix`; each line of the stream is decoded by itself."""
    prompt = f"<!-- language: markdown -->\n<!-- indentation: use 4 spaces for a tab -->\n{BEFORE}"
    body = {"model": "shadowpen-quiet", "stream": True, "max_tokens": 56, "top_p": 0.9, "prompt": prompt}
    answer = running.ask(
        "POST", "/v1/completions", {**body, "suffix": BEHIND}, headers={**JSON, "Accept": JSON["Content-Type"]}
    )
    lines = [line.removeprefix("data:") for line in answer.body.decode().splitlines() if line and "[DONE]" not in line]
    assert "".join(json.loads(line)["choices"][0]["text"] for line in lines) == prompt


def test_continue(running: Running) -> None:
    """Its autocompletion: the marks of Stable Code for a model it does not know, and stops meant for code."""
    prompt = f"<fim_prefix>{BEFORE}<fim_suffix>{BEHIND}<fim_middle>"
    stops = ["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<|endoftext|>", "</fim_middle>", "</code>"]
    stops += ["\n\n", "\r\n\r\n", "/src/", "#- coding: utf-8", "```"]
    body = {
        "prompt": prompt,
        "model": "shadowpen",
        "max_tokens": 4096,
        "temperature": 0.01,
        "stream": True,
        "stop": stops,
    }
    answer = running.ask("POST", "/v1/completions", body, headers={**JSON, "x-stainless-lang": "js"})
    assert "".join(event["choices"][0]["text"] for event in answer.events) == "# Log"  # up to its own stop


def test_obsidian_text_generator(running: Running) -> None:
    """Its custom provider: `stop` is an empty text, and each piece of the stream must hold a choice with a delta."""
    body: dict[str, Any] = {"model": "shadowpen", "temperature": 0.7, "top_p": 1, "frequency_penalty": 0}
    body |= {"presence_penalty": 0.5, "max_tokens": 400, "n": 1, "stream": False, "stop": ""}
    body["messages"] = [{"role": "user", "content": "- roof leaks\n- ask Anna"}]
    whole = running.ask("POST", "/v1/chat/completions", body, headers=JSON).json
    assert whole["choices"][0]["message"]["content"].startswith("1. - roof leaks\n- ask Anna")
    streamed = running.ask("POST", "/v1/chat/completions", {**body, "stream": True}, headers=JSON).body.decode()
    lines = [line.removeprefix("data: ").strip() for line in streamed.split("\ndata: ")]
    read = [json.loads(line)["choices"][0]["delta"].get("content", "") for line in lines if line not in ("", "[DONE]")]
    assert "".join(read) == whole["choices"][0]["message"]["content"]


def test_obsidian_copilot(running: Running) -> None:
    """Its "OpenAI format" provider with CORS switched on: LangChain's client, messages in parts, a long instruction."""
    system = "You are Obsidian Copilot, a helpful assistant that integrates AI to Obsidian note-taking.\n  1. Never ..."
    messages = [
        {"role": "system", "content": [{"type": "text", "text": system}]},
        {"role": "user", "content": [{"type": "text", "text": f"{BEFORE}\n\n"}]},
    ]
    body = {"model": "shadowpen-continue", "stream": True, "messages": messages, "max_tokens": 4}
    events = running.ask("POST", "/v1/chat/completions", body, headers={**JSON, "x-stainless-lang": "js"}).events
    assert "".join(event["choices"][0]["delta"].get("content", "") for event in events) == " word 0 word"


def test_open_webui(running: Running) -> None:
    """routers/openai.py: it verifies the connection by the list of models, and always asks a stream for usage."""
    assert running.ask("GET", "/v1/models").json["object"] == "list"
    body = {"stream": True, "model": "shadowpen", "messages": [{"role": "user", "content": "- roof\n- Anna"}]}
    events = running.ask(
        "POST", "/v1/chat/completions", {**body, "stream_options": {"include_usage": True}}, headers=JSON
    ).events
    assert events[-1]["usage"]["total_tokens"] > 0 and events[-1]["choices"] == []
    assert "".join(c["delta"].get("content", "") for event in events for c in event["choices"]).startswith("1. - roof")
