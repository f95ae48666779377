"""Types and limits of request bodies; unknown fields are accepted and ignored.

An invalid body is a RequestInvalid that names the field. Knows no HTTP.
"""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Any, Literal

import msgspec

from shadowpen.daemon.base.errors import RequestInvalid

MOST_BODY_BYTES = 1 << 20
_MOST_STOPS = 64
_MOST_MESSAGES = 1000
_QUOTED = 200  # characters of a reason

# Any escape of JSON; the group is half a character without its other half.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)

_Stop = Annotated[str, msgspec.Meta(max_length=256)]
_Stops = Annotated[list[_Stop], msgspec.Meta(max_length=_MOST_STOPS)]
_Model = Annotated[str, msgspec.Meta(max_length=256)]
_Tokens = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=128)]
_Seed = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
_Temperature = Annotated[float, msgspec.Meta(ge=0, le=2)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream should hold besides text."""

    include_usage: bool = False


class RequestBody(msgspec.Struct, frozen=True, kw_only=True):
    """What both kinds of request have."""

    model: _Model = ""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    stop: _Stop | _Stops | None = None
    max_tokens: _Tokens | None = None
    n: _Count | None = None
    seed: _Seed | None = None
    temperature: _Temperature | None = None
    top_p: _Share | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts to stop before; empty ones, which some programs send, stop nothing."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(stop for stop in given if stop)

    @property
    def wants_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


class CompletionBody(RequestBody, frozen=True, kw_only=True):
    """The body of `POST /v1/completions`."""

    prompt: str | list[str]
    suffix: str | None = None
    echo: bool | None = None

    @property
    def text(self) -> str:
        """The prompt; a list must hold one."""
        if isinstance(self.prompt, str):
            return self.prompt
        if len(self.prompt) != 1:
            raise RequestInvalid(f"`prompt` holds {len(self.prompt)} texts.", "Send one prompt a request.")
        return self.prompt[0]


class ContentPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a message."""

    type: str = "text"
    text: str = ""


class PostedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        if strange := [part.type for part in self.content if part.type != "text"]:
            raise RequestInvalid(f"A message holds {strange[0][:40]}.", "Send text only.")
        return "\n".join(part.text for part in self.content)


class ChatBody(RequestBody, frozen=True, kw_only=True):
    """The body of `POST /v1/chat/completions`."""

    messages: Annotated[list[PostedMessage], msgspec.Meta(min_length=1, max_length=_MOST_MESSAGES)]
    max_completion_tokens: _Tokens | None = None

    @property
    def most_tokens(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens


_completions = msgspec.json.Decoder(CompletionBody)
_chats = msgspec.json.Decoder(ChatBody)


def completion_body(raw: bytes) -> CompletionBody:
    """The body in `raw`; RequestInvalid when it is not one."""
    return _decoded(_completions, raw)


def chat_body(raw: bytes) -> ChatBody:
    """The body in `raw`; RequestInvalid when it is not one."""
    return _decoded(_chats, raw)


def readable(raw: bytes) -> bytes:
    """A body without a byte order mark, and with U+FFFD for halves of characters, as texts cut by UTF-16 units have."""
    raw = raw.removeprefix(codecs.BOM_UTF8)
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], raw) if b"\\u" in raw else raw


def _decoded(decoder: msgspec.json.Decoder[Any], raw: bytes) -> Any:
    try:
        return decoder.decode(readable(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error)[:_QUOTED]
        raise RequestInvalid(f"The body is not such a request: {why}.", "See docs/serve.md.") from error
