"""A tune for another model, from a checkpoint of random weights to what is served."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

pytest.importorskip("torch")

from tiny import LINES, make_tiny_checkpoint

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ConfigInvalid, ModelUnsupported, TooLittleText
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.corpus.split import encoder
from shadowpen.daemon.serving import model as serving
from shadowpen.daemon.storage.models import ADAPTER, BASE_ADAPTER, InstalledModel
from shadowpen.daemon.trainer import trainer
from shadowpen.daemon.trainer.job import EventWriter, TrainerEvent, TrainingJob
from shadowpen.daemon.wire.protocol import Complete, Completion, Expand, Expansion
from shadowpen.exporters.checkpoints.base_adapter import NOTICE
from shadowpen.exporters.graphs.graph_reader import GraphReader
from shadowpen.exporters.progress import silent
from shadowpen.exporters.recipes import notes_base, prose_base
from shadowpen.exporters.recipes.exported_again import open_installed
from shadowpen.exporters.recipes.install import install
from shadowpen.exporters.recipes.ladder.tuning import Plans, tune
from shadowpen.exporters.sources.folder import FolderSource

# Nothing below the first layer learns. In a process of its own the trainer says so to nobody.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Full backward hook")]

QUICK = {"epochs": 3.0, "learning_rate": 5e-3, "warmup_steps": 2}
PLANS = Plans(msgspec.structs.replace(prose_base.PLAN, **QUICK), msgspec.structs.replace(notes_base.PLAN, **QUICK))


@pytest.fixture
def trained_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The trainer runs in this process; the sources that it was given."""
    sources: list[str] = []

    class TrainerInProcess:
        def run(self, job: TrainingJob, on_event: Callable[[TrainerEvent], None]) -> Path:
            sources.append(job.source)
            store.private_directory(Path(job.run_folder))
            trainer.train(job, EventWriter(io.StringIO()), lambda: False)
            return Path(job.run_folder)

    monkeypatch.setattr(prose_base, "TrainerProcess", TrainerInProcess)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return sources


@pytest.fixture
def plain(layout: store.Layout, tmp_path: Path) -> InstalledModel:
    checkpoint = make_tiny_checkpoint(tmp_path / "checkpoint", bos_token_id=None)
    return install(FolderSource(str(checkpoint)), "plain", ["int8"], silent, layout=layout).model


def write_texts(folder: Path, count: int) -> Path:
    """Prose in the words that the tiny tokenizer knows."""
    choice = random.Random(1)
    folder.mkdir()
    for number in range(count):
        paragraphs = [" ".join(choice.sample(LINES, 2)) for _ in range(12)]
        (folder / f"{number:02}.md").write_text("\n\n".join(["# Harbour", *paragraphs]), "utf-8")
    return folder


def test_a_model_is_tuned_installed_and_served(
    plain: InstalledModel, layout: store.Layout, tmp_path: Path, trained_here: list[str]
) -> None:
    texts = write_texts(tmp_path / "texts", 6)
    tuned = tune("plain", texts, "plain-tuned", silent, layout=layout, plans=PLANS)

    tuned.verify()
    assert len(trained_here) == 2 and trained_here[0] == str(plain.source)
    assert (tuned.source / BASE_ADAPTER / ADAPTER).is_file()
    assert "6 texts" in (tuned.source / BASE_ADAPTER / NOTICE).read_text("utf-8")
    assert tuned.manifest.weights_sha256 != plain.manifest.weights_sha256
    assert tuned.manifest.source == plain.manifest.source
    assert not (layout.training / "tunes" / "plain-tuned").exists()
    assert perplexity(tuned) < perplexity(plain) * 0.8
    plain.verify()

    served = serving.load(layout, Config(model=ModelSettings(name="plain-tuned")))
    try:
        assert isinstance(_last(served, Complete(id="1", document="d", prefix="The harbour lay ")), Completion)
        assert isinstance(_last(served, Expand(id="2", document="d", notes="- harbour still", max_words=4)), Expansion)
    finally:
        served.close()

    again = install(FolderSource(plain.manifest.source.locator), "plain-tuned", ["int8"], silent, layout=layout)
    assert again.was_there, "setup keeps a tune that its user made"
    assert again.model.manifest.base_adapter_sha256 == tuned.manifest.base_adapter_sha256


def perplexity(model: InstalledModel) -> float:
    """On sentences of the kind that was learned."""
    encode = encoder(model.tokenizer, model.manifest.architecture.vocab)
    reader = GraphReader(model.graph(), open_installed(model).architecture, 1)
    return math.exp(float(reader.nats(np.array(encode(" ".join(LINES))[0], np.int64)).mean()))


def _last(served: serving.ServedModel, request: Complete | Expand) -> object:
    return [reply for reply in served.steps(request, math.inf) if reply is not None][-1]


@pytest.mark.usefixtures("trained_here", "plain")
def test_what_cannot_be_tuned_is_refused_before_anything_is_learned(
    layout: store.Layout, tmp_path: Path, tiny_models: Path
) -> None:
    few = write_texts(tmp_path / "few", 1)
    (few / "00.md").write_text(LINES[0], "utf-8")
    with pytest.raises(TooLittleText, match="too little prose"):
        tune("plain", few, "plain-tuned", silent, layout=layout)
    with pytest.raises(ConfigInvalid, match="'plain' already"):
        tune("plain", few, "plain", silent, layout=layout)
    assert not (layout.models / "plain-tuned").exists()


def test_a_model_with_a_tune_is_not_tuned_again(
    plain: InstalledModel, layout: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = write_texts(tmp_path / "texts", 1)
    monkeypatch.setattr(type(plain.manifest), "base_adapter_sha256", "0" * 64)
    with pytest.raises(ModelUnsupported, match="has a tune already"):
        tune("plain", texts, "again", silent, layout=layout)
