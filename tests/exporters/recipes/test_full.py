"""Every weight trained: the text is learned, and the model can be served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import TooLittleText
from shadowpen.daemon.corpus.split import encoder
from shadowpen.daemon.storage import models
from shadowpen.exporters.checkpoints.checkpoint import open_checkpoint
from shadowpen.exporters.graphs import scoring
from shadowpen.exporters.graphs.graph_reader import GraphReader
from shadowpen.exporters.recipes import full as full_tuning

pytest.importorskip("peft")
pytestmark = pytest.mark.slow

TEXT = "Boats waited for the winter light and the river kept her letter. " * 30


def quiet(step: str, done: float = 0, total: float = 0) -> None:
    """A Progress."""


@pytest.fixture
def read(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[models.InstalledModel, str], float]:
    """The perplexity of a text to a model."""
    architecture = open_checkpoint(tiny_models / "default" / "source").architecture

    def perplexity(model: models.InstalledModel, text: str) -> float:
        monkeypatch.setattr(scoring, "general_texts", lambda: [text])
        reader = GraphReader(model.graph(model.manifest.default_precision), architecture)
        encode = encoder(model.tokenizer)
        return scoring.general_perplexity(reader, encode, model.manifest.bos_id, lambda done, total: None)

    return perplexity


def test_what_was_learned_is_in_the_served_graph(
    home: Path,
    tiny_models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[models.InstalledModel, str], float],
) -> None:
    monkeypatch.setattr(full_tuning, "_RATE", 3e-2)
    base = models.resolve("default", store.Layout(home, home, home, home, home, tiny_models))
    data = full_tuning.rows([TEXT], encoder(base.tokenizer), base.manifest.eos_ids[0])
    tuned = full_tuning.tune(base.source, data, quiet, passes=12)
    full_tuning.install(base, base.manifest.default_precision, tuned, tmp_path, quiet)
    full = models.resolve(full_tuning.NAME, store.Layout(home, home, home, home, home, tmp_path))
    assert read(full, TEXT) < 0.7 * read(base, TEXT)


def test_the_newest_tokens_are_taken(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_tuning, "_MOST_TOKENS", 512)
    encode = encoder(tiny_models / "default" / "tokenizer.json")
    data = full_tuning.rows([TEXT, TEXT, TEXT], encode, 0)
    assert data.shape == (2, 256) and data[-1, -1] == 0
    with pytest.raises(TooLittleText):
        full_tuning.rows(["Too little."], encode, 0)
