"""Only a sure gain without harm passes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shadowpen.daemon.learning.gate import MAX_GENERAL_RATIOS as RATIOS
from shadowpen.daemon.learning.gate import Keys, Scores, decide, with_keys

_RANDOM = np.random.default_rng(5)
_NATS = np.abs(_RANDOM.normal(3.0, 1.5, 3_000))
_STRETCHES = np.repeat(np.arange(60), 50)


def _scores(gain: float, noise: float = 0.3) -> Scores:
    changed = _NATS - gain - np.random.default_rng(6).normal(0, noise, 3_000)
    return Scores(changed, _STRETCHES)


_SERVED = Scores(_NATS, _STRETCHES)


def test_a_sure_gain_without_harm_is_promoted() -> None:
    decision = decide(_SERVED, _scores(0.1), 20.0, 20.1)

    assert decision.promote
    assert decision.reasons == ()
    assert decision.metrics["gain_nats"] == pytest.approx(0.1, abs=0.02)
    assert decision.metrics["perplexity"] < decision.metrics["perplexity_served"]
    assert decision.metrics["general_ratio"] == pytest.approx(1.005)


@pytest.mark.parametrize(
    ("candidate", "general", "reason"),
    [
        (_scores(-0.05), 20.0, "does not predict your newest text better"),
        (_scores(0.004, noise=2.0), 20.0, "may be chance|does not predict"),
        (_scores(0.5), 21.3, "6.5 % worse than the base"),
        (Scores(np.where(np.arange(3_000) == 7, np.nan, _NATS), _STRETCHES), 20.0, "NaN"),
        (_scores(0.5), math.nan, "NaN"),
        (_scores(0.5), math.inf, "NaN"),
    ],
)
def test_everything_else_is_rejected_with_its_reason(candidate: Scores, general: float, reason: str) -> None:
    decision = decide(_SERVED, candidate, 20.0, general)

    assert not decision.promote
    (said,) = decision.reasons
    assert any(part in said for part in reason.split("|"))


def test_both_failures_are_told() -> None:
    assert len(decide(_SERVED, _scores(-0.1), 20.0, 30.0).reasons) == 2


def test_different_tokens_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="different tokens"):
        decide(_SERVED, Scores(_NATS[:10], _STRETCHES[:10]), 20.0, 20.0)


def test_the_limit_on_general_text_is_what_the_author_allows() -> None:
    allowed = {name: decide(_SERVED, _scores(0.5), 20.0, 20.6, limit).promote for name, limit in RATIOS.items()}

    assert allowed == {"gentle": False, "normal": True, "strong": True}


_PROMOTED = decide(_SERVED, _scores(0.1), 20.0, 20.1)


@pytest.mark.parametrize(("more", "promoted"), [(-4, True), (0, True), (5, False)])
def test_what_surely_saves_fewer_keys_is_refused(more: int, promoted: bool) -> None:
    before = (70, 80, 75, 90, 60, 85, 77, 66)
    keys = Keys((100,) * 8, before, tuple(pressed + more for pressed in before))

    decision = with_keys(_PROMOTED, keys)

    assert decision.promote is promoted
    assert decision.metrics["ksr_served"] - decision.metrics["ksr"] == pytest.approx(more / 100)
    assert decision.metrics["gain_nats"] == _PROMOTED.metrics["gain_nats"]
    for reason in decision.reasons:
        assert "significantly fewer than the 24.6 %" in reason
        assert "It would predict yours" in reason


def test_fewer_keys_saved_by_chance_are_no_reason() -> None:
    keys = Keys((100,) * 8, (70, 80, 75, 90, 60, 85, 77, 66), (80, 72, 86, 79, 73, 78, 76, 67))

    assert with_keys(_PROMOTED, keys).promote


def test_nothing_typed_says_nothing() -> None:
    assert with_keys(_PROMOTED, Keys((), (), ())) == _PROMOTED
