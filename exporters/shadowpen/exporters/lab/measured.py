"""Store what the lab measured of a model, and compare it with another. Knows no model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shadowpen.daemon.evaluation.bootstrap import Interval, paired_ratio
from shadowpen.daemon.evaluation.harm.guard import Gaps, compared
from shadowpen.daemon.learning.gate import GateVerdict, Keys, Scores, decide, with_harm, with_keys


@dataclass(frozen=True)
class Measured:
    """How a model reads, and how it is written with.

    `own` scores each later token. `typed` are (characters, keys, keys with what reading in vain costs) of each piece
    that the simulated writer typed. `gaps` are the stereotype gaps by pair.
    """

    own: Scores
    next_words: float
    general_perplexity: float
    typed: tuple[tuple[float, float, float], ...]
    gaps: Gaps

    @property
    def characters(self) -> int:
        """All that were typed."""
        return round(sum(piece[0] for piece in self.typed))

    def saved(self, column: int) -> float:
        """The share of keys that was saved; column 1 or 2 of `typed`."""
        return 1 - sum(piece[column] for piece in self.typed) / max(1, self.characters)

    @property
    def gap(self) -> float:
        """The mean stereotype gap, in nats."""
        return float(np.mean(list(self.gaps.values()))) if self.gaps else 0.0


def keep(path: Path, measured: Measured) -> None:
    """Write it into a file of numpy's."""
    np.savez(
        path,
        nats=measured.own.nats,
        stretches=measured.own.stretches,
        typed=np.array(measured.typed, np.float64).reshape(-1, 3),
        pairs=np.array(list(measured.gaps), np.str_),
        gaps=np.array(list(measured.gaps.values()), np.float64),
        rest=np.array([measured.next_words, measured.general_perplexity]),
    )


def kept(path: Path) -> Measured:
    """What `keep` wrote; raises OSError, ValueError or KeyError where that is not there."""
    with np.load(path) as found:
        next_words, general_perplexity = found["rest"].tolist()
        return Measured(
            own=Scores(found["nats"], found["stretches"]),
            next_words=next_words,
            general_perplexity=general_perplexity,
            typed=tuple((piece[0], piece[1], piece[2]) for piece in found["typed"].tolist()),
            gaps=dict(zip(found["pairs"].tolist(), found["gaps"].tolist(), strict=True)),
        )


def differences(base: Measured, one: Measured) -> dict[str, Interval]:
    """By how much `one` exceeds the base: nats gained a token, shares of keys saved, and nats of the stereotype gap.

    Intervals of 95 % by the paired bootstrap over stretches of text, typed pieces, and traits. What neither has is
    left out. ValueError if the two were not measured on the same.
    """
    if not np.array_equal(base.own.stretches, one.own.stretches) or len(base.typed) != len(one.typed):
        raise ValueError("the two were not measured on the same texts")
    read = _by(one.own.stretches.tolist(), base.own.nats.tolist(), one.own.nats.tolist())
    rows = {"nats_gained": read}
    pieces = list(zip(base.typed, one.typed, strict=True))
    for name, column in (("ksr", 1), ("net_ksr", 2)) if pieces else ():
        rows[name] = [(before[column], after[column], before[0]) for before, after in pieces]
    gaps = compared(base.gaps, one.gaps)
    if gaps.rows:
        rows["stereotype_gap"] = _by(gaps.rows, gaps.candidate, gaps.base)
    return {name: paired_ratio([found]) for name, found in rows.items()}


def judged(base: Measured, one: Measured, max_general_ratio: float, stereotype_margin: float) -> GateVerdict:
    """The gate's verdict on a model in place of the base."""
    verdict = decide(base.own, one.own, base.general_perplexity, one.general_perplexity, max_general_ratio)
    characters = tuple(round(piece[0]) for piece in one.typed)
    pressed = (tuple(round(piece[1]) for piece in measured.typed) for measured in (base, one))
    verdict = with_keys(verdict, Keys(characters, *pressed))
    return with_harm(verdict, compared(base.gaps, one.gaps), stereotype_margin)


def _by(labels: Iterable[object], first: Iterable[float], second: Iterable[float]) -> list[tuple[float, float, float]]:
    """(sum of first, sum of second, how many) of each label."""
    sums: dict[object, tuple[float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0))
    for label, a, b in zip(labels, first, second, strict=True):
        before = sums[label]
        sums[label] = (before[0] + a, before[1] + b, before[2] + 1)
    return list(sums.values())
