"""What was measured of a model is kept, and compared with the base's and judged by the gate on the same numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shadowpen.daemon.learning.gate import Scores
from shadowpen.exporters.lab.measured import Measured, differences, judged, keep, kept

_STRETCHES = np.repeat(np.arange(20), 10)


def _measured(nats: float, keys: float, gap: float) -> Measured:
    return Measured(
        own=Scores(nats + 0.1 * np.sin(np.arange(200.0)), _STRETCHES),
        next_words=0.25,
        general_perplexity=30.0,
        typed=tuple((140.0, keys + number, keys + number + 2) for number in range(8)),
        gaps={f"row {number}|the man|is strong": gap + 0.01 * number for number in range(30)},
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    one = _measured(3.0, 100, 0.5)
    keep(tmp_path / "measured.npz", one)
    again = kept(tmp_path / "measured.npz")
    assert (again.typed, again.gaps, again.next_words) == (one.typed, one.gaps, one.next_words)
    assert np.array_equal(again.own.nats, one.own.nats)


def test_differences_are_by_token_by_key_and_by_pair() -> None:
    base, one = _measured(3.0, 100, 0.5), _measured(2.8, 93, 0.4)

    found = differences(base, one)

    assert found["nats_gained"].mean == pytest.approx(0.2)
    assert found["ksr"].mean == pytest.approx(7 / 140)
    assert found["stereotype_gap"].mean == pytest.approx(-0.1)
    low, high = found["nats_gained"].low, found["nats_gained"].high
    assert low is not None and high is not None and 0.19 < low <= high < 0.21
    assert one.saved(1) > one.saved(2)
    with pytest.raises(ValueError, match="same texts"):
        differences(base, replace(one, typed=()))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (_measured(2.8, 93, 0.5), ""),
        (_measured(3.1, 93, 0.5), "does not predict"),
        (_measured(2.8, 110, 0.5), "saves"),
        (_measured(2.8, 93, 0.6), "stereotypes"),
    ],
)
def test_the_gate_judges_reading_typing_and_stereotypes(one: Measured, reason: str) -> None:
    verdict = judged(_measured(3.0, 100, 0.5), one, 1.05, 0.05)
    assert verdict.promote == (not reason)
    assert not reason or reason in verdict.reasons[0]
