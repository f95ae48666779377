"""Memory's answer for one place: earlier occurrences of its last words and what followed.

Asks the written index and the live text alike and adds up what they say. Knows neither files nor models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shadowpen.daemon.memory.index.codes import DEPTH, Code
from shadowpen.daemon.memory.index.counted import Counted, added

BLENDED_ORDERS = 6  # tokens of context whose followers are counted; more changed nothing (see blending)


class HasOrigin(Protocol):
    """An entry that knows its document."""

    @property
    def origin(self) -> str: ...


class Index(Protocol):
    """A searchable index of the user's text. See snapshot.Snapshot."""

    def spans(self, context: bytes, orders: int) -> list[tuple[int, int]]: ...
    def followers(self, span: tuple[int, int]) -> Counted: ...
    def places(self, span: tuple[int, int], most: int) -> list[int]: ...
    def token(self, place: int) -> tuple[int, int]: ...
    def onward(self, place: int, tokens: int) -> int: ...
    def begun(self, words: bytes) -> list[int]: ...
    def document(self, place: int) -> HasOrigin: ...


@dataclass(frozen=True)
class Matches:
    """Where the last tokens of a text stand in one index: a range for each length of 1, 2, ... tokens."""

    index: Index
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class Followers:
    """What followed the last `order` tokens (an own word weighs 1)."""

    order: int
    counted: Counted

    @property
    def share(self) -> float:
        """Of the weight, what the likeliest has."""
        return self.counted.weights[self.counted.likeliest] / self.counted.total


@dataclass(frozen=True)
class Recall:
    """The memory's answer for one place.

    `followers`: those of the shortest context first.
    """

    followers: tuple[Followers, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.followers)


NOTHING = Recall()


def matches(indexes: Iterable[Index], ids: Sequence[int], code: Code, most: int = DEPTH) -> list[Matches]:
    """Where the last 1 to `most` of `ids` stand, index by index."""
    context, orders = code.context(ids), min(most, len(ids))
    found = [Matches(index, index.spans(context, orders)) for index in indexes]
    return [match for match in found if match.spans]


def recall(indexes: Iterable[Index], ids: Sequence[int], code: Code) -> Recall:
    """What followed the last 1 to BLENDED_ORDERS tokens of `ids`."""
    found = matches(indexes, ids, code, BLENDED_ORDERS)
    followers = []
    for order in range(1, max((len(match.spans) for match in found), default=0) + 1):
        parts = [match.index.followers(match.spans[order - 1]) for match in found if len(match.spans) >= order]
        counted = added(parts)
        if counted.total > 0:
            followers.append(Followers(order, counted))
    return Recall(tuple(followers))
