"""Records of one text and the figures of an arm.

Sums come first and shares last, so that a long text counts as much as its length. Knows neither models nor files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.evaluation.bootstrap import paired_ratio
from shadowpen.daemon.evaluation.completers import AsServed, Chosen, likeliest, words_right
from shadowpen.daemon.evaluation.reading import Probed
from shadowpen.daemon.evaluation.results import SCHEMA, End, TextResult
from shadowpen.daemon.typist.glances import TimeSaved, TypingCounts, time_saved
from shadowpen.daemon.typist.keystrokes import Tally, read, write

WORDS = (1, 2, 3, 5)


def record(
    probed: Probed,
    settings: CompletionSettings,
    *,
    arm: str,
    name: str,
    model: str,
    learned_characters: int,
    coverage: float,
    bits: tuple[float, int],
    seed: int,
    judge_state: Path | None,
) -> TextResult:
    """The record of one text; what the judge learned is kept in `judge_state`."""
    served = AsServed(probed, settings, seed, judge_state)
    as_served = write(probed.text, probed.start, served)
    served.close()
    likely = likeliest(probed, replace(settings, min_probability=0.0), coverage)
    return TextResult(
        arm=arm,
        text=name,
        model=model,
        learned_characters=learned_characters,
        as_served=as_served,
        as_read=read(probed.text, probed.start, AsServed(probed, settings, seed)),
        at_coverage=write(probed.text, probed.start, Chosen(likely)),
        places=max(0, len(probed.text) - probed.start - 1),
        likely=len(likely),
        words_right={str(count): words_right(likely, probed.text, count) for count in WORDS},
        bits=round(bits[0], 3),
        bits_characters=bits[1],
    )


def time(tally: Tally) -> TimeSaved | None:
    """What it comes to in seconds, for a writer who looks at what is shown; None for no text."""
    counts = (tally.characters, tally.keys, tally.shown, tally.used, tally.exact, tally.offered, tally.right)
    return time_saved(TypingCounts(*counts))


def figures(records: Sequence[TextResult]) -> dict[str, Any]:
    """The figures of some texts of one arm; None where there is nothing to divide by."""
    read_only = _sum([r.as_read for r in records])
    served, covered = _sum([r.as_served for r in records]), _sum([r.at_coverage for r in records])
    bits, characters = sum(r.bits for r in records), sum(r.bits_characters for r in records)
    return {
        "texts": len(records),
        "characters": served.characters,
        "ksr": _share(served.characters - served.keys, served.characters),
        "net_ksr": _share(served.characters - served.net_keys, served.characters),
        "accepted": _share(served.used, served.shown),
        "exact": _share(served.exact, served.shown),
        "right": _share(served.right, served.offered),
        "ghosts_per_100_keys": _share(100 * read_only.shown, read_only.keys),
        "grey": _share(read_only.grey, read_only.keys),
        "grey_when_taken": _share(served.grey, served.keys),
        "ksr_at_coverage": _share(covered.characters - covered.keys, covered.characters),
        "coverage": _share(sum(r.likely for r in records), sum(r.places for r in records)),
        "words_right": {str(count): _words(records, str(count)) for count in WORDS},
        "bits_per_character": _share(bits, characters),
        "time": _seconds(time(served)),
    }


def _seconds(saved: TimeSaved | None) -> dict[str, float | None] | None:
    return {**asdict(saved), "saved_s": saved.saved_s} if saved else None


def differences(authors: Sequence[tuple[Sequence[TextResult], Sequence[TextResult]]], seed: int) -> dict[str, Any]:
    """By how much the second arm of each pair does better than the first on the texts that both typed.

    Each author is a pair and counts the same. Empty where no text was typed twice.
    """
    paired = [pairs for first, second in authors if (pairs := _paired(first, second))]
    if not paired:
        return {}
    measured: dict[str, Callable[[TextResult], tuple[float, int]]] = {
        "ksr": lambda one: (_saved(one.as_served), one.as_served.characters),
        "net_ksr": lambda one: (one.as_served.characters - one.as_served.net_keys, one.as_served.characters),
        "ksr_at_coverage": lambda one: (_saved(one.at_coverage), one.at_coverage.characters),
    }
    return {
        name: _interval([[(of(b)[0], *of(a)) for a, b in pairs] for pairs in paired], seed)
        for name, of in measured.items()
    }


def summary(
    arms: Mapping[str, Sequence[TextResult]],
    *,
    settings: Mapping[str, Any],
    ends: Mapping[str, End],
    answers_ms: Mapping[str, Sequence[float]],
    left_out: Mapping[str, str],
    seed: int,
) -> dict[str, Any]:
    """All of an evaluation, for summary.json. `left_out` says of arms why they were not measured."""
    names = list(arms)
    return {
        "schema": SCHEMA,
        "settings": dict(settings),
        "arms": {
            name: {
                **figures(arms[name]),
                "general_perplexity": ends[name].general_perplexity,
                "difference": differences([(arms[names[0]], arms[name])], seed) if name != names[0] else {},
                "by_text": [_row(one) for one in arms[name]],
                "notes": ends[name].notes,
            }
            for name in names
        },
        "left_out": dict(left_out),
        "informational": {
            "answer_ms_p50": {name: round(median(ms), 2) for name, ms in answers_ms.items() if ms},
        },
    }


def _row(one: TextResult) -> dict[str, Any]:
    return {"text": one.text, "model": one.model, "learned_characters": one.learned_characters, **figures([one])}


def _paired(first: Sequence[TextResult], second: Sequence[TextResult]) -> list[tuple[TextResult, TextResult]]:
    known = {one.text: one for one in first}
    return [(known[one.text], one) for one in second if one.text in known]


def _interval(groups: Sequence[Sequence[tuple[float, float, float]]], seed: int) -> dict[str, float | None]:
    found = paired_ratio(groups, seed=seed)
    return {"mean": round(found.mean, 4), "low": _rounded(found.low), "high": _rounded(found.high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _saved(tally: Tally) -> float:
    return tally.characters - tally.keys


def _sum(tallies: Sequence[Tally]) -> Tally:
    names = Tally.__dataclass_fields__
    return Tally(**{name: sum(getattr(tally, name) for tally in tallies) for name in names})


def _words(records: Sequence[TextResult], count: str) -> dict[str, Any]:
    right, of = (sum(r.words_right[count][place] for r in records) for place in (0, 1))
    return {"right": _share(right, of), "of": of}


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
