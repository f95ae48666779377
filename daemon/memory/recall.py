"""What the memory holds about one place in a text: where its last words stood before, and what followed them.

Asks the written index and the live text alike and adds up what they say. Knows neither files nor models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shadowpen.daemon.memory.codes import DEPTH, Code

BLENDED_ORDERS = 6  # tokens of context whose followers are counted; more changed nothing (see blending)


class Filed(Protocol):
    @property
    def origin(self) -> str: ...


class Index(Protocol):
    """See snapshot.Snapshot."""

    def spans(self, context: bytes, orders: int) -> list[tuple[int, int]]: ...
    def followers(self, span: tuple[int, int]) -> dict[int, float]: ...
    def places(self, span: tuple[int, int], most: int) -> list[int]: ...
    def token(self, place: int) -> tuple[int, int]: ...
    def onward(self, place: int, tokens: int) -> int: ...
    def document(self, place: int) -> Filed: ...


@dataclass(frozen=True)
class Matches:
    """Where the last tokens of a text stand in one index: a range for each length of 1, 2, ... tokens."""

    index: Index
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class Followers:
    """What followed the last `order` tokens: token → weight (an own word counts 1)."""

    order: int
    weights: dict[int, float]
    total: float
    likeliest: int

    @property
    def share(self) -> float:
        """Of the weight, what the likeliest has."""
        return self.weights[self.likeliest] / self.total


@dataclass(frozen=True)
class Recall:
    """`length`: how many of the last tokens stand somewhere, at most DEPTH. `followers`: shortest context first."""

    length: int
    followers: tuple[Followers, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.followers)


NOTHING = Recall(0)


def matches(indexes: Iterable[Index], ids: Sequence[int], code: Code) -> list[Matches]:
    """Where the end of `ids` stands, index by index."""
    context, orders = code.context(ids), min(DEPTH, len(ids))
    found = [Matches(index, index.spans(context, orders)) for index in indexes]
    return [match for match in found if match.spans]


def recall(indexes: Iterable[Index], ids: Sequence[int], code: Code) -> Recall:
    """What followed the last 1 to BLENDED_ORDERS tokens of `ids`."""
    found = matches(indexes, ids, code)
    if not found:
        return NOTHING
    length = max(len(match.spans) for match in found)
    each = (_followers(order, found) for order in range(1, min(length, BLENDED_ORDERS) + 1))
    return Recall(length, tuple(followers for followers in each if followers is not None))


def _followers(order: int, found: Sequence[Matches]) -> Followers | None:
    parts = [match.index.followers(match.spans[order - 1]) for match in found if len(match.spans) >= order]
    weights = parts[0]
    for part in parts[1:]:
        weights = dict(weights)
        for token, weight in part.items():
            weights[token] = weights.get(token, 0.0) + weight
    total = sum(weights.values())
    if total <= 0:
        return None
    return Followers(order, weights, total, max(weights, key=weights.__getitem__))
