"""The shipped tune is part of the default model, for those who export it and for those who train on it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from support.models.patterns import rows_in_a_pattern
from tiny import make_tiny_checkpoint

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.models import ADAPTER, BASE_ADAPTER, Provenance
from shadowpen.exporters.checkpoints import base_adapter
from shadowpen.exporters.checkpoints.architectures import from_hf_config
from shadowpen.exporters.checkpoints.base_adapter import TunedCheckpoint, open_base
from shadowpen.exporters.checkpoints.checkpoint import open_checkpoint
from shadowpen.exporters.graphs import verify
from shadowpen.exporters.progress import Progress, silent
from shadowpen.exporters.recipes.install import Installed, install
from shadowpen.exporters.sources.defaults import WHEEL_LOCATOR
from shadowpen.exporters.sources.folder import FolderSource

_MOST_BYTES = 15_000_000
_DOWN = "model.layers.0.mlp.down_proj.weight"
_SMOLLM2_135M = {
    "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
    "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152, "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": True, "hidden_act": "silu",
}  # fmt: skip


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return make_tiny_checkpoint(tmp_path / "tiny")


def write_adapter(folder: Path, checkpoint: Path, seed: int = 0) -> None:
    """An adapter of all the linear layers of `checkpoint`, in half precision, with an effect."""
    random = np.random.default_rng(seed)
    tensors: dict[str, NDArray[np.float16]] = {}
    for name, shape in open_checkpoint(checkpoint).architecture.tensor_shapes().items():
        if name.endswith("_proj.weight"):
            stem = f"base_model.model.{name.removesuffix('.weight')}"
            tensors[f"{stem}.lora_A.weight"] = random.normal(0, 0.1, (4, shape[1])).astype(np.float16)
            tensors[f"{stem}.lora_B.weight"] = random.normal(0, 0.1, (shape[0], 4)).astype(np.float16)
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / ADAPTER)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "lora_alpha": 8, "target_modules": targets}
    (folder / base_adapter.ADAPTER_CONFIG).write_text(json.dumps(config))
    (folder / base_adapter.NOTICE).write_text("Nobody's text.")


@pytest.fixture
def shipped(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An adapter for the tiny model in the place of the one that is shipped."""
    monkeypatch.setattr(base_adapter, "FOLDER", tmp_path / "shipped")
    write_adapter(tmp_path / "shipped", checkpoint)
    return tmp_path / "shipped"


class DefaultStandIn(FolderSource):
    """A folder that says it is the default model's source."""

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        fetched = super().fetch(folder, cache, progress)
        return Provenance(kind=fetched.kind, locator=WHEEL_LOCATOR, sha256=fetched.sha256, licence=fetched.licence)

    def gave(self, provenance: Provenance) -> bool:
        return provenance.locator == WHEEL_LOCATOR


def put(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, *, untuned: bool = False) -> Installed:
    monkeypatch.setattr(verify, "find_spec", lambda _: None)
    return install(DefaultStandIn(str(checkpoint)), "default", ["int8"], silent, untuned=untuned)


@pytest.mark.usefixtures("shipped")
def test_the_default_model_is_exported_with_it(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, layout: store.Layout
) -> None:
    tuned = put(checkpoint, monkeypatch).model
    tuned.verify()
    assert (tuned.source / BASE_ADAPTER / base_adapter.NOTICE).read_text() == "Nobody's text."
    untuned = put(checkpoint, monkeypatch, untuned=True)
    assert not untuned.was_there and not untuned.model.manifest.base_adapter_sha256
    assert not (untuned.model.source / BASE_ADAPTER).exists()
    assert untuned.model.manifest.precisions["int8"].files != tuned.manifest.precisions["int8"].files
    assert (
        untuned.model.manifest.weights_sha256 == untuned.model.manifest.source.sha256 != tuned.manifest.weights_sha256
    )
    assert layout.models in untuned.model.folder.parents


