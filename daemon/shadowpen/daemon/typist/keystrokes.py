"""The simulated writer: types a real text key by key and accepts the suggestions that match it.

All of a suggestion costs one key, its leading right words one key each, and nothing is taken that saves no key. Every
replay types by these rules: `write` and `read` without a clock, `typist.writer` in real time. Knows neither models nor
who offers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol

READING_KEYS = 0.25  # what reading a suggestion in vain costs, in keys
_FIRST_CJK = "\u2e80"  # from here on scripts put no blanks between words


@dataclass
class Tally:
    """Counts of a simulated writer.

    Keys pressed for `characters`; suggestions `shown`, `used` in part or whole, `exact` to the last character.

    `right` of the `offered` characters were right up to the first wrong one; a suggestion that is typed along or grows
    counts once. `grey` keys were followed by grey text on the screen, new or still there.
    """

    characters: int = 0
    keys: int = 0
    asked: int = 0
    shown: int = 0
    used: int = 0
    exact: int = 0
    offered: int = 0
    right: int = 0
    grey: int = 0

    @property
    def net_keys(self) -> float:
        """Keys, and what it cost to read the suggestions that were shown in vain."""
        return self.keys + READING_KEYS * (self.shown - self.used)


class Keystrokes:
    """Typing `text` from `start` on: where the writer is, what stands grey behind the cursor, and the counts.

    `typed_over`: the last key was another one than the grey text said.
    """

    def __init__(self, text: str, start: int) -> None:
        self.text, self.place = text, start
        self.showing = ""
        self.typed_over = False
        self.tally = Tally(characters=len(text) - start)
        self._is_used, self._is_typed = True, False

    def __bool__(self) -> bool:
        """Whether something is left to type."""
        return self.place < len(self.text)

    def press(self) -> str:
        """Press the next key, and return it."""
        key = self.text[self.place]
        self.place, self.tally.keys = self.place + 1, self.tally.keys + 1
        self.typed_over = bool(self.showing) and self.showing[0] != key
        self.showing = self.showing[1:] if self.showing[:1] == key else ""
        self._is_typed = True
        return key

    def look(self, ghost: str) -> tuple[str, int] | None:
        """Look at a suggestion, "" for none: what of it saves keys, and its price in keys; see `choose`."""
        tally, rest = self.tally, self.text[self.place :]
        tally.asked += 1
        tally.grey, self._is_typed = tally.grey + (self._is_typed and bool(ghost)), False
        if not ghost:
            self.showing = ""
            return None
        wanted = choose(ghost, rest)
        if not (self.showing and ghost.startswith(self.showing)):  # a longer version of it is not new
            tally.shown, self._is_used, self.showing = tally.shown + 1, False, ""
            tally.exact += wanted is not None and wanted[0] == ghost
        tally.offered += len(ghost) - len(self.showing)
        tally.right += max(0, _right(ghost, rest) - len(self.showing))
        self.showing = ghost
        return wanted

    def take(self, piece: str, price_keys: int) -> None:
        """Take `piece`, the beginning of what is shown."""
        self.tally.keys += price_keys
        self.tally.used += not self._is_used
        self._is_used = True
        self.place += len(piece)
        self.showing = self.showing[len(piece) :]


class OfflineCompleter(Protocol):
    """Offers suggestions to a simulated writer, without a clock.

    Who offers text at a place, "" for none, and hears what became of it.
    """

    def offer(self, place: int) -> str: ...
    def typed_over(self) -> None: ...
    def took(self, characters: int) -> None: ...


def write(text: str, start: int, partner: OfflineCompleter) -> Tally:
    """Type `text` from `start` on; nothing comes late."""
    keystrokes = Keystrokes(text, start)
    while keystrokes:
        keystrokes.press()
        if keystrokes.typed_over:
            partner.typed_over()
        while keystrokes and (wanted := keystrokes.look(partner.offer(keystrokes.place))):
            keystrokes.take(*wanted)
            partner.took(len(wanted[0]))
    return keystrokes.tally


def read(text: str, start: int, partner: OfflineCompleter) -> Tally:
    """Type all of `text` from `start` on and take nothing: how restless the screen is for who only writes.

    The last key, behind which nothing can be shown, does not count.
    """
    keystrokes = Keystrokes(text, start)
    while keystrokes:
        keystrokes.press()
        if keystrokes:
            keystrokes.look(partner.offer(keystrokes.place))
    return replace(keystrokes.tally, keys=keystrokes.tally.asked)


def choose(ghost: str, rest: str) -> tuple[str, int] | None:
    """What a writer of `rest` takes of `ghost`, and what it costs in keys; None where taking saves no key."""
    if len(ghost) > 1 and rest.startswith(ghost) and _ends_a_word(ghost, rest):
        return ghost, 1
    words, end = 0, 0
    for word in re.finditer(r"\s*\S+", ghost):
        piece = ghost[: word.end()]
        if not rest.startswith(piece) or rest[len(piece) : len(piece) + 1].isalnum():
            break
        words, end = words + 1, len(piece)
    return (ghost[:end], words) if end > words else None


def _right(ghost: str, rest: str) -> int:
    """How many leading characters of `ghost` are right."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ghost, rest, strict=False)))


def _ends_a_word(ghost: str, rest: str) -> bool:
    """False where `ghost`, all of it right, stops inside a word."""
    last, following = ghost[-1], rest[len(ghost) : len(ghost) + 1]
    return not (last.isalnum() and last < _FIRST_CJK and following.isalnum())
