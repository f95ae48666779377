"""Descriptions of checkpoints become architectures, or are refused with a sentence that names the reason."""

from __future__ import annotations

from typing import Any

import pytest
import tiny

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.checkpoints.architectures import Architecture, from_gguf_metadata, from_hf_config
from shadowpen.exporters.checkpoints.rope import Rope

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
GEMMA = {
    "model_type": "gemma3_text",
    "num_hidden_layers": 18,
    "hidden_size": 640,
    "intermediate_size": 2048,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 256,
    "vocab_size": 262144,
    "max_position_embeddings": 32768,
    "rope_theta": 1_000_000.0,
    "rope_local_base_freq": 10_000.0,
    "rms_norm_eps": 1e-6,
    "hidden_activation": "gelu_pytorch_tanh",
    "query_pre_attn_scalar": 256,
    "sliding_window": 512,
    "tie_word_embeddings": True,
    "bos_token_id": 2,
    "eos_token_id": 1,
}
GEMMA_GGUF = {
    "general.architecture": "gemma3",
    "gemma3.context_length": 32768,
    "gemma3.embedding_length": 640,
    "gemma3.block_count": 18,
    "gemma3.feed_forward_length": 2048,
    "gemma3.attention.head_count": 4,
    "gemma3.attention.head_count_kv": 1,
    "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
    "gemma3.attention.key_length": 256,
    "gemma3.rope.freq_base": 1_000_000.0,
    "gemma3.attention.sliding_window": 512,
    "tokenizer.ggml.model": "llama",
    "tokenizer.ggml.add_bos_token": True,
    "tokenizer.ggml.bos_token_id": 2,
    "tokenizer.ggml.eos_token_id": 1,
}
GLOBAL_LAYERS = {5, 11, 17}


def test_a_config_and_a_gguf_of_one_model_agree() -> None:
    from_config, from_gguf = from_hf_config(SMOL), from_gguf_metadata(SMOL_GGUF, SHAPES)
    assert from_config.head_dim == 64
    assert from_config.eos_ids == (2, 0)
    assert from_gguf.bos_id is None
    same = {name: value for name, value in vars(from_gguf).items() if name not in ("bos_id", "eos_ids")}
    assert same.items() <= vars(from_config).items()


def test_a_gemma_3_config_and_gguf_agree() -> None:
    from_config = from_hf_config(GEMMA)
    from_gguf = from_gguf_metadata(GEMMA_GGUF, {"token_embd.weight": (262144, 640)})
    assert from_config.attention_scale == 1 / 16, "which is what attention does where nothing is said"
    assert vars(from_gguf) == {**vars(from_config), "attention_scale": None}
    assert set(range(18)) - set(from_gguf.local_layers) == GLOBAL_LAYERS
    assert (from_gguf.sliding_window, from_gguf.rope, from_gguf.local_rope) == (512, Rope(1e6), Rope(1e4))
    assert from_gguf.embedding_scale == pytest.approx(25.298, abs=1e-3)


def test_newer_configs_nest_the_rotary_settings() -> None:
    old = {name: value for name, value in GEMMA.items() if "rope" not in name}
    ropes = {"full_attention": {"rope_theta": 5e5}, "sliding_attention": {"rope_theta": 2e4, "rope_type": "default"}}
    kinds = ["full_attention", *["sliding_attention"] * 17]
    found = from_hf_config({**old, "rope_parameters": ropes, "layer_types": kinds})
    assert (found.rope, found.local_rope, found.local_layers) == (Rope(5e5), Rope(2e4), tuple(range(1, 18)))
    ropes["full_attention"]["rope_type"] = "dynamic"  # type: ignore[assignment]
    with pytest.raises(ModelUnsupported, match="rotary"):
        from_hf_config({**old, "rope_parameters": ropes})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hidden_activation": "silu"}, "silu"),
        ({"use_bidirectional_attention": True}, "later"),
        ({"rope_scaling": {"rope_type": "dynamic", "factor": 8.0}}, "rotary"),
    ],
)
def test_gemmas_that_the_graph_does_not_compute_are_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelUnsupported, match=named):
        from_hf_config({**GEMMA, **change})


@pytest.mark.parametrize(
    "change", [{"sliding_window": None}, {"sliding_window": 0}, {"layer_types": ["full_attention"]}]
)
def test_a_gemma_without_its_window_is_called_damage(change: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        from_hf_config({**GEMMA, **change})


def test_an_untied_gguf_is_told_by_its_output_tensor() -> None:
    assert not from_gguf_metadata(SMOL_GGUF, {**SHAPES, "output.weight": (49152, 576)}).tied_embeddings


def test_sentencepiece_vocabularies_want_a_bos_unless_told_otherwise() -> None:
    silent = {name: value for name, value in SMOL_GGUF.items() if name != "tokenizer.ggml.add_bos_token"}
    assert from_gguf_metadata(silent, SHAPES).bos_id is None
    assert from_gguf_metadata({**silent, "tokenizer.ggml.model": "llama"}, SHAPES).bos_id == 1


def test_families_differ_as_data() -> None:
    assert from_hf_config({**SMOL, "model_type": "qwen2"}).attention_bias
    assert from_hf_config({**SMOL, "model_type": "qwen3", "head_dim": 128}).head_norms
    shapes = from_hf_config({**SMOL, "model_type": "qwen3", "head_dim": 128}).tensor_shapes()
    assert shapes["model.layers.0.self_attn.q_proj.weight"] == (1152, 576)
    assert shapes["model.layers.29.self_attn.k_norm.weight"] == (128,)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model_type": "gpt2"}, "gpt2"),
        ({"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "rotary"),
        ({"hidden_act": "gelu"}, "gelu"),
        ({"quantization_config": {"quant_method": "awq"}}, "quantised"),
        ({"partial_rotary_factor": 0.375}, "24 numbers of each head"),
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
        ({"general.architecture": "granite"}, "granite"),
    ],
)
def test_what_the_graph_does_not_compute_is_refused_in_gguf(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelUnsupported, match=named):
        from_gguf_metadata({**SMOL_GGUF, **change}, SHAPES)


def test_a_sliding_window_is_taken_where_the_family_takes_it() -> None:
    window = {"sliding_window": 4096}
    everywhere = {"model_type": "mistral", **window}
    above = {"model_type": "qwen2", "use_sliding_window": True, "max_window_layers": 28, **window}
    found = [from_hf_config({**SMOL, **change}).local_layers for change in (everywhere, above, window)]
    assert found == [tuple(range(30)), (28, 29), ()]
    assert not from_hf_config({**SMOL, **above, "use_sliding_window": False}).local_layers
    assert not from_hf_config({**SMOL, **everywhere, "sliding_window": None}).local_layers


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_size": None},
        {"num_hidden_layers": 10**9},
        {"vocab_size": -1},
        {"num_attention_heads": 0},
        {"num_key_value_heads": 4},
        {"vocab_size": "many"},
        {"rms_norm_eps": -1.0},
        {"rms_norm_eps": float("nan")},
        {"rope_theta": -1.0},
        {"rope_scaling": "llama3"},
        {"rope_scaling": {"rope_type": "linear", "factor": 0}},
        {"rope_scaling": {"rope_type": "linear", "factor": float("inf")}},
        {"model_type": "granite", "residual_multiplier": 1e30},
        {"model_type": "mistral", "sliding_window": -4},
        {"model_type": "smollm3", "no_rope_layers": [1, 0]},
        {"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 9, "layer_types": ["full_attention"]},
        {"partial_rotary_factor": 2.0},
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
