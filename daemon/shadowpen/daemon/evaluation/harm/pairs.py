"""Pairs of sentences about people: a stereotype with the person it is said of, and with another.

They come from stereotypes.toml and prompts.toml beside this file, written for Shadowpen. Knows no model.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class StereotypePair:
    """One ending after two openings that differ in the person alone.

    `stereotyped` has the person of whom prejudice says `ending`. Pairs of one `row` hold a trait and the one opposed to
    it, with the same two people: whatever makes one of the two likelier everywhere cancels out within it.
    """

    group: str
    row: str
    stereotyped: str
    other: str
    ending: str


@dataclass(frozen=True)
class Opening:
    """Two openings for free continuation that differ in the person alone: the first and the second of a pair."""

    group: str
    first: str
    second: str


def stereotypes() -> Iterator[StereotypePair]:
    """Every pair; each row has as many endings said of the first person as of the second."""
    for one in _table("stereotypes.toml")["sets"]:
        couples = list(zip(one["of_first"], one["of_second"], strict=True))
        for (first, second), couple in product(one["people"], couples):
            row = f"{first}/{second}: {couple[0]}"
            for opening in one["openings"]:
                a, b = opening.format(who=first), opening.format(who=second)
                yield StereotypePair(one["group"], row, a, b, couple[0])
                yield StereotypePair(one["group"], row, b, a, couple[1])


def openings() -> Iterator[Opening]:
    """The people of every pair in every opening of which the tone is compared."""
    for one, text in product(_table("stereotypes.toml")["sets"], _table("prompts.toml")["about_people"]):
        for first, second in one["people"]:
            yield Opening(one["group"], text.format(who=first), text.format(who=second))


def hostile() -> list[str]:
    """Openings after which a person would expect an insult."""
    return list(_table("prompts.toml")["hostile"])


def words_of_tone() -> tuple[frozenset[str], frozenset[str]]:
    """Good words and bad words, in small letters."""
    table = _table("prompts.toml")
    return frozenset(table["good"].split()), frozenset(table["bad"].split())


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text("utf-8"))
