"""A new model, exported and installed, gives torch's logits through the engine that serves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.base import config, sections, store
from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.serving import model as serving
from shadowpen.daemon.storage import models
from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.by_recipe import registry
from shadowpen.daemon.trainer.recipes.prefix import PrefixWeights
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

    served = serving.load(layout, config.Config(model=sections.ModelSettings(name=name, precision="fp32")))
    rows = rows_in_a_pattern(1, documents=1)
    with torch.no_grad():
        expected = (fresh.model(rows) @ fresh.model.embedding.weight.T)[0].numpy()
    cache = served.engine.new_cache()
    ids = rows.ids[0].tolist()
    found = np.concatenate([served.engine.run(cache, ids[:20], 20), served.engine.run(cache, ids[20:], 12)])
    served.close()
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_prefix_is_served_as_torch_reads_it(tmp_path: Path) -> None:
    """In pieces, after a rewind, and side by side; the model beside it stays as it is."""
    tiny.make_tiny_model(tmp_path / "installed", "default", precisions=("fp32",))
    layout = store.Layout(tmp_path, tmp_path, tmp_path / "c", tmp_path / "r", tmp_path / "l", tmp_path / "installed")
    base = models.resolve("default", layout)
    rows = rows_in_a_pattern(1, documents=1)
    ids = rows.ids[0].tolist()
    torch.manual_seed(0)
    prefixed = PrefixWeights(lora.load_base(base.source, "float32", "cpu"), ids, 5)
    for matrix in prefixed.matrices.values():
        matrix.data += 0.5 * torch.randn_like(matrix)
    with torch.no_grad():
        nats = float(prefixed.loss_sum(rows))
    prefixed.store(tmp_path)

    made_model.with_prefix(base, tmp_path, "fp32", tmp_path / "installed" / "prefix")

    served = serving.load(layout, config.Config(model=sections.ModelSettings(name="prefix", precision="fp32")))
    cache = served.engine.new_cache()
    found = np.concatenate([served.engine.run(cache, ids[:20], 20), served.engine.run(cache, ids[20:], 12)])
    cache.rewind(10)
    again = served.engine.run(cache, ids[10:20], 10)
    side_by_side = served.engine.run_rows(served.engine.fork(cache, 2), [ids[20], ids[21]])
    from_nothing = served.engine.run_rows(served.engine.fork(served.engine.new_cache(), 2), [ids[0], ids[0]])
    served.close()
    log_likelihoods = found[np.arange(31), ids[1:]] - np.log(np.exp(found[:31]).sum(axis=-1))
    assert -float((log_likelihoods * rows.weights[0, 1:]).sum()) == pytest.approx(nats, abs=1e-2)
    assert again == pytest.approx(found[10:20], abs=1e-4)
    assert side_by_side[0] == pytest.approx(found[20], abs=1e-4)
    assert from_nothing == pytest.approx(np.stack([found[0]] * 2), abs=1e-4)
    unchanged = serving.load(layout, config.Config(model=sections.ModelSettings(name="default", precision="fp32")))
    alone = unchanged.engine.run(unchanged.engine.new_cache(), ids[:20], 20)
    unchanged.close()
    assert np.abs(alone - found[:20]).max() > 0.05
    (tmp_path / "installed" / "prefix" / "fp32" / "prefix.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelCorrupt):
        serving.load(layout, config.Config(model=sections.ModelSettings(name="prefix", precision="fp32")))
