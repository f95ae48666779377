"""What must not be shown even if it is likely; each rule has a name, so that silence can be explained.

A rule looks at the suggestion and the text around the cursor and returns what is left of it. Knows no
model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

_SHORTEST_OVERLAP = 3  # characters at the suggestion's end
_SAME_CHARACTERS = 8  # anywhere in it
_LOOK_AHEAD_CHARACTERS = 200


@dataclass(frozen=True)
class Place:
    """The text before and after the cursor."""

    prefix: str
    suffix: str

    @property
    def rest_of_line(self) -> str:
        return self.suffix.split("\n", 1)[0]


Rule = Callable[[str, Place], str]


def inside_word(text: str, place: Place) -> str:
    """Nothing between two letters: the author is mending a word."""
    return "" if place.prefix[-1:].isalnum() and place.suffix[:1].isalnum() else text


def repeats_suffix(text: str, place: Place) -> str:
    """Cut where the suggestion begins to say what already stands after the cursor."""
    ahead = place.suffix[:_LOOK_AHEAD_CHARACTERS].strip()
    if not ahead:
        return text
    for at in range(len(text)):
        tail = text[at:].strip()
        same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(tail, ahead, strict=False)))
        if same >= min(_SAME_CHARACTERS, len(ahead)) or (same == len(tail) and (same >= _SHORTEST_OVERLAP or at == 0)):
            return text[:at].rstrip()
    return text


def repeats_itself(text: str, place: Place) -> str:
    """Nothing that only says again, twice over, what was just written."""
    words = text.split()
    tail = place.prefix.split()[-2 * len(words) :] if words else []
    return "" if len(words) > 2 and tail == words * 2 else text


def says_nothing(text: str, place: Place) -> str:
    """Blanks, or a single character: reading it costs more than typing it."""
    return text if len(text.strip()) > 1 else ""


def junk(text: str, place: Place) -> str:
    """Runs of marks or of one character, such as "......" or "1 1 1 1"."""
    return "" if re.search(r"(\S)(?:\s?\1){4,}", text) or not re.search(r"\w", text) else text


RULES: tuple[Rule, ...] = (inside_word, repeats_suffix, repeats_itself, junk, says_nothing)


def apply(text: str, place: Place) -> tuple[str, str]:
    """What is left of `text`, and the name of the rule that emptied it ("" if none did)."""
    for rule in RULES:
        left = rule(text, place)
        if not left:
            return "", rule.__name__
        text = left
    return text, ""
