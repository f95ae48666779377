"""The loop learns, stops when it gains nothing, and resumes to the very same adapter."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.loop import CHECKPOINT, LoraPlan, LoraRun, Stopped, TrainingStep, best_scale
from shadowpen.daemon.trainer.packing import Packed

pytest.importorskip("peft")

PLAN = LoraPlan(
    rank=4, alpha=8, learning_rate=1e-2, batch_rows=4, rows_at_once=2, epochs=3.0, checkpoint_every=2, patience=99
)


def _model(checkpoint: Path) -> lora.Adapted:
    return lora.Adapted(lora.load_base(checkpoint, "float32", "cpu"), PLAN.rank, PLAN.alpha, PLAN.seed)


def _ignore(_: TrainingStep) -> None:
    pass


def test_it_learns(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, validation_rows: Packed, no_rows: Packed
) -> None:
    model = _model(checkpoint)
    before = model.mean_loss(validation_rows)
    steps: list[TrainingStep] = []

    best = LoraRun(model, PLAN, train_rows, no_rows, validation_rows, tmp_path).train(steps.append)

    assert best < before - 0.2
    assert model.mean_loss(validation_rows) == pytest.approx(best, rel=1e-6)
    assert [step.number for step in steps] == list(range(1, 13))
    assert steps[-1].loss < steps[0].loss


@pytest.mark.parametrize("stopped_at", [1, 5])
def test_a_stopped_run_resumes_to_the_very_same_adapter(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, validation_rows: Packed, stopped_at: int
) -> None:
    replay = rows_in_a_pattern(3, documents=6, step=3)
    whole = _model(checkpoint)
    LoraRun(whole, PLAN, train_rows, replay, validation_rows, tmp_path / "whole").train(_ignore)

    seen = 0

    def stop() -> bool:
        return seen == stopped_at

    def count(step: TrainingStep) -> None:
        nonlocal seen
        seen = step.number

    folder = tmp_path / "parts"
    with pytest.raises(Stopped):
        LoraRun(_model(checkpoint), PLAN, train_rows, replay, validation_rows, folder).train(count, stop)
    resumed = _model(checkpoint)
    run = LoraRun(resumed, PLAN, train_rows, replay, validation_rows, folder)
    run.resume()
    assert run.resumed_at == stopped_at
    run.train(_ignore)

    expected = whole.state()
    assert all(np.array_equal(value, expected[name]) for name, value in resumed.state().items())


def test_a_damaged_checkpoint_means_a_fresh_start(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, validation_rows: Packed, no_rows: Packed
) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"half a file")
    run = LoraRun(_model(checkpoint), PLAN, train_rows, no_rows, validation_rows, tmp_path)

    run.resume()

    assert run.resumed_at == 0
    assert math.isfinite(run.train(_ignore))


def test_it_stops_when_it_gains_nothing_and_keeps_the_best(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, no_rows: Packed
) -> None:
    against = rows_in_a_pattern(5, documents=4, step=-11)
    model = _model(checkpoint)
    before = model.mean_loss(against)
    steps: list[TrainingStep] = []
    plan = msgspec.structs.replace(PLAN, patience=2, epochs=50.0)

    best = LoraRun(model, plan, train_rows, no_rows, against, tmp_path).train(steps.append)

    assert len(steps) < 100
    assert best <= before
    assert model.mean_loss(against) == pytest.approx(best, rel=1e-6)


def test_every_row_is_learned_once_an_epoch(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, validation_rows: Packed
) -> None:
    replay = rows_in_a_pattern(3, documents=20, step=3)
    run = LoraRun(_model(checkpoint), PLAN, train_rows, replay, validation_rows, tmp_path)

    epochs = []
    for epoch in range(2):
        batches = [run._batch(epoch * run._per_epoch + place) for place in range(run._per_epoch)]
        epochs.append([tuple(ids) for batch in batches for rows in batch for ids in rows.ids.tolist()])
    own = {tuple(ids) for ids in train_rows.ids.tolist()}
    for rows in epochs:
        assert {ids for ids in rows if ids in own} == own
        assert len(rows) == len(train_rows) + 3  # 15 % of all rows are replay
    assert epochs[0] != epochs[1]


def test_the_scale_is_the_best_that_leaves_general_text_alone(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, validation_rows: Packed, no_rows: Packed
) -> None:
    model = _model(checkpoint)
    LoraRun(model, PLAN, train_rows, no_rows, validation_rows, tmp_path).train(_ignore)
    general = rows_in_a_pattern(8, documents=4, step=-11)

    free = best_scale(model, PLAN, validation_rows, no_rows, 1.01)
    with model.scaled(0.25):
        mildest = model.mean_loss(general)
    with model.scaled(0.0):
        base = model.mean_loss(general)
    bound = math.exp(mildest - base) + 1e-6
    bounded = best_scale(model, PLAN, validation_rows, general, bound)

    assert free["scale"] == 1.0
    assert bounded["scale"] == 0.25
    assert bounded["general_ratio"] <= bound
    assert best_scale(model, PLAN, validation_rows, general, 0.0)["scale"] == 0.25
