"""A recipe in the lab: learned, made a model, measured as it is served, and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
from support.models.authors import SUBJECTS, write_texts

from shadowpen.daemon.base import config, store
from shadowpen.daemon.trainer.loop import Stopped
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.exporters.lab import results
from shadowpen.exporters.lab.running import Lab, LabPlan
from shadowpen.exporters.progress import silent

pytest.importorskip("peft")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GIVEN = ("learning_rate=0.005", "epochs=2", "batch_rows=4", "gradient_accumulation=1")


@pytest.fixture
def layout(tmp_path: Path) -> store.Layout:
    home = tmp_path / "home"
    tiny.make_tiny_model(home / "models", "default", precisions=("int8",))
    return store.Layout(home, home, home / "cache", home / "run", home / "logs", home / "models")


def _lab(layout: store.Layout, tmp_path: Path, *, pieces: int = 0) -> Lab:
    texts = tmp_path / "texts"
    if not texts.exists():
        write_texts(texts, 1, SUBJECTS, documents=12)
    plan = LabPlan(tmp_path / "out", texts, 20_000, GIVEN, pieces=pieces, full_speed=True)
    return Lab(layout, config.Config(), plan, silent)


@pytest.mark.parametrize(
    "name", ["prefix", *(pytest.param(name, marks=pytest.mark.soak) for name in ("frozen", "scratch-lstm"))]
)
def test_what_a_recipe_makes_reads_later_text_better(name: str, layout: store.Layout, tmp_path: Path) -> None:
    lab = _lab(layout, tmp_path, pieces=2 if name == "scratch-lstm" else 0)
    base = lab.base()

    result, _ = lab.run(name, TrainerProcess())

    assert result.perplexity < base.perplexity * (0.98 if name == "prefix" else 0.5)
    assert (result.held_out_tokens, result.recipe) == (base.held_out_tokens, name)
    assert result.minutes > 0 and result.size_mb > 0 and result.peak_memory_mb > 0
    assert result.hyperparameters["learning_rate"] == 0.005
    assert (result.typed_characters > 0) == (name == "scratch-lstm")
    low = result.against_base["nats_gained"][1]
    assert low is not None and low > 0
    assert result.stereotype_gap != base.stereotype_gap
    assert (tmp_path / "out" / name / "models" / name / "manifest.json").is_file()
    assert not (layout.data / "adapters").exists()
    stopped = TrainerProcess()
    stopped.stop()
    assert lab.run(name, stopped)[0] == results.read(tmp_path / "out" / name) == result
    typed = _lab(layout, tmp_path, pieces=3).run(name, stopped)[0]  # another measuring needs no other model
    assert typed.typed_characters > result.typed_characters and typed.minutes == result.minutes


def test_one_that_was_stopped_is_not_finished(layout: store.Layout, tmp_path: Path) -> None:
    stopped = TrainerProcess()
    stopped.stop()
    with pytest.raises(Stopped):
        _lab(layout, tmp_path).run("frozen", stopped)
    assert results.read(tmp_path / "out" / "frozen") is None
