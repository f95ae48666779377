"""The results of the lab: one JSON file a recipe, and a table over them. Knows no model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid

RESULT = "result.json"
BASE = "base"


class LabResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipe made of the texts, and how it reads.

    `asked` is all that the result depends on. `loss` is in nats a token of the author's later text; `general_*` of text
    that nobody learned from; `next_words` the share of the later words that were predicted whole; `ksr` the keys that
    the simulated writer saved. `gate` are the reasons of the gate against it, none where it would be served.
    """

    recipe: str
    asked: dict[str, str]
    model: str
    hyperparameters: dict[str, float | int | str] = {}
    learned_tokens: int = 0
    held_out_tokens: int
    loss: float
    perplexity: float
    general_perplexity: float
    next_words: float
    typed_characters: int = 0
    ksr: float = 0.0
    minutes: float = 0.0
    peak_memory_mb: float = 0.0
    size_mb: float
    gate: list[str] = []


def write(folder: Path, result: LabResult) -> None:
    store.write_atomic(folder / RESULT, msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")


def read(folder: Path) -> LabResult | None:
    """The result in a recipe's folder; None where there is no whole one."""
    try:
        return msgspec.json.decode(store.read_bounded(folder / RESULT), type=LabResult)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def all_in(folder: Path) -> list[LabResult]:
    """Every result below a folder, the base first; ConfigInvalid where there is none."""
    found = [read(path.parent) for path in sorted(folder.glob(f"*/{RESULT}"))]
    results = [one for one in found if one is not None]
    if not results:
        raise ConfigInvalid(f"There are no results in {folder}.", "`shadowpen lab run` makes some.")
    return sorted(results, key=lambda one: (one.recipe != BASE, one.perplexity))


COLUMNS = (
    "recipe", "perplexity, later own text", "perplexity, general text", "next words right", "keys saved", "minutes",
    "peak memory", "size", "the gate",
)  # fmt: skip


def table(results: list[LabResult]) -> list[tuple[str, ...]]:
    """A row of cells for each result, as `COLUMNS` names them."""
    return [_cells(one) for one in results]


def markdown(results: list[LabResult]) -> str:
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *table(results)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(one: LabResult) -> tuple[str, ...]:
    is_base = one.recipe == BASE
    return (
        one.recipe,
        f"{one.perplexity:.2f}",
        f"{one.general_perplexity:.2f}",
        f"{one.next_words:.1%}",
        f"{one.ksr:.1%}" if one.typed_characters else "",
        "" if is_base else f"{one.minutes:.1f}",
        "" if is_base else f"{one.peak_memory_mb / 1000:.1f} GB",
        f"{one.size_mb:.0f} MB",
        "" if is_base else "would serve it" if not one.gate else "would not serve it",
    )


def as_plain(result: LabResult) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(result)
    return plain
