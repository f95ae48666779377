"""Read a server's answer, events of a stream or one JSON document, as text with its probabilities.

Nothing in it is believed: what has another form than expected is left out, probabilities that cannot be are none, and
characters that no text has are taken away. Knows no connections.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shadowpen.daemon.engine.text_engine import ProbableToken, TextPiece

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef]")
_QUOTED = 200  # characters of what a server says went wrong
_ROUNDING = 1e-3  # log-probabilities come rounded, and may so be a little above 0


class NotAnAnswer(Exception):
    """The document is none of this protocol."""


class ServerError(Exception):
    """The server says, in the place of an answer, what went wrong."""


@dataclass(frozen=True)
class AnswerPart:
    """A part of an answer; `finished` where the server says that it is the last."""

    piece: TextPiece
    finished: bool = False


DONE = AnswerPart(TextPiece(""), finished=True)


def event(line: bytes) -> AnswerPart | None:
    """The part in one line of an event stream; None where it holds none. NotAnAnswer, ServerError."""
    name, _, data = line.partition(b":")
    if name != b"data":
        return None
    data = data.strip()
    return DONE if data == b"[DONE]" else document(data)


def document(content: bytes) -> AnswerPart:
    """The part in a JSON document; NotAnAnswer, ServerError."""
    told = _object(content)
    if told.get("error"):
        raise ServerError(what_went_wrong(content))
    choices = told.get("choices")
    if not isinstance(choices, list):
        raise NotAnAnswer
    if not choices or not isinstance(choices[0], dict) or choices[0].get("index", 0) != 0:
        return AnswerPart(TextPiece(""))
    choice = choices[0]
    text = _text(choice)
    tokens = tuple(_tokens(choice.get("logprobs")))
    if "".join(token.text for token in tokens) != text:
        tokens = ()
    return AnswerPart(TextPiece(text, tokens), finished=isinstance(choice.get("finish_reason"), str))


def models(content: bytes) -> list[str]:
    """The names of the models in an answer of /models; NotAnAnswer."""
    listed = _object(content).get("data")
    if not isinstance(listed, list):
        raise NotAnAnswer
    names = [entry.get("id") for entry in listed if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str) and name]


def what_went_wrong(content: bytes) -> str:
    """The beginning of the server's own words in an error's document, "" where it has none."""
    try:
        told = _object(content)
    except NotAnAnswer:
        return ""
    error = told.get("error", told)
    said = error.get("message", error.get("detail", "")) if isinstance(error, dict) else error
    words = " ".join(clean(said).split()) if isinstance(said, str) else ""
    return words if len(words) <= _QUOTED else f"{words[:_QUOTED]}…"


def clean(text: str) -> str:
    """`text` with plain line ends, without control characters and what is no character."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def _object(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotAnAnswer from error
    if not isinstance(told, dict):
        raise NotAnAnswer
    return told


def _text(choice: dict[str, Any]) -> str:
    """Of a completion, of a chat's stream, or of a chat's whole answer."""
    told = choice.get("delta", choice.get("message"))
    text = told.get("content") if isinstance(told, dict) else choice.get("text")
    return clean(text) if isinstance(text, str) else ""


def _tokens(told: Any) -> Iterator[ProbableToken]:
    """Both forms in use: the older of completions, and that of chats, which llama-server has for both."""
    if not isinstance(told, dict):
        return
    entries = told.get("content")
    if isinstance(entries, list):
        for entry in entries:
            if isinstance(entry, dict):
                rivals = [(rival.get("token"), rival.get("logprob")) for rival in _dicts(entry.get("top_logprobs"))]
                yield from _token(entry.get("token"), entry.get("logprob"), rivals)
        return
    words, numbers = told.get("tokens"), told.get("token_logprobs")
    if isinstance(words, list) and isinstance(numbers, list):
        tops = told.get("top_logprobs")
        tops = tops if isinstance(tops, list) else []
        for place, (word, number) in enumerate(zip(words, numbers, strict=False)):
            top = tops[place] if place < len(tops) else None
            yield from _token(word, number, list(top.items()) if isinstance(top, dict) else [])


def _token(text: Any, number: Any, rivals: Sequence[tuple[Any, Any]]) -> Iterator[ProbableToken]:
    if isinstance(text, str) and text and _is_log_probability(number):
        known = tuple(
            (clean(rival), min(0.0, float(n)))
            for rival, n in rivals
            if isinstance(rival, str) and _is_log_probability(n)
        )
        yield ProbableToken(clean(text), min(0.0, float(number)), known)


def _is_log_probability(number: Any) -> bool:
    return (
        isinstance(number, int | float)
        and not isinstance(number, bool)
        and not math.isnan(number)
        and number <= _ROUNDING
    )


def _dicts(told: Any) -> list[dict[str, Any]]:
    return [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
