"""What the author waved away: never offered again at that place, however far it is typed along.

Kept in memory only and forgotten with the process, since it is text. Knows places by what stands before them.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

_TAIL = 64  # characters before the cursor that tell a place
_DOCUMENTS = 64
_A_DOCUMENT = 32


@dataclass(frozen=True)
class _Dismissal:
    before: str
    text: str

    def covers(self, prefix: str, text: str) -> bool:
        """Whether `text` after `prefix` is this one again, some of it typed meanwhile perhaps."""
        for typed in range(len(self.text)):
            if prefix.endswith((self.before + self.text[:typed])[-_TAIL:]):
                left, offered = self.text[typed:].split(), text.split()
                return bool(left) and left[: len(offered)] == offered[: len(left)]
        return False


class Dismissed:
    """The last dismissals of each document."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, deque[_Dismissal]] = OrderedDict()

    def add(self, document: str, prefix: str, text: str) -> None:
        """The author does not want `text` after `prefix`."""
        self._known.setdefault(document, deque(maxlen=_A_DOCUMENT)).append(_Dismissal(prefix[-_TAIL:], text))
        self._known.move_to_end(document)
        if len(self._known) > _DOCUMENTS:
            self._known.popitem(last=False)

    def covers(self, document: str, prefix: str, text: str) -> bool:
        return any(known.covers(prefix, text) for known in self._known.get(document, ()))
