"""What was measured of a version is told without perplexities or nats."""

from __future__ import annotations

import math

import pytest

from shadowpen.daemon.learning.told import certain, compared, sentences


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(22.25, 20.5, "7.9 % better"), (20.0, 21.0, "5.0 % worse"), (20.0, 20.0, "0.0 % better"), (None, 20.5, "")],
)
def test_two_perplexities_are_one_comparison(before: float | None, after: float, words: str) -> None:
    assert compared(before, after) == words


def test_a_gain_is_told_only_where_there_is_one() -> None:
    assert certain(0.01) == "1.0 % better"
    assert certain(-0.01) == certain(None) == certain(math.nan) == ""


def test_a_run_ends_in_sentences() -> None:
    metrics = {"perplexity": 20.5, "perplexity_served": 22.25, "gain_lower_bound": 0.01, "general_ratio": 1.004}
    own, others = sentences(metrics)
    assert "newest text is predicted 7.9 % better" in own and "at least 1.0 % better, at 90% certainty" in own
    assert others == "Other people's text is predicted 0.4 % worse than by the model before any learning."
    assert list(sentences({})) == []
