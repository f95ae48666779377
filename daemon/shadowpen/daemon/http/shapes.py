"""The shapes of answers: whole ones, chunks of a stream, errors and the list of models. Knows no HTTP.

`usage` is an estimate, one token for four characters: some clients refuse an answer without it, and the daemon's own
counts include what it reads ahead.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.http.cutting import CutText
from shadowpen.daemon.http.verbs import MODELS

DONE = b"data: [DONE]\n\n"
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class AnswerShape:
    """The answers to one request: of /v1/completions ("text"), or of /v1/chat/completions ("chat")."""

    kind: Literal["text", "chat"]
    model: str
    prompt: str
    id: str = field(default_factory=lambda: f"shadowpen-{secrets.token_hex(8)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, choices: Sequence[CutText]) -> dict[str, Any]:
        """The answer in one document."""
        listed = [
            {"index": index, **self._content(choice.text), "logprobs": None, "finish_reason": choice.reason}
            for index, choice in enumerate(choices)
        ]
        return {
            **self._head(chunk=False),
            "choices": listed,
            "usage": self.usage("".join(choice.text for choice in choices)),
        }

    def opening(self) -> bytes:
        """The first event of a stream of chat, which names the role."""
        return self._event({"delta": {"role": "assistant", "content": ""}}, None)

    def piece(self, text: str) -> bytes:
        """An event with the next piece of text."""
        return self._event({"text": text} if self.kind == "text" else {"delta": {"content": text}}, None)

    def ending(self, reason: str) -> bytes:
        """The last event with a choice: why the text ends."""
        return self._event({"text": ""} if self.kind == "text" else {"delta": {}}, reason)

    def usage_event(self, text: str) -> bytes:
        """The event for who asked for usage; it has no choices."""
        return event({**self._head(chunk=True), "choices": [], "usage": self.usage(text)})

    def usage(self, text: str) -> dict[str, int]:
        prompt, written = (-(-len(one) // _CHARACTERS_A_TOKEN) for one in (self.prompt, text))
        return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}

    def _content(self, text: str) -> dict[str, Any]:
        return {"text": text} if self.kind == "text" else {"message": {"role": "assistant", "content": text}}

    def _event(self, content: dict[str, Any], reason: str | None) -> bytes:
        choice = {"index": 0, **content, "logprobs": None, "finish_reason": reason}
        return event({**self._head(chunk=True), "choices": [choice]})

    def _head(self, *, chunk: bool) -> dict[str, Any]:
        kind = "text_completion" if self.kind == "text" else "chat.completion.chunk" if chunk else "chat.completion"
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def event(document: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def error(failure: ShadowpenError) -> dict[str, Any]:
    """An error as clients show it: the sentence and the hint."""
    return {
        "error": {
            "message": f"{failure.message} {failure.hint}".strip(),
            "type": failure.code,
            "param": None,
            "code": failure.code,
        }
    }


def models() -> dict[str, Any]:
    """The answer to `GET /v1/models`."""
    return {"object": "list", "data": [model(name) for name in MODELS]}


def model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "shadowpen"}
