"""Measure bias and harm of one graph: the figures of `shadowpen eval harm`.

What they mean, and what is not measured, is told in docs/harm.md. Knows no command line, no memory and no gate.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypedDict

from shadowpen.daemon.base import config, store
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.evaluation import reading
from shadowpen.daemon.evaluation.bootstrap import paired_ratio
from shadowpen.daemon.evaluation.harm import continuing, pairs
from shadowpen.daemon.serving import model
from shadowpen.daemon.showing import filters
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.placement import place
from shadowpen.daemon.text.tokenizer import Tokenizer

ALL = "all"
_DRAWN_ABOUT_PEOPLE = 4
_DRAWN_HOSTILE = 8

Tell = Callable[[str, float, float], None]  # what is being done, done, of how many
Row = tuple[float, float, float]  # two sums that are compared, and of how many
_ByGroup = dict[str, dict[str, list[tuple[float, float]]]]  # by row; the log-probabilities of each of its pairs


Interval = dict[str, float | None]  # mean, low and high


class StereotypeFigures(TypedDict):
    """Of one group: by how many nats an ending is likelier after the person it is ascribed to, and how often it is."""

    pairs: int
    gap_nats: Interval
    likelier: float


class ToneFigures(TypedDict):
    """Of one group: the mean tone of what follows the first and the second of two people, and how it differs."""

    continuations: int
    with_tone: float
    first: float
    second: float
    second_minus_first: Interval


class HostileFigures(TypedDict):
    """How often a slur or swearword follows a hostile opening."""

    openings: int
    likeliest: Interval
    sampled_continuations: int
    sampled: Interval


class HarmFigures(TypedDict):
    """All figures of one graph, by group where people are compared."""

    model: str
    precision: str
    seed: int
    stereotypes: dict[str, StereotypeFigures]
    tone: dict[str, ToneFigures]
    hostile: HostileFigures


def measure(layout: store.Layout, settings: config.Config, wanted: str, seed: int, tell: Tell) -> HarmFigures:
    """The figures of the version `wanted`, "" for the one in use; raises a ModelError."""
    installed = models.resolve(settings.model.name, layout)
    placed = place(layout, settings.model, installed, for_current=not wanted)
    served = versions.chosen(layout, installed, wanted or versions.current(layout).version, placed.precision)
    loaded = model.of(served, settings)
    manifest = installed.manifest
    tokenizer = Tokenizer(installed.tokenizer, manifest.bos_id, manifest.eos_ids, rows=manifest.architecture.vocab)
    try:
        return {
            "model": served.name,
            "precision": served.precision,
            "seed": seed,
            "stereotypes": stereotypes(loaded.engine, tokenizer, seed, tell),
            "tone": tones(loaded.engine, tokenizer, seed, tell),
            "hostile": hostile(loaded.engine, tokenizer, seed, tell),
        }
    finally:
        loaded.close()


def stereotypes(engine: Engine, tokenizer: Tokenizer, seed: int, tell: Tell) -> dict[str, StereotypeFigures]:
    """By group: by how many nats an ending is likelier after the person it is ascribed to, and how often it is."""
    rows: _ByGroup = defaultdict(lambda: defaultdict(list))
    wanted = list(pairs.stereotypes())
    for number, pair in enumerate(wanted, 1):
        both = tuple(nats(engine, tokenizer, opening, pair.ending) for opening in (pair.stereotyped, pair.other))
        rows[pair.group][pair.row].append((both[0], both[1]))
        tell("stereotypes", number, len(wanted))
    found: dict[str, StereotypeFigures] = {}
    for group, told in _with_all(rows).items():
        table = [(sum(a for a, _ in row), sum(b for _, b in row), len(row)) for row in told.values()]
        judged = [a > b for row in told.values() for a, b in row]
        found[group] = {
            "pairs": len(judged),
            "gap_nats": _interval(table, seed),
            "likelier": round(sum(judged) / len(judged), 4),
        }
    return found


def tones(engine: Engine, tokenizer: Tokenizer, seed: int, tell: Tell) -> dict[str, ToneFigures]:
    """By group: the mean tone of what follows the first and the second of two people, and by how much it differs."""
    rows: dict[str, list[Row]] = defaultdict(list)
    worded: dict[str, list[bool]] = defaultdict(list)
    wanted = list(pairs.openings())
    for number, opening in enumerate(wanted, 1):
        first, second = (
            continuing.continued(engine, tokenizer, text, _DRAWN_ABOUT_PEOPLE, seed)
            for text in (opening.first, opening.second)
        )
        for group in (ALL, opening.group):
            rows[group].append((continuing.mean_tone(first), continuing.mean_tone(second), 1))
            worded[group] += [continuing.tone(text) != 0 for text in (*first, *second)]
        tell("tone", number, len(wanted))
    return {
        group: {
            "continuations": len(worded[group]),
            "with_tone": round(sum(worded[group]) / len(worded[group]), 4),
            "first": round(sum(row[0] for row in told) / len(told), 4),
            "second": round(sum(row[1] for row in told) / len(told), 4),
            "second_minus_first": _interval([(second, first, n) for first, second, n in told], seed),
        }
        for group, told in rows.items()
    }


def hostile(engine: Engine, tokenizer: Tokenizer, seed: int, tell: Tell) -> HostileFigures:
    """How often a slur or swearword of the list follows a hostile opening, before the filter of ghost text."""
    wanted = pairs.hostile()
    likeliest, drawn = [], []
    for number, opening in enumerate(wanted, 1):
        said = [
            filters.is_profane(text) for text in continuing.continued(engine, tokenizer, opening, _DRAWN_HOSTILE, seed)
        ]
        likeliest.append((float(said[0]), 0.0, 1.0))
        drawn.append((float(sum(said[1:])), 0.0, float(len(said) - 1)))
        tell("hostile openings", number, len(wanted))
    return {
        "openings": len(wanted),
        "likeliest": _interval(likeliest, seed),
        "sampled_continuations": int(sum(row[2] for row in drawn)),
        "sampled": _interval(drawn, seed),
    }


def nats(engine: Engine, tokenizer: Tokenizer, opening: str, ending: str) -> float:
    """Log-probability of the ending after the opening."""
    bits, _ = reading.bits(engine, tokenizer, f"{opening} {ending}.", len(opening))
    return -bits * math.log(2)


def _with_all(groups: _ByGroup) -> _ByGroup:
    return {ALL: {row: told for group in groups.values() for row, told in group.items()}, **groups}


def _interval(rows: Sequence[Row], seed: int) -> Interval:
    found = paired_ratio([rows], seed=seed)
    return {name: None if value is None else round(value, 4) for name, value in vars(found).items()}
