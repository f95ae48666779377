"""Choose the verb that answers a request, and its parameters: complete, continue or expand.

The name of the model chooses it; where it does not, the conversation does. Knows neither HTTP nor the wire.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.http import marked_prompts
from shadowpen.daemon.http.bodies import ChatBody, CompletionBody, PostedMessage, RequestBody
from shadowpen.daemon.wire.protocol import Extent

Verb = Literal["complete", "continue", "expand"]
ANY, QUIET, CONTINUE, EXPAND = "shadowpen", "shadowpen-quiet", "shadowpen-continue", "shadowpen-expand"
MODELS = (ANY, QUIET, CONTINUE, EXPAND)

_WORDS_A_TOKEN = 0.75  # of English prose; a limit in tokens is kept in words
_DEFAULT_TOKENS = 16  # of /v1/completions, where the request names none
_CONTINUE_WORDS, _EXPAND_WORDS, _MOST_WORDS = 80, 160, 400
_EXTENTS: tuple[tuple[int, Extent], ...] = ((3, "word"), (16, "clause"), (60, "sentence"))  # up to so many words
_COLDEST = 0.01

_BULLET = re.compile(r"\s*(?:[-*+•–]|\d{1,3}[.)])\s+\S")
_PIECES = re.compile(r"[\n;,]+")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"”’)\]]*\s*\Z")
_GO_ON = re.compile(r"\W*(?:please\s+)?(?:continue|go on|keep going|more)\W*", re.IGNORECASE)
# An instruction before the text: a first line that ends with a colon, or a first paragraph about "the text".
_INSTRUCTION = re.compile(
    r"\s*(?:please\s+)?(?P<verb>expand|continue|complete)\b(?:[^\n]{0,120}:[ \t]*\n?"
    r"|\s+(?:the|this|these|my|it|from)\b[^\n]{0,200}\n\s*\n)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WantedText:
    """One text to write: the verb, its arguments, and where the text is cut."""

    verb: Verb
    text: str
    suffix: str = ""
    extent: Extent = "clause"
    only_if_likely: bool = False
    most_words: int | None = None
    count: int = 1
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    stops: tuple[str, ...] = ()


def of_completion(body: CompletionBody) -> WantedText:
    """What `POST /v1/completions` asks for."""
    model = known(body.model)
    prompt = body.text
    words = _words(body.max_tokens or _DEFAULT_TOKENS)
    if model == EXPAND:
        return _expansion(body, prompt, body.max_tokens)
    around = marked_prompts.read(prompt, body.suffix or "")
    if model == CONTINUE:
        return _continuation(body, around.prefix, body.max_tokens, around.suffix)
    return WantedText(
        "complete",
        around.prefix,
        around.suffix,
        extent=next((extent for most, extent in _EXTENTS if words <= most), "paragraph"),
        only_if_likely=model == QUIET,
        most_words=words,
        count=body.n or 1,
        stops=body.stops,
    )


def of_chat(body: ChatBody) -> WantedText:
    """What `POST /v1/chat/completions` asks for: an expansion of notes, or more of a text."""
    model = known(body.model)
    text, asked = _subject(body.messages)
    if model == EXPAND or (model == ANY and (asked == "expand" or (not asked and looks_like_notes(text)))):
        return _expansion(body, text, body.most_tokens)
    return _continuation(body, text, body.most_tokens)


def known(model: str) -> str:
    """One of our models: another server's name means `shadowpen`; one of ours that is misspelt is a RequestInvalid."""
    if model in MODELS:
        return model
    if model.startswith(ANY):
        raise RequestInvalid(f"There is no model {model}.", f"Models are {', '.join(MODELS)}.")
    return ANY


def looks_like_notes(text: str) -> bool:
    """Whether `text` is notes and not the beginning of a text: mostly bullets, or short pieces without a full stop."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and 2 * sum(bool(_BULLET.match(line)) for line in lines) > len(lines):
        return True
    pieces = [piece for piece in _PIECES.split(text) if piece.strip()]
    short = sum(len(piece.split()) for piece in pieces) <= 6 * len(pieces)
    return len(pieces) >= 3 and short and not any(_SENTENCE_END.search(piece) for piece in pieces)


def _subject(messages: Sequence[PostedMessage]) -> tuple[str, str]:
    """The text that the conversation is about, and the verb its instruction names ("" for none).

    Instructions to a chat model (system messages) are nothing that a writing model follows: they are not read.
    """
    turns = [(message.role, message.text) for message in messages if message.role in ("user", "assistant")]
    turns = [(role, text) for role, text in turns if text.strip()]
    if not turns:
        raise RequestInvalid("There is no text in the messages.", "Send notes, or the beginning of a text.")
    role, text = turns[-1][0], turns[-1][1].rstrip("\r\n")  # programs add line breaks that the user did not write
    if role == "assistant":  # begun by the client, to be gone on with
        return text, "continue"
    if len(turns) > 1 and _GO_ON.fullmatch(text):
        return turns[-2][1], "continue"
    found = _INSTRUCTION.match(text)
    if found and text[found.end() :].strip():
        verb = found["verb"].lower()
        return text[found.end() :], "expand" if verb == "expand" else "continue"
    return text, ""


def _expansion(body: RequestBody, notes: str, most_tokens: int | None) -> WantedText:
    words = _EXPAND_WORDS if most_tokens is None else min(_EXPAND_WORDS, _words(most_tokens))
    return WantedText(
        "expand",
        notes,
        most_words=words,
        count=body.n or 1,
        seed=body.seed or 0,
        settings=_settings(body),
        stops=body.stops,
    )


def _continuation(body: RequestBody, text: str, most_tokens: int | None, suffix: str = "") -> WantedText:
    words = _CONTINUE_WORDS if most_tokens is None else min(_MOST_WORDS, _words(most_tokens))
    return WantedText("continue", text, suffix, most_words=words, settings=_settings(body), stops=body.stops)


def _settings(body: RequestBody) -> dict[str, Any]:
    """The settings of sampling that the request names, in the daemon's terms."""
    chosen: dict[str, Any] = {}
    if body.temperature is not None:
        chosen |= {"temperature": max(_COLDEST, body.temperature)} if body.temperature else {"do_sample": False}
    if body.top_p is not None:
        chosen["top_p"] = max(_COLDEST, body.top_p)
    return chosen


def _words(tokens: int) -> int:
    return max(1, round(min(tokens, 10_000) * _WORDS_A_TOKEN))