def test_it_is_made_again_when_another_tune_is_shipped(
    checkpoint: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = put(checkpoint, monkeypatch)
    assert put(checkpoint, monkeypatch).was_there
    write_adapter(shipped, checkpoint, seed=1)
    after = put(checkpoint, monkeypatch)
    assert not after.was_there
    assert after.model.manifest.base_adapter_sha256 == store.sha256_of(shipped / ADAPTER)
    assert after.model.manifest.weights_sha256 != before.model.manifest.weights_sha256


@pytest.mark.usefixtures("shipped")
def test_another_model_is_left_as_it_is(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(verify, "find_spec", lambda _: None)
    done = install(FolderSource(str(checkpoint)), "other", ["int8"], silent)
    assert not done.model.manifest.base_adapter_sha256
    assert home in done.model.folder.parents


def test_who_opens_the_base_gets_both_as_one(checkpoint: Path) -> None:
    untuned = open_base(checkpoint)
    assert not isinstance(untuned, TunedCheckpoint)
    write_adapter(checkpoint / BASE_ADAPTER, checkpoint)
    tuned = open_base(checkpoint)
    assert isinstance(tuned, TunedCheckpoint)
    assert not np.allclose(tuned.tensor(_DOWN), untuned.tensor(_DOWN), atol=0.01)
    adapter = store.sha256_of(checkpoint / BASE_ADAPTER / ADAPTER)
    assert tuned.sha256 == models.base_sha256(untuned.sha256, adapter)


def test_a_personal_adapter_is_trained_on_both(checkpoint: Path) -> None:
    torch = pytest.importorskip("torch")
    from shadowpen.daemon.trainer import lora

    rows = rows_in_a_pattern(2, documents=4)
    write_adapter(checkpoint / BASE_ADAPTER, checkpoint)
    trained_on = lora.load_base(checkpoint, "float32", "cpu")
    exported = open_base(checkpoint)
    (checkpoint / BASE_ADAPTER / ADAPTER).unlink()
    (checkpoint / BASE_ADAPTER / base_adapter.ADAPTER_CONFIG).unlink()
    (checkpoint / BASE_ADAPTER / base_adapter.NOTICE).unlink()
    (checkpoint / BASE_ADAPTER).rmdir()
    plain = lora.load_base(checkpoint, "float32", "cpu")
    before = lora.Adapted(plain, 4, 8, seed=0).mean_loss(rows)
    names = exported.architecture.tensor_shapes()
    plain = lora.load_base(checkpoint, "float32", "cpu")
    plain.load_state_dict({name: torch.from_numpy(exported.tensor(name)) for name in names}, strict=False)
    merged = lora.Adapted(plain, 4, 8, seed=0).mean_loss(rows)
    assert lora.Adapted(trained_on, 4, 8, seed=0).mean_loss(rows) == pytest.approx(merged, rel=1e-4)
    assert abs(merged - before) > 0.001


def test_a_damaged_adapter_is_said(checkpoint: Path) -> None:
    write_adapter(checkpoint / BASE_ADAPTER, checkpoint)
    (checkpoint / BASE_ADAPTER / ADAPTER).write_bytes(b"torn")
    with pytest.raises(ModelCorrupt):
        open_base(checkpoint)


def test_what_is_shipped_fits_the_default_model_and_is_small() -> None:
    path = base_adapter.FOLDER / ADAPTER
    assert path.stat().st_size <= _MOST_BYTES
    tensors = load_file(path)
    assert {value.dtype for value in tensors.values()} == {np.dtype(np.float16)}
    shapes = from_hf_config(_SMOLLM2_135M).tensor_shapes()
    ups = {name: value for name, value in tensors.items() if name.endswith(".lora_B.weight")}
    for name, up in ups.items():
        down = tensors[name.replace("lora_B", "lora_A")]
        base = name.removeprefix("base_model.model.").replace(".lora_B", "")
        assert shapes[base] == (up.shape[0], down.shape[1]), base
    assert len(ups) == 7 * _SMOLLM2_135M["num_hidden_layers"]  # type: ignore[operator]
    assert all(up.any() for up in ups.values())


def test_what_is_shipped_names_its_texts_and_their_licences() -> None:
    notice = (base_adapter.FOLDER / base_adapter.NOTICE).read_text("utf-8")
    for named in ("Kragen", "Boettiger", "Saki", "FastAPI", "CC BY", "MIT", "public domain"):
        assert named in notice
    assert "CC BY-SA" not in notice
