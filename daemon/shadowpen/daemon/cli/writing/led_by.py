"""Show which sentences of a text led the model to a suggestion, for people and as plain data.

Knows no command; loads no model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from shadowpen.daemon.tasks.completion.occlusion import OccludedSentence, Occlusion

_MOST_SHOWN = 5
_LEAST_TIMES = 1.1  # what makes less difference is not worth a line
_SHOWN_CHARACTERS = 100


@dataclass(frozen=True)
class LedBy:
    """A sentence from `start` to `end`; with it the words are so many times as likely, below 1 if it speaks against."""

    start: int
    end: int
    text: str
    times_likelier: float


def led_by(text: str, found: Occlusion) -> list[LedBy]:
    """The sentences that were left out of `text`, in their order."""
    return [LedBy(one.start, one.end, text[one.start : one.end], round(_times(one), 3)) for one in found.left_out]


def lines(text: str, found: Occlusion) -> Iterator[str]:
    """What a person is told: first what made the most difference."""
    said = led_by(text, found)
    led = sorted((one for one in said if one.times_likelier >= _LEAST_TIMES), key=lambda one: -one.times_likelier)
    if not said and not found.untried:
        yield "There is no whole sentence before the cursor that could have led to it."
    elif not led and said:
        yield f"No single sentence led to it: leaving out any one of {len(said)} makes little difference."
    elif led:
        yield "These sentences led to it. The number says how many times likelier each one makes it:"
    for one in led[:_MOST_SHOWN]:
        yield f"  {one.times_likelier:6,.1f}  {_short(one.text)}"
    if found.untried:
        yield f"{found.untried} sentences were not tried: they are too far back, or time ran out (--seconds)."


def _times(one: OccludedSentence) -> float:
    return math.exp(min(50.0, max(-50.0, one.nats)))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS].rstrip()} ..."
