"""Recent outcomes of suggestions in a document, backing off after refusals, and the user's typing.

Numbers only, in memory only, one `Habits` a document; the oldest documents are forgotten.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_DOCUMENTS = 64
_NEWEST_COUNTS = 0.1
_KEYS_TO_FORGET = 200  # after so many keys without a suggestion the last misses hardly count any more
_NEUTRAL = 0.5
_PLACE_CHARACTERS = 64
_PASSAGE_KEYS = 40  # more than the gaps of one to six words that the words behind tell something about
_BACK_OFF_KEYS = 60  # about a dozen words; short enough that who only had a bad stretch hardly misses anything


@dataclass
class Habits:
    """The user's habits in one document.

    `taken_of_late` runs from 0 to 1, the newest outcome counting a tenth; `quiet_keys` since a text was shown.

    `in_vain` counts the last texts of which nothing was taken, `back_off_keys` the keys to go until there is one again.
    `was_passed_over`: nothing of the last text has been taken so far. `keys_here` counts the keys before the same text.
    """

    taken_of_late: float = _NEUTRAL
    quiet_keys: int = 0
    pause_s: float = 0.0
    asked_s: float = 0.0
    new_words_before: int = 0
    in_vain: int = 0
    back_off_keys: int = 0
    was_passed_over: bool = False
    behind: int = 0
    keys_here: int = 0

    def reads(self, prefix: str, suffix: str) -> None:
        """Remember the text that new words are put before: from a blank on, what is typed there is no mended word."""
        behind = hash(suffix[:_PLACE_CHARACTERS])
        self.keys_here = self.keys_here + 1 if behind == self.behind else 0
        self.behind = behind
        if not prefix[-1:].isalnum():
            self.new_words_before = behind

    def puts_words_before(self, suffix: str) -> bool:
        """Whether the author has begun a word right before `suffix`, and so will put a blank between them."""
        return self.new_words_before == hash(suffix[:_PLACE_CHARACTERS])

    @property
    def writes_passage(self) -> bool:
        """Whether so much was typed before the same text that it is a passage of its own, not the filling of a gap."""
        return self.keys_here >= _PASSAGE_KEYS

    def key(self, now_s: float) -> None:
        """Count a request. Misses fade, so that silence ends by itself."""
        self.pause_s = max(0.0, now_s - self.asked_s) if self.asked_s else 0.0
        self.asked_s = now_s
        self.quiet_keys += 1
        self.back_off_keys = max(0, self.back_off_keys - 1)
        self.taken_of_late += (_NEUTRAL - self.taken_of_late) / _KEYS_TO_FORGET

    def shows(self) -> None:
        """Count a suggestion that was shown."""
        self.quiet_keys, self.was_passed_over = 0, True

    def fared(self, *, taken: bool) -> None:
        self.taken_of_late += _NEWEST_COUNTS * (float(taken) - self.taken_of_late)
        if taken:
            self.welcome()
        else:
            self.in_vain += 1

    def welcome(self) -> None:
        """Count a sign that the user wants text: accepted, typed along or asked for."""
        self.in_vain = self.back_off_keys = 0
        self.was_passed_over = False

    def backs_off(self, after: int) -> bool:
        """Whether it is better to be silent for a while: it begins after so many in vain (0: never).

        When it has ended, half as many begin the next one.
        """
        if after and self.in_vain >= after and not self.back_off_keys:
            self.in_vain, self.back_off_keys = after // 2, _BACK_OFF_KEYS
        return bool(after) and self.back_off_keys > 0


class HabitsOfDocuments:
    """The habits of each document, `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, Habits] = OrderedDict()

    def of(self, document: str) -> Habits:
        habits = self._known.setdefault(document, Habits())
        self._known.move_to_end(document)
        if len(self._known) > _DOCUMENTS:
            self._known.popitem(last=False)
        return habits

    def key(self, document: str) -> None:
        self.of(document).key(self._clock())
