"""A pass over every weight learns, resumes to the very same weights, and is served no stronger than is good."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.trainer import lora, modules
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.full_training.one_pass import CHECKPOINT, FullPlan, OnePass, spread
from shadowpen.daemon.trainer.loop import Stopped, TrainingStep
from shadowpen.daemon.trainer.packing import Packed, pack

pytest.importorskip("peft")

PLAN = FullPlan(learning_rate=3e-2, batch_rows=4, rows_at_once=2, checkpoint_every=2)


def _model(checkpoint: Path, folder: Path, dtype: str = "float32", start: Delta | None = None) -> EveryWeight:
    return EveryWeight(lora.load_base(checkpoint, "float32", "cpu"), folder, dtype, start)


def _ignore(_: TrainingStep) -> None:
    pass


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_it_learns_and_what_is_stored_reads_as_well(
    checkpoint: Path, tmp_path: Path, validation_rows: Packed, dtype: str
) -> None:
    rows = rows_in_a_pattern(1, documents=64)
    model = _model(checkpoint, tmp_path, dtype)
    before = model.mean_loss(validation_rows)
    steps: list[TrainingStep] = []

    OnePass(model, PLAN, rows, tmp_path).train(steps.append)
    learned = model.mean_loss(validation_rows)
    model.store(tmp_path / "delta")
    model.show(Delta(tmp_path / "delta"), 1.0)

    assert learned < before - 0.2
    assert model.mean_loss(validation_rows) == pytest.approx(learned, abs=0.1 * (before - learned))
    assert [step.number for step in steps] == list(range(1, 17))
    model.show(Delta(tmp_path / "delta"), 0.0)
    assert model.mean_loss(validation_rows) == pytest.approx(before, abs=1e-6 if dtype == "float32" else 1e-2)


def test_layers_are_computed_again_on_the_way_back_and_not_kept(
    checkpoint: Path, tmp_path: Path, train_rows: Packed
) -> None:
    model = _model(checkpoint, tmp_path)
    computed: list[bool] = []
    modules.decoder_layers(model.model)[0].input_layernorm.register_forward_hook(lambda *_: computed.append(True))

    loss = model.loss_sum(train_rows.rows([0]))
    assert len(computed) == 1
    loss.backward()
    assert len(computed) == 2


def test_a_later_run_starts_from_what_an_earlier_one_stored(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, validation_rows: Packed
) -> None:
    model = _model(checkpoint, tmp_path)
    OnePass(model, PLAN, train_rows, tmp_path).train(_ignore)
    model.store(tmp_path / "delta")
    model.show(Delta(tmp_path / "delta"), 1.0)

    later = _model(checkpoint, tmp_path, start=Delta(tmp_path / "delta"))

    assert later.mean_loss(validation_rows) == pytest.approx(model.mean_loss(validation_rows), rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("stopped_at", [1, 3])
def test_a_stopped_run_resumes_to_the_very_same_weights(
    checkpoint: Path, tmp_path: Path, train_rows: Packed, stopped_at: int, dtype: str
) -> None:
    whole = _model(checkpoint, tmp_path / "whole", dtype)
    OnePass(whole, PLAN, train_rows, tmp_path / "whole").train(_ignore)
    seen: list[TrainingStep] = []

    folder = tmp_path / "parts"
    with pytest.raises(Stopped):
        OnePass(_model(checkpoint, folder, dtype), PLAN, train_rows, folder).train(
            seen.append, lambda: len(seen) == stopped_at
        )
    resumed = _model(checkpoint, folder, dtype)
    run = OnePass(resumed, PLAN, train_rows, folder)
    run.resume()
    assert run.resumed_at == stopped_at
    run.train(_ignore)

    assert all((resumed.originals[name] == value).all() for name, value in whole.originals.items())


def test_a_damaged_checkpoint_means_a_fresh_start(checkpoint: Path, tmp_path: Path, train_rows: Packed) -> None:
    model = _model(checkpoint, tmp_path)
    run = OnePass(model, PLAN, train_rows, tmp_path)
    run._save(2)
    content = (tmp_path / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(content[: len(content) // 2])

    run.resume()

    assert run.resumed_at == 0
    assert math.isfinite(run.train(_ignore))


def test_others_stand_between_the_rows_and_both_keep_their_order() -> None:
    rows, others = rows_in_a_pattern(1, documents=9), rows_in_a_pattern(2, documents=3)

    together = [tuple(ids) for ids in spread(rows, others).ids.tolist()]

    own, foreign = ([tuple(ids) for ids in part.ids.tolist()] for part in (rows, others))
    assert [ids for ids in together if ids in own] == own
    assert [ids for ids in together if ids in foreign] == foreign
    assert [place for place, ids in enumerate(together) if ids in foreign] == [2, 6, 10]
    assert spread(rows, pack([], length=32)) is rows


@pytest.mark.parametrize(
    ("tokens", "rate"), [(0, 2e-4), (10_000, 2e-4), (50_000, 2e-4), (200_000, 1e-4), (5_000_000, 2e-5)]
)
def test_the_more_was_learned_the_lower_is_the_rate(tokens: int, rate: float) -> None:
    assert FullPlan().after(tokens).learning_rate == pytest.approx(rate)
    assert FullPlan(batch_rows=2).after(tokens).batch_rows == 2


@pytest.mark.parametrize(("tokens", "share"), [(0, 0.0), (50_000, 0.0), (50_001, 0.15), (200_000, 0.15)])
def test_where_much_was_learned_text_of_the_base_goes_along(tokens: int, share: float) -> None:
    assert FullPlan().after(tokens).replay_share == share
    assert FullPlan(replay_share=0.3).after(tokens).replay_share == 0.3
