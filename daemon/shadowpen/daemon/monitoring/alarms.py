"""Alarms: recent figures beyond the limits in the settings, one sentence each.

A limit of 0 is none, and too little to judge is no alarm. Knows neither how alarms are told nor where figures lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring.figures import Counts, Days, since, total
from shadowpen.daemon.monitoring.produced_texts import Key, TaskCounts, by_task

DECLINE = "decline"
_LEAST_SHOWN = 200
_LEAST_CHARACTERS = 1_000
_LEAST_RATINGS = 5
_LEAST_TOKENS = 1_000
_LEAST_COMPARED = 10  # texts of a task
_COMPARISONS = {"bleu": "BLEU", "chrf": "chrF", "rouge_l": "ROUGE-L", "bert_score": "BERTScore"}


class Alarm(NamedTuple):
    """`name` tells alarms apart, `message` is a sentence for the user."""

    name: str
    message: str


def raised(days: Days, settings: MonitoringSettings, first: str) -> list[Alarm]:
    """What speaks for an alarm in the figures of the day `first` and later."""
    now = total(since(days, first).values())
    before = total(one for key, one in days.items() if key[0] < first)
    period = _period(settings)
    return [*_of_suggestions(now, settings, period), *_of_text(now, before, settings, period)]


def of_tasks(found: Mapping[Key, TaskCounts], settings: MonitoringSettings, first: str) -> list[Alarm]:
    """What speaks for an alarm in how texts made at the user's order fared, each task by itself."""
    recent = {key: one for key, one in found.items() if key[0] >= first}
    return [
        Alarm(
            f"{name} of {task}",
            f"Texts by {task} had a {_COMPARISONS[name]} of {value:.0f} compared with what was left of them "
            f"ten minutes later {_period(settings)}; "
            f"the limit is {limit:g} (monitoring.min_{name}).",
        )
        for task, one in by_task(recent).items()
        for name, value in _comparisons(one)
        if value < (limit := getattr(settings, f"min_{name}"))
    ]


def _comparisons(one: TaskCounts) -> Iterator[tuple[str, float]]:
    """Each mean of enough texts, by its name."""
    if one.similarity is not None and one.compared >= _LEAST_COMPARED:
        yield from one.similarity._asdict().items()
    if one.mean_bert_score is not None and one.encoded >= _LEAST_COMPARED:
        yield "bert_score", one.mean_bert_score


def _period(settings: MonitoringSettings) -> str:
    return f"in the last {settings.period_days} days" if settings.period_days > 1 else "today"


def _of_suggestions(now: Counts, settings: MonitoringSettings, period: str) -> Iterator[Alarm]:
    share = now.taken_share
    if share is not None and now.shown >= _LEAST_SHOWN and share < settings.min_taken_share:
        limit = f"the limit is {settings.min_taken_share:.0%} (monitoring.min_taken_share)"
        yield Alarm("taken", f"You accepted {share:.0%} of {now.shown:,} suggestions {period}; {limit}.")
    ms = now.latency_ms(0.9)
    limit_ms = settings.max_latency_p90_ms
    if ms is not None and limit_ms and now.latencies.total() >= _LEAST_SHOWN and ms > limit_ms:
        limit = f"the limit is {limit_ms:.0f} ms (monitoring.max_latency_p90_ms)"
        yield Alarm("latency", f"A tenth of the ghost texts took longer than {ms:.0f} ms {period}; {limit}.")
    if now.rating is not None and now.ratings >= _LEAST_RATINGS and now.rating < settings.min_rating:
        limit = f"the limit is {settings.min_rating:g} (monitoring.min_rating)"
        yield Alarm("rating", f"Your mean rating was {now.rating:.1f} {period}; {limit}.")


def _of_text(now: Counts, before: Counts, settings: MonitoringSettings, period: str) -> Iterator[Alarm]:
    kept, edited = now.kept_share, now.edited_share
    if kept is not None and edited is not None and now.looked_at >= _LEAST_CHARACTERS:
        if kept < settings.min_kept_share:
            limit = f"the limit is {settings.min_kept_share:.0%} (monitoring.min_kept_share)"
            yield Alarm("kept", f"After ten minutes {kept:.0%} of what you accepted was left {period}; {limit}.")
        if settings.max_edited_share and edited > settings.max_edited_share:
            limit = f"the limit is {settings.max_edited_share:g} (monitoring.max_edited_share)"
            changed = f"you changed {edited:.2f} letters per accepted letter {period}"
            yield Alarm("edited", f"Within ten minutes {changed}; {limit}.")
    if settings.max_perplexity_rise and now.perplexity and before.perplexity:
        rise = now.perplexity / before.perplexity
        if min(now.tokens, before.tokens) >= _LEAST_TOKENS and rise > settings.max_perplexity_rise:
            limit = f"the limit is {settings.max_perplexity_rise:g} (monitoring.max_perplexity_rise)"
            yield Alarm(
                "perplexity", f"Your new text was {rise:.1f} times as hard to predict as before {period}; {limit}."
            )
