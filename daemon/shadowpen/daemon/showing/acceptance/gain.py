"""Minimum benefit of a suggestion: characters and keys saved, and probability.

Whatever appears is looked at, also where nothing of it is taken: that has a price in keys. It is higher for a text
that takes the place of one just typed over, and for a single word that holds a sentence together. Knows no model.
"""

from __future__ import annotations

import re

from shadowpen.daemon.base.config import CompletionSettings
from shadowpen.daemon.showing.acceptance.habits import Habits
from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.text.function_words import is_function_word
from shadowpen.daemon.text.scripts import without_blanks

FUNCTION_WORD_PRICE = 0.5  # keys
CHANGE_PRICE = 0.5  # keys: the text that was there a moment ago was not wanted, and this one is another
CHANGE_KEYS = 3  # requests for which that counts
SURE = 0.4  # that some of it is taken: then the end of a word may be as short as anything else

_BEGUN = re.compile(r"\S*\Z")


def price(text: str, place: CursorPlace, habits: Habits, settings: CompletionSettings) -> float:
    """Keys that a glance at `text` costs; none where glances are free, whatever the text."""
    if not settings.glance_price:
        return 0.0
    keys = settings.glance_price
    begun = "" if text[:1].isspace() else _BEGUN.findall(place.line)[0]
    if is_function_word(begun + text):
        keys += FUNCTION_WORD_PRICE
    if habits.was_passed_over and habits.quiet_keys <= CHANGE_KEYS:
        keys += CHANGE_PRICE
    return keys


def gained(text: str) -> int:
    """Characters that `text` brings; one of a script without blanks counts as two."""
    return sum(2 if without_blanks(character) else 1 for character in text.strip())


def is_too_short(text: str, place: CursorPlace, probability: float, settings: CompletionSettings) -> bool:
    """Whether so short a text is not worth looking up, `probability` being that some of it is taken."""
    in_word = place.prefix[-1:].isalnum() and text[:1].isalnum() and not without_blanks(text[0])
    least = settings.min_gain_in_word if in_word and probability < SURE else settings.min_gain
    return gained(text) < least
