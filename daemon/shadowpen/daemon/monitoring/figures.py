"""The figures of a day and a version, added up and divided. Knows neither the file they lie in nor who gathers them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

BEFORE_DAYS = ""  # the day of what an earlier version of Shadowpen counted without days
_GROWTH = 1.1  # of the bounds of a bucket of latencies: percentiles are right within 5 %
_MOST_NATS = 700.0  # whose exponential is a number

Days = Mapping[tuple[str, str], "Counts"]  # by (day, version)


@dataclass
class Counts:
    """Of suggestions: how many were `shown`, of how many something was `taken`, and how many `characters` that were.

    Of the `looked_at` characters that could be looked at ten minutes later, `kept` still stood there, and `edited`
    letters were changed. `ratings` add up to `rated`. `nats` were needed for `tokens` of text that was new to the
    version. `latencies` counts answers by bucket (see `bucket`).
    """

    shown: int = 0
    taken: int = 0
    characters: int = 0
    looked_at: int = 0
    kept: int = 0
    edited: int = 0
    ratings: int = 0
    rated: float = 0.0
    tokens: int = 0
    nats: float = 0.0
    latencies: Counter[int] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.latencies += other.latencies

    @property
    def taken_share(self) -> float | None:
        return self.taken / self.shown if self.shown else None

    @property
    def kept_share(self) -> float | None:
        return self.kept / self.looked_at if self.looked_at else None

    @property
    def edited_share(self) -> float | None:
        """Letters changed for each that was taken; above 1 where more was written around it."""
        return self.edited / self.looked_at if self.looked_at else None

    @property
    def rating(self) -> float | None:
        return self.rated / self.ratings if self.ratings else None

    @property
    def perplexity(self) -> float | None:
        """On new text, before it was learned."""
        return math.exp(min(_MOST_NATS, self.nats / self.tokens)) if self.tokens else None

    def latency_ms(self, share: float) -> float | None:
        """The time that at least `share` of the answers did not take longer than, within 5 %; None of nothing."""
        wanted = share * self.latencies.total()
        for number in sorted(self.latencies):
            wanted -= self.latencies[number]
            if wanted <= 0:
                return round(_GROWTH**number, 1)
        return None


NUMBERS = tuple(one.name for one in fields(Counts) if one.name != "latencies")


def bucket(ms: float) -> int:
    """The bucket of a latency."""
    return round(math.log(max(1.0, ms), _GROWTH))


def total(found: Iterable[Counts]) -> Counts:
    """All of them together."""
    result = Counts()
    for one in found:
        result.add(one)
    return result


def by_version(days: Days, *, dated: bool = False) -> dict[str, Counts]:
    """Each version's figures over all days; `dated`: without what was counted before there were days."""
    names = sorted({version for _, version in days})
    return {
        name: total(one for (day, version), one in days.items() if version == name and (day or not dated))
        for name in names
    }


def by_day(days: Days) -> dict[str, Counts]:
    """Each day's figures over all versions, the earliest day first."""
    return {
        day: total(one for (on, _), one in days.items() if on == day) for day in sorted({on for on, _ in days if on})
    }


def since(days: Days, first: str) -> dict[tuple[str, str], Counts]:
    """What was counted on `first` or later."""
    return {key: one for key, one in days.items() if key[0] >= first}
