"""Counters and durations for `shadowpen status`, without text.

Written by two threads, one number each at a time; a report may be one request behind.
"""

from __future__ import annotations

from collections import Counter, deque

from shadowpen.daemon.wire.reports import LatencyReport

_REMEMBERED = 1000  # completions that the percentiles are taken over


class Counters:
    """Counts and latencies of the daemon.

    `requests` by kind, `failures` by code, and `completions_ms`: how long completions took from arrival to answer.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.completions_ms: deque[float] = deque(maxlen=_REMEMBERED)

    def completion_ms(self) -> LatencyReport:
        taken = sorted(self.completions_ms)
        return LatencyReport(p50=_percentile(taken, 0.5), p90=_percentile(taken, 0.9), of=len(taken))


def _percentile(ordered: list[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed; None of nothing."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
