"""Suggestions the user dismissed, which are not offered again at that place.

Kept in memory only, since it is text; what an earlier process was told is recalled from elsewhere, if it may be. Knows
places by what stands before them.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_TAIL = 64  # characters before the cursor that tell a place
_DOCUMENTS = 64
_A_DOCUMENT = 32
_LEAST_CONTEXT = 16  # characters by which a place is known again in another process

Recalled = tuple[str, str, str]  # the document's address, what stood before, the text


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
    """The last dismissals of each document.

    `recall` gives those of an earlier process, oldest first; it is asked once, when that matters.
    """

    def __init__(self, recall: Callable[[], Iterable[Recalled]] = tuple) -> None:
        self._recall: Callable[[], Iterable[Recalled]] | None = recall
        self._known: OrderedDict[str, deque[_Dismissal]] = OrderedDict()

    def add(self, document: str, prefix: str, text: str) -> None:
        """The author does not want `text` after `prefix`."""
        self._remember_what_was()
        self._put(document, prefix, text)

    def covers(self, document: str, prefix: str, text: str) -> bool:
        self._remember_what_was()
        return any(known.covers(prefix, text) for known in self._known.get(document, ()))

    def _remember_what_was(self) -> None:
        recall, self._recall = self._recall, None
        for document, prefix, text in recall() if recall is not None else ():
            if len(prefix.strip()) >= _LEAST_CONTEXT:
                self._put(document, prefix, text)

    def _put(self, document: str, prefix: str, text: str) -> None:
        self._known.setdefault(document, deque(maxlen=_A_DOCUMENT)).append(_Dismissal(prefix[-_TAIL:], text))
        self._known.move_to_end(document)
        if len(self._known) > _DOCUMENTS:
            self._known.popitem(last=False)
