"""daemon/serving/counters.py: percentiles."""

from __future__ import annotations

from shadowpen.daemon.serving.counters import Counters
from shadowpen.daemon.wire.reports import LatencyReport


def test_nothing_yet() -> None:
    assert Counters().completion_ms() == LatencyReport(p50=None, p90=None, of=0)


def test_percentiles() -> None:
    counters = Counters()
    for total_ms in range(100, 0, -1):
        counters.completions_ms.append(total_ms)
    assert counters.completion_ms() == LatencyReport(p50=51, p90=91, of=100)


def test_one_completion_is_all_of_them() -> None:
    counters = Counters()
    counters.completions_ms.append(7.04)
    assert counters.completion_ms() == LatencyReport(p50=7.0, p90=7.0, of=1)


def test_old_completions_are_forgotten() -> None:
    counters = Counters()
    for _ in range(1000):
        counters.completions_ms.append(1000)
    for _ in range(1000):
        counters.completions_ms.append(1)
    assert counters.completion_ms() == LatencyReport(p50=1, p90=1, of=1000)
