"""Results are kept as JSON and compared in a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.exporters.lab import results
from shadowpen.exporters.lab.results import LabResult


def _result(recipe: str, perplexity: float, *gate: str) -> LabResult:
    return LabResult(
        recipe=recipe, asked={}, model="tiny", held_out_tokens=10, loss=1.0, perplexity=perplexity,
        general_perplexity=30.0, next_words=0.25, size_mb=12.0, minutes=1.5, peak_memory_mb=900, gate=list(gate),
        typed_characters=140, ksr=0.31, net_ksr=0.3, stereotype_gap=0.55,
        against_base={"nats_gained": (0.22, 0.1, 0.34), "ksr": (0.015, None, None)},
    )  # fmt: skip


def test_the_best_reader_comes_first_and_the_base_before_all(tmp_path: Path) -> None:
    for one in (_result("frozen", 21.0), _result("full", 20.0, "It is worse."), _result("base", 25.0)):
        (tmp_path / one.recipe).mkdir()
        results.write(tmp_path / one.recipe, one)
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / results.RESULT).write_text("{")

    found = results.all_in(tmp_path)

    assert [one.recipe for one in found] == ["base", "full", "frozen"]
    lines = results.markdown(found).splitlines()
    assert lines[3] == (
        "| full | 20.00 | +0.22 (+0.10 to +0.34) | 30.00 | 25.0% | 31.0% +1.5 | 30.0% | +0.55 | 1.5 | 0.9 GB | 12 MB | "
        "would not serve it |"
    )
    assert lines[4].endswith("| would serve it |")


def test_a_folder_without_results_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="no results"):
        results.all_in(tmp_path)
