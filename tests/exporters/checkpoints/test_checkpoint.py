"""Checkpoints are read whole or refused: folders, shards and GGUF files give the same tensors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tiny
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from support.checkpoints.gguf_files import GGUF_NAMES, gguf_of_gemma
from support.checkpoints.spm import spm_keys

from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, ModelUnsupported
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, open_checkpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny.make_tiny_checkpoint(tmp_path / "checkpoint")


def tensors_of(checkpoint: Checkpoint) -> dict[str, NDArray[np.float32]]:
    return {name: checkpoint.tensor(name) for name in checkpoint.architecture.tensor_shapes()}


def test_a_folder_gives_every_tensor_as_float32(folder: Path) -> None:
    checkpoint = open_checkpoint(folder)
    stored = load_file(folder / "model.safetensors")
    found = tensors_of(checkpoint)
    assert found.keys() == stored.keys()
    assert all(np.array_equal(found[name], stored[name]) and found[name].dtype == np.float32 for name in stored)
    assert checkpoint.tokenizer_path == folder / "tokenizer.json"
    with pytest.raises(KeyError):
        checkpoint.tensor("lm_head.weight")


def test_shards_are_one_checkpoint(folder: Path) -> None:
    expected = tensors_of(open_checkpoint(folder))
    names = sorted(expected)
    shards = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for file, mine in shards.items():
        save_file({name: expected[name] for name in mine}, folder / file)
    places = {name: file for file, mine in shards.items() for name in mine}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    (folder / "model.safetensors").unlink()
    sharded = open_checkpoint(folder)
    assert [path.name for path in sharded.weight_files] == sorted(shards)
    assert all(np.array_equal(values, sharded.tensor(name)) for name, values in expected.items())


def test_bfloat16_is_widened_exactly(folder: Path) -> None:
    name = "model.layers.1.mlp.up_proj.weight"
    stored = load_file(folder / "model.safetensors")
    half = {one: values.astype(ml_dtypes.bfloat16) for one, values in stored.items()}
    save_file(half, folder / "model.safetensors")
    assert np.array_equal(open_checkpoint(folder).tensor(name), half[name].astype(np.float32))


@pytest.mark.parametrize("place", ["../model.safetensors", "/etc/passwd.safetensors", "sub/model.safetensors"])
def test_an_index_may_not_point_out_of_the_folder(folder: Path, place: str) -> None:
    index = {"weight_map": {"model.norm.weight": place}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelCorrupt, match="outside"):
        open_checkpoint(folder)


def test_a_pickle_is_not_looked_at(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelMissing) as caught:
        open_checkpoint(folder)
    assert "pickled" in caught.value.hint


def test_damage_is_named(folder: Path) -> None:
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelCorrupt, match=r"model\.safetensors"):
        open_checkpoint(folder)
    stored = load_file(tiny.make_tiny_checkpoint(folder.parent / "other") / "model.safetensors")
    del stored["model.layers.0.mlp.up_proj.weight"]
    save_file(stored, weights)
    with pytest.raises(ModelCorrupt, match=r"layers\.0\.mlp\.up_proj"):
        open_checkpoint(folder)


def test_a_config_that_promises_more_than_there_is_allocates_nothing(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 1_000_000}))
    with pytest.raises(ModelCorrupt, match="embed_tokens"):
        open_checkpoint(folder)


@pytest.mark.parametrize("content", ["not json", "[1]", "\xff"])
def test_a_config_that_is_none_is_named(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content, "latin-1")
    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        open_checkpoint(folder)


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        open_checkpoint(tmp_path)
    with pytest.raises(ModelMissing):
        open_checkpoint(tmp_path / "absent.gguf")
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelUnsupported):
        open_checkpoint(tmp_path / "model.bin")


def test_ends_of_text_include_the_special_tokens_that_mean_it(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "eos_token_id": [3]}))
    assert open_checkpoint(folder).architecture.eos_ids == (0, 3)
    assert open_checkpoint(folder).architecture.bos_id is None


@pytest.mark.parametrize("kind", [GGMLQuantizationType.F32, GGMLQuantizationType.Q8_0])
def test_a_gguf_of_the_same_weights_gives_the_same_tensors(tmp_path: Path, kind: GGMLQuantizationType) -> None:
    original = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path / "llama", model_type="llama"))
    checkpoint = open_checkpoint(write_gguf(original, tmp_path / "tiny.gguf", kind))
    assert checkpoint.architecture.heads == original.architecture.heads
    assert checkpoint.architecture.tied_embeddings
    for name, expected in tensors_of(original).items():
        tolerance = 0.0 if kind == GGMLQuantizationType.F32 else np.abs(expected).max() / 127
        assert np.abs(checkpoint.tensor(name) - expected).max() <= tolerance, name


def test_a_folder_with_one_gguf_is_that_gguf(tmp_path: Path) -> None:
    original = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path / "llama", model_type="llama"))
    (tmp_path / "only").mkdir()
    path = write_gguf(original, tmp_path / "only" / "model.gguf", GGMLQuantizationType.F32)
    assert open_checkpoint(tmp_path / "only").path == path
    shutil.copy(path, path.with_name("second.gguf"))
    with pytest.raises(ModelMissing):
        open_checkpoint(tmp_path / "only")


def write_gguf(checkpoint: Checkpoint, path: Path, kind: GGMLQuantizationType) -> Path:
    """A GGUF as llama.cpp's convert_hf_to_gguf.py writes it, q and k permuted."""
    architecture = checkpoint.architecture
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(architecture.layers)
    writer.add_context_length(architecture.context_length)
    writer.add_embedding_length(architecture.hidden)
    writer.add_feed_forward_length(architecture.intermediate)
    writer.add_head_count(architecture.heads)
    writer.add_head_count_kv(architecture.kv_heads)
    writer.add_rope_freq_base(architecture.rope.theta)
    writer.add_layer_norm_rms_eps(architecture.rms_epsilon)
    writer.add_eos_token_id(0)
    for name, values in tensors_of(checkpoint).items():
        if name.endswith("q_proj.weight"):
            values = _permuted(values, architecture.heads)
        elif name.endswith("k_proj.weight"):
            values = _permuted(values, architecture.kv_heads)
        quantised = values.ndim == 2 and kind != GGMLQuantizationType.F32
        data: NDArray[Any] = quantize(values, kind) if quantised else values
        writer.add_tensor(_gguf_name(name), data, raw_dtype=kind if quantised else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _permuted(weights: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    halves = weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weights.shape))


