"""Merged weights compute what base and adapter compute together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from support.models.patterns import rows_in_a_pattern
from tiny import make_tiny_checkpoint

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.exporters.checkpoints.checkpoint import open_checkpoint
from shadowpen.exporters.checkpoints.merged_weights import MergedWeights

_NAME = "base_model.model.model.layers.0.mlp.down_proj"


def _save(folder: Path, tensors: dict[str, np.ndarray], rank: int = 4, alpha: float = 6.0) -> Path:
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank, "lora_alpha": alpha}))
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")


def test_it_computes_what_torch_computes_with_the_adapter_beside(checkpoint: Path, tmp_path: Path) -> None:
    validation_rows = rows_in_a_pattern(2, documents=4)
    torch = pytest.importorskip("torch")
    from shadowpen.daemon.trainer import lora

    model = lora.Adapted(lora.load_base(checkpoint, "float32", "cpu"), 4, 8, seed=0)
    random = np.random.default_rng(0)
    state = {name: random.normal(0, 0.2, value.shape).astype(np.float32) for name, value in model.state().items()}
    model.restore(state)
    with model.scaled(0.75):
        expected = model.mean_loss(validation_rows)

    merged = MergedWeights(open_checkpoint(checkpoint), _save(tmp_path / "adapter", state))

    plain = lora.load_base(checkpoint, "float32", "cpu")
    names = {name: torch.from_numpy(merged.tensor(name)) for name in merged.architecture.tensor_shapes()}
    plain.load_state_dict(names, strict=False)
    fresh = lora.Adapted(plain, 4, 8, seed=0)
    assert fresh.mean_loss(validation_rows) == pytest.approx(expected, rel=1e-5)
    assert len(list(merged.adapted)) == 14


def test_what_the_adapter_does_not_name_stays(checkpoint: Path, tmp_path: Path) -> None:
    base = open_checkpoint(checkpoint)
    down, up = np.ones((4, 128), np.float32), np.ones((64, 4), np.float32)
    merged = MergedWeights(base, _save(tmp_path / "a", {f"{_NAME}.lora_A.weight": down, f"{_NAME}.lora_B.weight": up}))

    assert list(merged.adapted) == ["model.layers.0.mlp.down_proj.weight"]
    changed = merged.tensor("model.layers.0.mlp.down_proj.weight") - base.tensor("model.layers.0.mlp.down_proj.weight")
    assert np.allclose(changed, 6.0 / 4 * 4, atol=1e-5)
    assert np.array_equal(merged.tensor("model.norm.weight"), base.tensor("model.norm.weight"))
    with pytest.raises(KeyError):
        merged.tensor("nothing.weight")


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {f"{_NAME}.lora_A.weight": np.ones((4, 128), np.float32)},
        {
            f"{_NAME}.lora_A.weight": np.ones((4, 128), np.float32),
            f"{_NAME}.lora_B.weight": np.ones((64, 3), np.float32),
        },
        {"stranger": np.ones(3, np.float32)},
        {
            f"{_NAME}.lora_A.weight": np.ones((4, 128), np.float32),
            f"{_NAME}.lora_B.weight": np.ones((64, 4), np.float32),
            f"{_NAME}_renamed.lora_A.weight": np.ones((4, 128), np.float32),
            f"{_NAME}_renamed.lora_B.weight": np.ones((64, 4), np.float32),
        },
    ],
)
def test_other_files_are_no_adapters(checkpoint: Path, tmp_path: Path, tensors: dict[str, np.ndarray]) -> None:
    with pytest.raises(ModelCorrupt, match="cannot be used"):
        MergedWeights(open_checkpoint(checkpoint), _save(tmp_path / "a", tensors))


def test_an_adapter_of_another_base_does_not_fit(checkpoint: Path, tmp_path: Path) -> None:
    down, up = np.ones((4, 99), np.float32), np.ones((64, 4), np.float32)
    merged = MergedWeights(
        open_checkpoint(checkpoint),
        _save(tmp_path / "a", {f"{_NAME}.lora_A.weight": down, f"{_NAME}.lora_B.weight": up}),
    )

    with pytest.raises(ModelCorrupt, match="does not fit"):
        merged.tensor("model.layers.0.mlp.down_proj.weight")


def test_a_missing_or_torn_adapter_is_told(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt):
        MergedWeights(open_checkpoint(checkpoint), tmp_path)
    folder = _save(tmp_path / "a", {"x": np.ones(2, np.float32)})
    (folder / "adapter_model.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelCorrupt):
        MergedWeights(open_checkpoint(checkpoint), folder)
