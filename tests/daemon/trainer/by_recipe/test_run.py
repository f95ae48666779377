"""The loop of recipes: accumulated gradients, frozen weights, schedules, and runs that resume exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.by_recipe.optimizers import rate
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe, RecipePlan
from shadowpen.daemon.trainer.by_recipe.run import CHECKPOINT, RecipeRun
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.loop import Stopped, TrainingStep
from shadowpen.daemon.trainer.packing import Packed, pack

pytest.importorskip("peft")

ROWS = {"train": rows_in_a_pattern(1), "validation": rows_in_a_pattern(2, documents=4)}


def _rows(name: str) -> Packed:
    return ROWS.get(name, pack([], length=32))


def _plan(**changes: Any) -> RecipePlan:
    return RecipePlan(recipe="plain", learning_rate=3e-2, batch_rows=4, gradient_accumulation=1, **changes)


def _model(checkpoint: Path, folder: Path, dtype: str = "float32") -> EveryWeight:
    folder.mkdir(exist_ok=True)
    return EveryWeight(lora.load_base(checkpoint, "float32", "cpu"), folder, dtype)


def _run(model: EveryWeight, plan: RecipePlan, folder: Path) -> RecipeRun:
    return RecipeRun(model, Recipe(), plan, _rows, pack([], length=32), folder)


def _ignore(_: TrainingStep) -> None:
    pass


@pytest.mark.parametrize("optimizer", ["adamw", "adafactor", "sgd"])
def test_accumulated_gradients_do_what_a_big_batch_does(checkpoint: Path, tmp_path: Path, optimizer: str) -> None:
    made = []
    for rows, passes in ((8, 1), (1, 8)):
        model = _model(checkpoint, tmp_path / str(rows))
        plan = RecipePlan(
            recipe="plain", optimizer=optimizer, batch_rows=rows, gradient_accumulation=passes, learning_rate=1e-3
        )
        _run(model, plan, tmp_path / str(rows)).train(_ignore)
        made.append(model.originals)
    assert max(float((made[0][name] - made[1][name]).abs().max()) for name in made[0]) < 1e-4


@pytest.mark.parametrize("optimizer", ["adamw", "adafactor"])
def test_it_learns_in_either_type_and_what_is_frozen_stays(checkpoint: Path, tmp_path: Path, optimizer: str) -> None:
    model = _model(checkpoint, tmp_path / "run", "bfloat16")
    before = model.mean_loss(ROWS["validation"])
    run = _run(model, _plan(freeze="lowest 1", epochs=6, optimizer=optimizer, weight_decay=0.01), tmp_path / "run")
    run.train(_ignore)
    assert model.mean_loss(ROWS["validation"]) < before - 0.05
    model.store(tmp_path / "delta")
    changed = set(Delta(tmp_path / "delta").names)
    assert changed
    assert {name.split(".")[2] for name in changed} == {"1"}


@pytest.mark.parametrize(("freeze", "stays"), [("embeddings", True), ("all but head", False)])
def test_embeddings_or_all_but_the_head_stay(checkpoint: Path, tmp_path: Path, freeze: str, stays: bool) -> None:
    """The tiny model's head is its embedding."""
    model = _model(checkpoint, tmp_path / "run")
    _run(model, _plan(freeze=freeze), tmp_path / "run")
    learning = {name for name, matrix in model.matrices.items() if matrix.requires_grad}
    assert ("model.embed_tokens.weight" not in learning) == stays
    assert (len(learning) > 1) == stays


def test_a_stopped_run_resumes_to_the_very_same_weights(checkpoint: Path, tmp_path: Path) -> None:
    plan = _plan(epochs=2, dropout=0.2, optimizer="adamw", schedule="cosine")
    whole = _model(checkpoint, tmp_path / "whole")
    _run(whole, plan, tmp_path / "whole").train(_ignore)

    seen: list[TrainingStep] = []
    folder = tmp_path / "parts"
    with pytest.raises(Stopped):
        _run(_model(checkpoint, folder), plan, folder).train(seen.append, lambda: len(seen) == 3)
    resumed = _model(checkpoint, folder)
    run = _run(resumed, plan, folder)
    run.resume()
    assert run.resumed_at == 3
    run.train(_ignore)

    assert all((resumed.originals[name] == value).all() for name, value in whole.originals.items())


def test_a_damaged_checkpoint_means_a_fresh_start(checkpoint: Path, tmp_path: Path) -> None:
    model = _model(checkpoint, tmp_path / "run")
    run = _run(model, _plan(), tmp_path / "run")
    run._save()
    whole = (tmp_path / "run" / CHECKPOINT).read_bytes()
    (tmp_path / "run" / CHECKPOINT).write_bytes(whole[: len(whole) // 2])
    run.resume()
    assert run.resumed_at == 0


def test_it_stops_when_nothing_is_gained_and_keeps_the_best(checkpoint: Path, tmp_path: Path) -> None:
    model = _model(checkpoint, tmp_path / "run")
    run = _run(model, msgspec.structs.replace(_plan(epochs=40, patience=1), learning_rate=0.5), tmp_path / "run")
    best = run.train(_ignore)
    assert run.resumed_at < run.total_steps
    assert model.mean_loss(ROWS["validation"]) == pytest.approx(best, rel=1e-5)


def test_dropout_is_for_learning_alone(checkpoint: Path, tmp_path: Path) -> None:
    import torch

    model = _model(checkpoint, tmp_path / "run")
    plain = model.mean_loss(ROWS["validation"])
    _run(model, _plan(dropout=0.5), tmp_path / "run")
    assert model.mean_loss(ROWS["validation"]) == plain
    torch.manual_seed(0)
    first, second = (float(model.loss_sum(ROWS["validation"]).detach()) for _ in range(2))
    assert first != second


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_the_rate_warms_up_and_ends_low(schedule: str) -> None:
    rates = [rate(_plan(schedule=schedule), step, 100) for step in range(100)]
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert max(rates) <= 1.0
    assert rates[-1] < 0.15
    assert (rates[50] == 1.0) == (schedule == "constant")