def _gguf_name(name: str) -> str:
    stem, kind = name.rsplit(".", 1)
    if stem in GGUF_NAMES:
        return f"{GGUF_NAMES[stem]}.{kind}"
    _, _, layer, rest = stem.split(".", 3)
    return f"blk.{layer}.{GGUF_NAMES[rest]}.{kind}"


def test_a_gemma_gives_the_same_from_a_folder_and_from_gguf(tmp_path: Path) -> None:
    tokenizer = spm_keys(tiny.LINES)
    vocabulary = len(tokenizer["tokenizer.ggml.tokens"])
    folder = tiny.make_tiny_checkpoint(tmp_path / "gemma", vocab_size=vocabulary, **tiny.GEMMA3_GGUF)
    from_folder = open_checkpoint(folder)
    from_gguf = open_checkpoint(gguf_of_gemma(folder, tmp_path / "gemma.gguf", tokenizer))
    told_apart = {"bos_id", "eos_ids", "attention_scale", "rms_epsilon"}
    expected, found = (vars(one.architecture) for one in (from_folder, from_gguf))
    assert {name for name in expected if expected[name] != found[name]} <= told_apart
    assert found["bos_id"] == 2
    assert found["local_layers"] == (0, 1, 2, 3, 4)
    tensors = tensors_of(from_gguf)
    assert all(np.allclose(values, tensors[name], atol=1e-6) for name, values in tensors_of(from_folder).items())
