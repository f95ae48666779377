"""A new model, exported and installed, gives torch's logits through the engine that serves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.base import config, store
from shadowpen.daemon.serving import model as serving
from shadowpen.daemon.storage import models
from shadowpen.daemon.trainer.by_recipe import registry
from shadowpen.exporters.lab import made_model
from shadowpen.exporters.progress import silent

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("name", ["scratch-lstm", "scratch-transformer"])
def test_a_new_model_is_served_as_torch_reads_it(name: str, tmp_path: Path) -> None:
    tiny.make_tiny_model(tmp_path / "installed", "default", precisions=("int8",))
    layout = store.Layout(tmp_path, tmp_path, tmp_path / "c", tmp_path / "r", tmp_path / "l", tmp_path / "installed")
    fresh = registry.load(name).fresh(tiny.VOCAB)  # type: ignore[attr-defined]
    fresh.store(tmp_path)

    made_model.from_scratch(models.resolve("default", layout), tmp_path, tmp_path / "installed" / name, silent)

    served = serving.load(layout, config.Config(model=config.ModelSettings(name=name, precision="fp32")))
    rows = rows_in_a_pattern(1, documents=1)
    with torch.no_grad():
        expected = (fresh.model(rows) @ fresh.model.embedding.weight.T)[0].numpy()
    cache = served.engine.new_cache()
    ids = rows.ids[0].tolist()
    found = np.concatenate([served.engine.run(cache, ids[:20], 20), served.engine.run(cache, ids[20:], 12)])
    served.close()
    assert found == pytest.approx(expected, abs=1e-3)
