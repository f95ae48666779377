"""Find the sentences that led to a suggestion, by leaving out one at a time.

What is compared is the log-probability of the same words, as the served graph gives it (occlusion, Zeiler and Fergus
2014, over sentences). The sentence that the cursor stands in is never left out. Knows neither the memory nor who asks.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

from shadowpen.daemon.preparation.segments import Place, sentences
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.completion.extents import ends_sentence

MOST_SENTENCES = 24  # each costs one reading of what stands behind it
_DOCUMENT = "\0occlusion"


@dataclass(frozen=True)
class OccludedSentence:
    """A sentence of the context, from `start` to `end` in characters; the words are `nats` less likely without it."""

    start: int
    end: int
    nats: float


@dataclass(frozen=True)
class Occlusion:
    """How likely the words are after the whole context, and what each of the nearest sentences adds to that.

    `left_out` is in the order of the text. So many sentences were `untried`, for want of time or since they lie too far
    back; those that the model does not read are not among them.
    """

    log_probability: float
    left_out: tuple[OccludedSentence, ...]
    untried: int


def occluded(context: Context, text: str, words: str, seconds: float) -> Occlusion:
    """What of `text` led to `words` behind it: the nearest sentences first, until about `seconds` have passed."""
    until_s = time.monotonic() + seconds
    try:
        whole, first = _log_probability(context, text, words)
        places = [place for place in sentences(text) if place[1] > first]
        behind = [place[0] for place in places[1:]] + [len(text)]
        before = list(zip(places, behind, strict=True))
        if places and not ends_sentence(text):
            before.pop()
        found = []
        for place, next_start in itertools.islice(reversed(before), MOST_SENTENCES):
            if time.monotonic() >= until_s:
                break
            found.append(_left_out(context, text, words, whole, place, next_start))
        return Occlusion(whole, tuple(reversed(found)), len(before) - len(found))
    finally:
        context.sessions.drop(_DOCUMENT)


def _left_out(context: Context, text: str, words: str, whole: float, place: Place, next_start: int) -> OccludedSentence:
    start, end = place
    without, _ = _log_probability(context, text[:start] + text[next_start:], words)
    return OccludedSentence(start, end, whole - without)


def _log_probability(context: Context, text: str, words: str) -> tuple[float, int]:
    """Of `words` behind `text`, and from which character of the text on the model reads."""
    ids, places = context.language.tokenizer.encode_with_places(text + words)
    counted = sum(end > len(text) for _, end in places)
    read = min(len(ids), context.window_tokens + counted - len(context.begin))
    prompt = [*context.begin, *ids[len(ids) - read :]]
    counted = min(counted, len(prompt) - 1)  # something has to stand before them
    scoring = context.sessions.get(_DOCUMENT).log_probability(prompt, counted)
    while True:
        try:
            next(scoring)
        except StopIteration as done:
            return float(done.value), places[len(ids) - read][0]
