"""Cut a growing text where the client wants it to end: at a stop text or after a number of words.

What was handed out is never taken back: while a text grows, its end is held back as long as it may be the beginning
of a stop text or of a word. Knows no HTTP.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"\s*\S+")


class CutText(NamedTuple):
    """A text as the client gets it; `reason` is why it ends there: "stop", or "length" for too many words."""

    text: str
    reason: str


def cut(text: str, stops: tuple[str, ...], most_words: int | None) -> CutText:
    """The finished `text`, cut."""
    places = [place for stop in stops if (place := text.find(stop)) >= 0]
    text = text[: min(places)] if places else text
    if most_words is not None:
        words = list(_WORD.finditer(text))
        if len(words) > most_words:
            return CutText(text[: words[most_words - 1].end()], "length")
    return CutText(text, "stop")


def settled(text: str, stops: tuple[str, ...], most_words: int | None) -> str:
    """As much of the growing `text` as the finished one will have, whatever comes."""
    done = cut(text, stops, most_words)
    if done.text != text:
        return done.text
    held = max((_overlap(text, stop) for stop in stops), default=0)
    sure = text[: len(text) - held]
    return sure if most_words is None else sure.rstrip()  # blanks behind the last word that is allowed are cut


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` are the beginning of `stop`."""
    return next((size for size in range(len(stop) - 1, 0, -1) if text.endswith(stop[:size])), 0)
