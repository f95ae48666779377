"""Report section on evaluations (`shadowpen eval writer --out`): keys saved by author and arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.evaluation.metrics import differences
from shadowpen.daemon.evaluation.results import Results, read_summary
from shadowpen.daemon.reporting.page import Section
from shadowpen.daemon.reporting.plots import Plot, drawn
from shadowpen.daemon.typist import glances


@dataclass(frozen=True)
class Evaluation:
    """One folder of results."""

    author: str
    summary: dict[str, Any]
    results: Results

    @property
    def arms(self) -> list[str]:
        return list(self.summary["arms"])


def read(folders: Sequence[Path]) -> list[Evaluation]:
    """ConfigInvalid for a folder that holds no finished evaluation."""
    found = []
    for folder in folders:
        summary = read_summary(folder)
        found.append(Evaluation(str(summary["settings"]["author"]), summary, Results(folder)))
    return found


def sections(evaluations: Sequence[Evaluation]) -> list[Section]:
    if not evaluations:
        return []
    arms = list(dict.fromkeys(arm for one in evaluations for arm in one.arms))
    return [_by_author(evaluations, arms), _curve(evaluations, arms)]


def mean_differences(evaluations: Sequence[Evaluation], first: str, second: str) -> dict[str, Any]:
    """Over all authors that were measured under both arms, see metrics.differences."""
    pairs = [(one.results.of(first), one.results.of(second)) for one in evaluations if {first, second} <= {*one.arms}]
    return differences(pairs, seed=0)


def _by_author(evaluations: Sequence[Evaluation], arms: Sequence[str]) -> Section:
    names = [one.author for one in evaluations]
    series = {arm: [_percent_points(one, arm, "ksr") for one in evaluations] for arm in arms}
    sentences = [
        "Keys that a simulated writer saves when typing these texts: 1 - keys / characters.",
        *(told for arm in arms[1:] for told in _compared(evaluations, arms[0], arm)),
        *(_time(one) for one in evaluations),
    ]
    header = words(
        "author",
        "arm",
        "texts",
        "keys saved",
        "net",
        "at equal coverage",
        "accepted",
        "right",
        "bits/char",
        "others",
    )
    rows = [_row(one, arm) for one in evaluations for arm in one.arms]
    picture = drawn(Plot("bars", names, series, translated("keys saved, %")))
    return Section("Keys saved by author", [one for one in sentences if one], picture, header, rows)


def _time(one: Evaluation) -> str:
    """What reading costs this author, under the last arm."""
    arm = one.arms[-1]
    found = glances.told(one.summary["arms"][arm].get("time"))
    return f"For {one.author}, with {arm}: {found}" if found else ""


def _compared(evaluations: Sequence[Evaluation], first: str, second: str) -> Iterator[str]:
    found = mean_differences(evaluations, first, second)
    for where, key in (("in all", "ksr"), ("at equal coverage", "ksr_at_coverage")) if found else ():
        yield f"{second} against {first}, the mean over authors: {_interval(where, found[key])}."


def _interval(where: str, found: dict[str, float | None]) -> str:
    mean, low, high = found["mean"], found["low"], found["high"]
    assert mean is not None
    if low is None or high is None:
        return f"{100 * mean:+.2f} points {where}"
    return f"{100 * mean:+.2f} points {where} (95 %: {100 * low:+.2f} to {100 * high:+.2f})"


def _row(one: Evaluation, arm: str) -> tuple[str, ...]:
    found = one.summary["arms"][arm]
    shares = ("ksr", "net_ksr", "ksr_at_coverage", "accepted", "right")
    numbers = ("bits_per_character", "general_perplexity")
    return (
        one.author,
        arm,
        str(found["texts"]),
        *(_told(found[key], ".1%") for key in shares),
        *(_told(found[key], ".2f") for key in numbers),
    )


def _curve(evaluations: Sequence[Evaluation], arms: Sequence[str]) -> Section:
    """Keys saved in each text of the first author, in the order of time."""
    one = evaluations[0]
    texts = [row["text"] for row in one.summary["arms"][one.arms[0]]["by_text"]]
    series = {arm: [_scaled(row["ksr"]) for row in one.summary["arms"][arm]["by_text"]] for arm in one.arms}
    picture = drawn(Plot("lines", [str(n) for n in range(1, len(texts) + 1)], series, translated("keys saved, %")))
    sentence = f"{one.author}: each text in the order of time, predicted before it was learned."
    return Section("Keys saved text by text", [sentence], picture) if picture else Section("")


def _percent_points(one: Evaluation, arm: str, key: str) -> float | None:
    return _scaled(one.summary["arms"][arm][key]) if arm in one.summary["arms"] else None


def _scaled(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _told(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
