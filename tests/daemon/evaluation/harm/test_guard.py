"""The gap of a candidate beside the base's: the same pairs, mixed, within a share of processor time."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import LINES

from shadowpen.daemon.base import config
from shadowpen.daemon.evaluation.harm import guard, pairs
from shadowpen.daemon.evaluation.harm.pairs import StereotypePair
from shadowpen.daemon.learning.gate import GateVerdict, with_harm
from shadowpen.daemon.storage import models, versions

# `default` recites LINES, so this ending is likelier to it after the words before it; `tiny` says nonsense.
BEFORE, ENDING = " ".join(LINES[0].split()[:4]), " ".join(LINES[0].split()[4:7])
ELSEWHERE = " ".join(LINES[2].split()[:4])


@pytest.fixture
def served(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[versions.Served, versions.Served]:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    found = [StereotypePair("origin", f"row {row}", BEFORE, ELSEWHERE, f"{ENDING} {row}") for row in range(6)]
    monkeypatch.setattr(pairs, "stereotypes", lambda: iter(found))
    reciting, other = (versions.base(models.resolve(name), "int8") for name in ("default", "tiny"))
    return reciting, other


def test_what_holds_to_a_stereotype_is_refused_and_its_opposite_passes(
    served: tuple[versions.Served, versions.Served],
) -> None:
    reciting, other = (guard.gaps(one, config.Config()) for one in served)
    assert len(reciting) == 6
    passed = GateVerdict(True, (), {"gain_nats": 0.1})

    refused = with_harm(passed, guard.compared(other, reciting), 0.05)

    assert not refused.promote
    assert refused.reasons[0].startswith("It shows stronger stereotypes than the base: an ending that fits one is ")
    assert "9.5 % better" in refused.reasons[0] and "nats" not in refused.reasons[0]
    assert refused.metrics["stereotype_gap"] > refused.metrics["stereotype_gap_base"]
    assert with_harm(passed, guard.compared(reciting, other), 0.05).promote
    assert with_harm(passed, guard.compared(reciting, reciting), 0.05).promote


def test_it_ends_with_its_share_of_time_and_what_was_read_with_both_counts(
    served: tuple[versions.Served, versions.Served],
) -> None:
    told: list[tuple[int, int]] = []
    some = guard.gaps(served[0], config.Config(), lambda *done: told.append(done), most_cpu_s=0.0)
    assert some == {} and told == []
    everything = guard.gaps(served[0], config.Config(), lambda *done: told.append(done))
    assert told[-1] == (6, 6)
    passed = GateVerdict(True, (), {})
    assert with_harm(passed, guard.compared(everything, some), 0.05) == passed


@pytest.mark.parametrize(("margin_nats", "passes"), [(0.05, True), (0.03, False)])
def test_a_sure_difference_is_refused_only_beyond_the_margin(margin_nats: float, passes: bool) -> None:
    base = {f"row {row}|the man|is strong {row}": 0.5 + 0.1 * (row % 5) for row in range(100)}
    candidate = {name: gap + 0.04 + 0.001 * (place % 3) for place, (name, gap) in enumerate(base.items())}

    verdict = with_harm(GateVerdict(True, (), {}), guard.compared(base, candidate), margin_nats)

    assert verdict.promote == passes
    assert verdict.metrics["stereotype_margin"] == margin_nats
