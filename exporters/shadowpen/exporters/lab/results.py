"""The results of the lab: one JSON file a recipe, and a table over them. Knows no model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid

RESULT = "result.json"
_LEARNED = "learned.json"
_Kept = TypeVar("_Kept", bound=msgspec.Struct)
BASE = "base"


class LearnedModel(msgspec.Struct, frozen=True, kw_only=True):
    """What the model of a recipe took to make; `asked` is all that it depends on."""

    asked: dict[str, str]
    tokens: int
    minutes: float
    peak_memory_mb: float
    size_mb: float


class LabResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipe made of the texts, and how it reads.

    `asked` is all that the result depends on. `loss` is in nats a token of the author's later text; `general_*` of text
    that nobody learned from; `next_words` the share of the later words that were predicted whole; `ksr` the keys that
    the simulated writer saved, `net_ksr` with what reading in vain costs; `stereotype_gap` in nats, as in docs/harm.md.
    `against_base` has [mean, low, high] of differences, by the names of `measured.differences`. `gate` are the reasons
    of the gate against it, none where it would be served.
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
    net_ksr: float = 0.0
    stereotype_gap: float = 0.0
    against_base: dict[str, tuple[float, float | None, float | None]] = {}
    minutes: float = 0.0
    peak_memory_mb: float = 0.0
    size_mb: float
    gate: list[str] = []


def write(folder: Path, result: LabResult) -> None:
    _write(folder / RESULT, result)


def read(folder: Path) -> LabResult | None:
    """The result in a recipe's folder; None where there is no whole one."""
    return _read(folder / RESULT, LabResult)


def write_learned(folder: Path, learned: LearnedModel) -> None:
    _write(folder / _LEARNED, learned)


def read_learned(folder: Path) -> LearnedModel | None:
    """What the model in a recipe's folder took; None where none was finished."""
    return _read(folder / _LEARNED, LearnedModel)


def _write(path: Path, content: msgspec.Struct) -> None:
    store.write_atomic(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def _read(path: Path, kind: type[_Kept]) -> _Kept | None:
    try:
        return msgspec.json.decode(store.read_bounded(path), type=kind)
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
    "recipe", "perplexity, later own text", "nats gained a token", "perplexity, general text", "next words right",
    "keys saved", "net", "stereotype gap", "minutes", "peak memory", "size", "the gate",
)  # fmt: skip


def table(results: list[LabResult]) -> list[tuple[str, ...]]:
    """A row of cells for each result, as `COLUMNS` names them."""
    return [_cells(one) for one in results]


def markdown(results: list[LabResult]) -> str:
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *table(results)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(one: LabResult) -> tuple[str, ...]:
    is_base, is_typed = one.recipe == BASE, one.typed_characters > 0
    return (
        one.recipe,
        f"{one.perplexity:.2f}",
        _difference(one, "nats_gained"),
        f"{one.general_perplexity:.2f}",
        f"{one.next_words:.1%}",
        f"{one.ksr:.1%} {_points(one, 'ksr')}".strip() if is_typed else "",
        f"{one.net_ksr:.1%} {_points(one, 'net_ksr')}".strip() if is_typed else "",
        f"{one.stereotype_gap:+.2f} {_difference(one, 'stereotype_gap')}".strip(),
        "" if is_base else f"{one.minutes:.1f}",
        "" if is_base else f"{one.peak_memory_mb / 1000:.1f} GB",
        f"{one.size_mb:.0f} MB",
        "" if is_base else "would serve it" if not one.gate else "would not serve it",
    )


def _points(one: LabResult, name: str) -> str:
    return _difference(one, name, 100, 1)


def _difference(one: LabResult, name: str, factor: float = 1, digits: int = 2) -> str:
    """The difference from the base, and the bounds that it lies between."""
    found = one.against_base.get(name)
    if found is None:
        return ""
    mean, *bounds = (None if value is None else f"{factor * value:+.{digits}f}" for value in found)
    return f"{mean} ({' to '.join(map(str, bounds))})" if None not in bounds else str(mean)


def as_plain(result: LabResult) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(result)
    return plain
