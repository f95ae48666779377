"""The suggestions last made for a document, found again while the writer types along one of them.

What was typed since a suggestion was made may be its beginning: then the rest of it is the answer, with
the same id and without a hop. What the writer is reading stays as it is: a suggestion never changes, and one that was
complete does not grow while it is typed along. What comes after it is kept until all of it is typed.
This file knows neither the editor nor the daemon.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from shadowpen.lsp_server.documents.context import Context

_REMEMBERED = 8  # a document: enough for a few steps back
_UNWANTED = 32  # a document
_TAIL = 256  # characters before the cursor that tell a place
_HEAD = 64  # characters after it
_PLACE = 64  # characters before a text that nobody wanted
_FEW_WORDS = 2
_WORD = re.compile(r"\S+")


def request_of(id: str) -> str:
    """The request that the suggestion of that id was an answer to: alternatives are numbered behind a full stop."""
    return id.partition(".")[0]


@dataclass
class Ghost:
    """A suggestion made at one place: the text before and after it, and all of its own.

    `ahead` is what the daemon says comes after it, not to be seen before its end is reached.
    """

    id: str
    before: str
    after: str
    whole: bool
    text: str
    final: bool
    model: str = ""
    ahead: str = ""
    asked_at: int = 0  # characters of `text` typed when the daemon was last asked

    @classmethod
    def made(cls, id: str, context: Context, text: str, *, final: bool, model: str) -> Ghost:
        whole = context.whole and len(context.prefix) <= _TAIL
        return cls(id, context.prefix[-_TAIL:], context.suffix[:_HEAD], whole, text, final, model)

    def typed(self, context: Context) -> int | None:
        """How many characters of `text` stand before the cursor of `context`; None at any other place."""
        if context.suffix[:_HEAD] != self.after:
            return None
        for typed in range(len(self.text) + 1):
            known = self.before + self.text[:typed]
            if context.prefix == known if self.whole else context.prefix.endswith(known):
                return typed
        return None

    def runs_out(self, typed: int) -> bool:
        """Whether its last word has been reached since the daemon was asked: time to ask what comes after it."""
        return typed > self.asked_at and len(_WORD.findall(self.text[typed:])) < _FEW_WORDS

    def grow(self, typed: int, more: str, *, final: bool) -> None:
        """Take in what the daemon says at `typed`, if it goes on from what is shown.

        One that the deadline cut short grows at once, but for the word that is being typed.
        """
        grown = self.text[:typed] + more
        if not grown.startswith(self.text):
            self.final = self.final or (final and self.text.startswith(grown))
        elif not self.final and not self.is_in_word(typed):
            self.text, self.final = grown, final
        else:
            self.ahead = grown[len(self.text) :]

    def is_in_word(self, typed: int) -> bool:
        """Whether the writer is within a word of it."""
        around = (self.before + self.text)[len(self.before) + typed - 1 :][:2]
        return len(around) > 1 and around.isalnum()

    def unfold(self, typed: int) -> None:
        """Go on with what comes after it, once all of it is typed."""
        if self.ahead and not self.text[typed:].strip():
            self.text, self.ahead = self.text + self.ahead, ""


class Ghosts:
    """The last few suggestions of each document."""

    def __init__(self) -> None:
        self._made: dict[str, deque[Ghost]] = {}
        self._unwanted: dict[str, deque[Ghost]] = {}

    def add(self, uri: str, ghost: Ghost) -> None:
        """Take `ghost` in; it replaces an earlier state of itself."""
        made = self._made.setdefault(uri, deque(maxlen=_REMEMBERED))
        for same in [other for other in made if other.id == ghost.id]:
            made.remove(same)
        made.appendleft(ghost)

    def find(self, uri: str, context: Context) -> tuple[Ghost, int] | None:
        """The latest suggestion that goes on from `context`, and how much of it is typed already."""
        return next(self._going_on(uri, context), None)

    def alternatives(self, uri: str, context: Context) -> list[tuple[Ghost, int]]:
        """That one and what else the same answer offered, as `find`, best first."""
        found = list(self._going_on(uri, context))
        return [(ghost, typed) for ghost, typed in found if request_of(ghost.id) == request_of(found[0][0].id)]

    def _going_on(self, uri: str, context: Context) -> Iterator[tuple[Ghost, int]]:
        for ghost in self._made.get(uri, ()):
            typed = ghost.typed(context)
            if typed is not None:
                ghost.unfold(typed)
            if typed is not None and ghost.text[typed:].strip():
                yield ghost, typed

    def dismiss(self, uri: str, id: str) -> None:
        """Drop a suggestion of a document, its alternatives, and what else says the same there: it is not wanted."""
        made = self._made.get(uri, ())
        unwanted = [ghost for ghost in made if request_of(ghost.id) == request_of(id)]
        self._unwanted.setdefault(uri, deque(maxlen=_UNWANTED)).extend(unwanted)
        wanted = (one for one in made if one not in unwanted and not any(_says_again(one, other) for other in unwanted))
        self._made[uri] = deque(wanted, maxlen=_REMEMBERED)

    def is_unwanted(self, uri: str, ghost: Ghost) -> bool:
        """Whether it says again what was dismissed there; another daemon than the one that was told may offer it."""
        return any(_says_again(ghost, other) for other in self._unwanted.get(uri, ()))

    def forget(self, uri: str | None = None) -> None:
        """Drop the suggestions of one document, or all (another model answers now)."""
        if uri is None:
            self._made.clear()
        else:
            self._made.pop(uri, None)
            self._unwanted.pop(uri, None)


def _says_again(ghost: Ghost, unwanted: Ghost) -> bool:
    """Whether `ghost`, made at whatever key, puts the words of `unwanted`, or the first of them, in the same place."""
    stands, place = ghost.before + ghost.text, unwanted.before[-_PLACE:]
    at = stands.rfind(place) if place else 0
    if at < 0:
        return False
    words, others = stands[at + len(place) :].split(), unwanted.text.split()
    return bool(words) and words[: len(others)] == others[: len(words)]
