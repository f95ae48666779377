"""Descriptions of checkpoints become architectures, or are refused with a sentence that names the reason."""

from __future__ import annotations

from typing import Any

import pytest
import tiny

from shadowpen.daemon.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.architectures import Architecture, from_gguf_metadata, from_hf_config

SMOL = {
    "model_type": "llama",
    "num_hidden_layers": 30,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "vocab_size": 49152,
    "max_position_embeddings": 8192,
    "rope_theta": 100000,
    "rope_scaling": None,
    "rms_norm_eps": 1e-5,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": [2, 0],
}
SMOL_GGUF = {
    "general.architecture": "llama",
    "llama.block_count": 30,
    "llama.context_length": 8192,
    "llama.embedding_length": 576,
    "llama.feed_forward_length": 1536,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "llama.rope.freq_base": 100000.0,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "llama.rope.dimension_count": 64,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.add_bos_token": False,
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
}
SHAPES = {"token_embd.weight": (49152, 576)}


def test_a_config_and_a_gguf_of_one_model_agree() -> None:
    from_config, from_gguf = from_hf_config(SMOL), from_gguf_metadata(SMOL_GGUF, SHAPES)
    assert from_config.head_dim == 64
    assert from_config.eos_ids == (2, 0)
    assert from_gguf.bos_id is None
    same = {name: value for name, value in vars(from_gguf).items() if name not in ("bos_id", "eos_ids")}
    assert same.items() <= vars(from_config).items()


def test_an_untied_gguf_is_told_by_its_output_tensor() -> None:
    assert not from_gguf_metadata(SMOL_GGUF, {**SHAPES, "output.weight": (49152, 576)}).tied_embeddings


def test_sentencepiece_vocabularies_want_a_bos_unless_told_otherwise() -> None:
    silent = {name: value for name, value in SMOL_GGUF.items() if name != "tokenizer.ggml.add_bos_token"}
    assert from_gguf_metadata(silent, SHAPES).bos_id is None
    assert from_gguf_metadata({**silent, "tokenizer.ggml.model": "llama"}, SHAPES).bos_id == 1


def test_families_differ_as_data() -> None:
    assert from_hf_config({**SMOL, "model_type": "qwen2"}).attention_bias
    assert from_hf_config({**SMOL, "model_type": "qwen3", "head_dim": 128}).qk_norm
    shapes = from_hf_config({**SMOL, "model_type": "qwen3", "head_dim": 128}).tensor_shapes()
    assert shapes["model.layers.0.self_attn.q_proj.weight"] == (1152, 576)
    assert shapes["model.layers.29.self_attn.k_norm.weight"] == (128,)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model_type": "gpt2"}, "gpt2"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "rotary"),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, "rotary"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rotary"),
        ({"model_type": "mistral", "sliding_window": 4096}, "sliding-window"),
        ({"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 4096}, "sliding-window"),
        ({"hidden_act": "gelu"}, "gelu"),
        ({"attention_bias": True}, "biases"),
        ({"mlp_bias": True}, "biases"),
        ({"quantization_config": {"quant_method": "awq"}}, "quantised"),
        ({"partial_rotary_factor": 0.5}, "part of each head"),
    ],
)
def test_what_the_graph_does_not_compute_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelUnsupported, match=named):
        from_hf_config({**SMOL, **change})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"llama.rope.scaling.type": "yarn"}, "rotary"),
        ({"llama.attention.sliding_window": 4096}, "sliding-window"),
        ({"llama.rope.dimension_count": 32}, "part of each head"),
        ({"general.architecture": "mamba"}, "mamba"),
    ],
)
def test_what_the_graph_does_not_compute_is_refused_in_gguf(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelUnsupported, match=named):
        from_gguf_metadata({**SMOL_GGUF, **change}, SHAPES)


def test_an_unused_sliding_window_is_no_obstacle() -> None:
    from_hf_config({**SMOL, "model_type": "qwen2", "use_sliding_window": False, "sliding_window": 4096})
    from_hf_config({**SMOL, "model_type": "mistral", "sliding_window": None})


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_size": None},
        {"num_hidden_layers": 10**9},
        {"vocab_size": -1},
        {"num_attention_heads": 0},
        {"num_key_value_heads": 4},
        {"vocab_size": "many"},
    ],
)
def test_impossible_numbers_are_called_damage(change: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        from_hf_config({**SMOL, **change})


def test_the_manifest_gets_what_the_engine_reads() -> None:
    architecture: Architecture = from_hf_config({**tiny.CONFIG, "vocab_size": 512})
    assert architecture.manifest() == {
        "model_type": "qwen2",
        "layers": 2,
        "hidden": 64,
        "heads": 4,
        "kv_heads": 2,
        "head_dim": 16,
        "vocab": 512,
        "context_length": 1024,
    }
