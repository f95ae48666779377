"""A figure beyond its limit raises one alarm with the figure and the setting in it; too little to judge raises none."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring.alarms import of_tasks, raised
from shadowpen.daemon.monitoring.figures import Counts, bucket
from shadowpen.daemon.monitoring.produced_texts import TaskCounts

LIMITS = MonitoringSettings(
    min_taken_share=0.1,
    min_kept_share=0.5,
    max_edited_share=0.6,
    max_latency_p90_ms=100,
    min_rating=2.5,
    max_perplexity_rise=1.5,
)
OFF = MonitoringSettings(
    min_taken_share=0,
    min_kept_share=0,
    max_edited_share=0,
    max_latency_p90_ms=0,
    min_rating=0,
    max_perplexity_rise=0,
)
BAD = {
    "taken": (Counts(shown=300, taken=15), "5% of 300"),
    "kept": (Counts(looked_at=2000, kept=500), "25%"),
    "edited": (Counts(looked_at=2000, kept=1500, edited=1500), "0.75"),
    "latency": (Counts(latencies=Counter({bucket(20): 150, bucket(400): 100})), "than 4"),
    "rating": (Counts(ratings=6, rated=9.0), "1.5"),
    "perplexity": (Counts(tokens=2000, nats=8000.0), "2.7 times"),
}
BEFORE = {("2026-04-01", "v1"): Counts(tokens=2000, nats=6000.0)}


@pytest.mark.parametrize("name", BAD)
def test_each_figure_has_its_alarm(name: str) -> None:
    counts, figure = BAD[name]
    days = {**BEFORE, ("2026-05-01", "v1"): counts}

    (alarm,) = raised(days, LIMITS, "2026-04-25")

    assert alarm.name == name
    assert figure in alarm.message and "in the last 7 days" in alarm.message and "(monitoring.m" in alarm.message
    assert raised(days, OFF, "2026-04-25") == []
    assert raised(days, LIMITS, "2026-05-02") == []  # long ago


def test_a_tasks_texts_are_judged_by_the_limits_that_are_set() -> None:
    texts = TaskCounts(texts=12, compared=12, bleu=240.0, chrf=480.0, rouge_l=960.0, encoded=10, bert_score=850.0)
    found = {("2026-05-01", "expand", "v1"): texts, ("2026-05-01", "correct", "v1"): TaskCounts(texts=9, compared=9)}

    alarms = of_tasks(found, dataclasses.replace(OFF, min_bleu=50, min_chrf=50, min_rouge_l=50), "2026-05-01")

    assert [alarm.name for alarm in alarms] == ["bleu of expand", "chrf of expand"]
    assert "BLEU of 20" in alarms[0].message and "the limit is 50 (monitoring.min_bleu)" in alarms[0].message
    assert of_tasks(found, OFF, "2026-05-01") == []
    (alarm,) = of_tasks(found, dataclasses.replace(OFF, min_bert_score=90), "2026-05-01")
    assert alarm.name == "bert_score of expand" and "BERTScore of 85 " in alarm.message
    assert "(monitoring.min_bert_score)" in alarm.message


def test_too_little_says_nothing() -> None:
    little = Counts(shown=100, looked_at=500, ratings=3, rated=3.0, tokens=500, nats=4000.0)
    assert raised({**BEFORE, ("2026-05-01", "v1"): little}, LIMITS, "2026-04-25") == []


def test_versions_of_a_period_are_judged_together() -> None:
    days = {("2026-05-01", name): Counts(shown=150, taken=5) for name in ("v1", "v2")}
    assert [alarm.name for alarm in raised(days, LIMITS, "2026-05-01")] == ["taken"]
    today = dataclasses.replace(LIMITS, period_days=1)
    assert "suggestions today" in raised(days, today, "2026-05-01")[0].message
