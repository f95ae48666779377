"""New models learn rows that begin with nothing, and a stopped run resumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.trainer.by_recipe import registry
from shadowpen.daemon.trainer.by_recipe.run import RecipeRun
from shadowpen.daemon.trainer.packing import pack

pytest.importorskip("torch")


@pytest.mark.parametrize("name", ["scratch-lstm", "scratch-transformer"])
def test_a_new_model_learns(name: str, tmp_path: Path) -> None:
    recipe, chosen, _ = registry.chosen(name, ["epochs=4", "warmup=1", "max_seq_length=32"])
    rows = {"train": rows_in_a_pattern(1), "validation": rows_in_a_pattern(1, documents=4)}
    model = recipe.fresh(512)  # type: ignore[attr-defined]
    before = model.mean_loss(rows["validation"])
    plan: Any = recipe.plan(name, chosen)
    run = RecipeRun(model, recipe, plan, lambda one: rows.get(one, pack([], length=32)), pack([], length=32), tmp_path)
    assert run.train(lambda _: None) < before - 0.3
