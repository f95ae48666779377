"""Detect clients that cancel nearly all of their requests, faster than anyone types.

Their next requests are let rest for a moment, in which most are taken back again: so the model works for those who
wait for their answers. This file knows neither requests nor the scheduler.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_FADES_S = 1.0
_AT_ONCE = 40.0  # taken back within about a second; a key held down comes to 30


class CancelLimiter:
    """Counts what each client took back unanswered, the newest counting most; `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[bytes, tuple[float, float]] = {}  # client → count, and when it was so

    def abandoned(self, client: bytes) -> None:
        """A request of `client` was dropped before its answer."""
        self._counts[client] = (self._count(client) + 1.0, self._clock())

    def is_throttled(self, client: bytes) -> bool:
        """Whether the next request of `client` will most likely be taken back as well."""
        return self._count(client) > _AT_ONCE

    def forget(self, client: bytes) -> None:
        self._counts.pop(client, None)

    def _count(self, client: bytes) -> float:
        count, then_s = self._counts.get(client, (0.0, 0.0))
        return count * math.exp((then_s - self._clock()) / _FADES_S) if count else 0.0
