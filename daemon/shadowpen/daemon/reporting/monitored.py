"""Report section on how well suggestions, expansions and verbs did, from the file of monitoring.

Curves by day, tables by version, and the alarms that stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.monitoring import similarity
from shadowpen.daemon.monitoring.figures import Counts, Days, by_day, by_version
from shadowpen.daemon.monitoring.produced_texts import Key, TaskCounts, by_day_and_task, by_task_and_version
from shadowpen.daemon.reporting.page import Section
from shadowpen.daemon.reporting.plots import Plot, drawn

_HEADER = words(
    "version", "shown", "accepted", "text kept", "letters changed per accepted letter", "rating",
    "perplexity of new text", "median, ms", "90 %, ms",
)  # fmt: skip


_TASKS_HEADER = (
    *words("task", "version", "texts", "text kept", "letters changed per accepted letter"), "BLEU", "chrF", "ROUGE-L",
)  # fmt: skip


def sections(days: Days, tasks: Mapping[Key, TaskCounts], alarms: Sequence[str]) -> list[Section]:
    """What stands as an alarm, then the figures; nothing where nothing was counted."""
    found = [Section("Alarms", list(alarms))] if alarms else []
    if days:
        found += [_by_version(by_version(days)), *_curves(by_day(days))]
    if tasks:
        found += [_by_task(tasks), *_task_curves(tasks)]
    return found


def _by_task(found: Mapping[Key, TaskCounts]) -> Section:
    sentence = (
        "BLEU, chrF and ROUGE-L say how similar the offered text and the text ten minutes later are, from 0 to "
        "100; means over the texts."
    )
    sentences, header = [similarity.missing() or sentence], _TASKS_HEADER
    encoded = any(one.encoded for one in found.values())
    if encoded:
        sentences.append(
            "BERTScore compares them by an encoder's vectors. Texts that say different things score high, too, so "
            "only its changes tell something, and only as long as the encoder stays the same."
        )
        header = (*header, "BERTScore")
    rows = [
        (
            task,
            version,
            f"{one.texts:,}",
            _share(one.kept_share),
            _number(one.edited_share, ".2f"),
            *(_number(value, ".0f") for value in one.similarity or (None, None, None)),
            *([_number(one.mean_bert_score, ".0f")] if encoded else []),
        )
        for (task, version), one in by_task_and_version(found).items()
    ]
    return Section("Expansions and verbs", sentences, header=header, rows=rows)


def _task_curves(found: Mapping[Key, TaskCounts]) -> list[Section]:
    daily = by_day_and_task(found)
    if len(daily) < 2:
        return []
    series = {
        task: [
            None if (one := tasks.get(task)) is None or one.similarity is None else one.similarity.chrf
            for tasks in daily.values()
        ]
        for task in sorted({task for _, task, _ in found})
    }
    picture = drawn(Plot("lines", list(daily), series, "chrF"))
    return [Section("How similar offered and kept texts were, day by day", picture=picture)] if picture else []


def _by_version(found: Mapping[str, Counts]) -> Section:
    sentence = (
        "Perplexity is that of text written while the version was in use, before anything learned it. If "
        "suggestions of a version are accepted significantly less often than those of the version before, that version "
        "is used again."
    )
    return Section("Versions in use", [sentence], header=_HEADER, rows=[row(name, one) for name, one in found.items()])


def row(name: str, one: Counts) -> tuple[str, ...]:
    """The figures of one day or version in words."""
    return (
        name,
        f"{one.shown:,}",
        _share(one.taken_share),
        _share(one.kept_share),
        _number(one.edited_share, ".2f"),
        _number(one.rating, ".1f"),
        _number(one.perplexity, ".2f"),
        _number(one.latency_ms(0.5), ".0f"),
        _number(one.latency_ms(0.9), ".0f"),
    )


def _curves(daily: Mapping[str, Counts]) -> list[Section]:
    if len(daily) < 2:
        return []
    shares = {
        translated("accepted, %"): _of(daily, lambda one: one.taken_share, 100),
        translated("kept, %"): _of(daily, lambda one: one.kept_share, 100),
    }
    latency = {
        translated("median"): _of(daily, lambda one: one.latency_ms(0.5)),
        "90 %": _of(daily, lambda one: one.latency_ms(0.9)),
    }
    drawn_shares = drawn(Plot("lines", list(daily), shares, translated("share, %")))
    found = [
        Section("Accepted and kept, day by day", picture=drawn_shares),
        Section("Latency, day by day", picture=drawn(Plot("lines", list(daily), latency, "ms"))),
    ]
    return [one for one in found if one.picture]


def _of(
    daily: Mapping[str, Counts], figure: Callable[[Counts], float | None], scale: float = 1.0
) -> list[float | None]:
    return [None if (value := figure(one)) is None else scale * value for one in daily.values()]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
