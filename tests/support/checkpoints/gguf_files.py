"""GGUF files for tests: tiny checkpoints as llama.cpp's converter would write them, or any keys and tensors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter
from safetensors.numpy import load_file
from tokenizers import Tokenizer

GGUF_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_GEMMA_NAMES = {  # after which Gemma's norms are renamed, longest first
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
    "post_attention_layernorm": "post_attention_norm",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
}
_CONTROL, _USER_DEFINED, _NORMAL = 3, 4, 1


def write_gguf(
    path: Path, keys: Mapping[str, Any], tensors: Mapping[str, np.ndarray], architecture: str = "qwen2"
) -> Path:
    """A GGUF file with these keys (text, whole number, number, truth, or a list of one of them) and tensors."""
    writer = GGUFWriter(path, architecture)
    for key, value in keys.items():
        _add(writer, key, value)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tokenizer_keys(tokenizer: Tokenizer, pre: str = "qwen2", **more: Any) -> dict[str, Any]:
    """The `tokenizer.ggml.` keys that describe a byte-level BPE."""
    state = json.loads(tokenizer.to_str())
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    kinds = {token["content"]: _CONTROL if token["special"] else _USER_DEFINED for token in state["added_tokens"]}
    tokens = sorted(vocabulary, key=lambda token: vocabulary[token])
    keys = {
        "model": "gpt2",
        "pre": pre,
        "tokens": tokens,
        "token_type": [kinds.get(token, _NORMAL) for token in tokens],
        "merges": [" ".join(pair) for pair in state["model"]["merges"]],
        "bos_token_id": 0,
        "eos_token_id": 0,
        "add_bos_token": False,
        **more,
    }
    return {f"tokenizer.ggml.{key}": value for key, value in keys.items() if value is not None}


def gguf_of_checkpoint(checkpoint: Path, path: Path, **more_tokenizer_keys: Any) -> Path:
    """The tiny Qwen2 checkpoint in the folder `checkpoint` (tiny.make_tiny_checkpoint) as one GGUF file, in float32."""
    config = json.loads((checkpoint / "config.json").read_text())
    keys = {
        "general.license": "mit",
        "qwen2.block_count": config["num_hidden_layers"],
        "qwen2.embedding_length": config["hidden_size"],
        "qwen2.feed_forward_length": config["intermediate_size"],
        "qwen2.attention.head_count": config["num_attention_heads"],
        "qwen2.attention.head_count_kv": config["num_key_value_heads"],
        "qwen2.context_length": config["max_position_embeddings"],
        "qwen2.rope.freq_base": config["rope_theta"],
        "qwen2.attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        **tokenizer_keys(Tokenizer.from_file(str(checkpoint / "tokenizer.json")), "gpt-2", **more_tokenizer_keys),
    }
    tensors = {_gguf_name(name): tensor for name, tensor in load_file(checkpoint / "model.safetensors").items()}
    return write_gguf(path, keys, tensors)


def gguf_of_gemma(checkpoint: Path, path: Path, tokenizer: Mapping[str, Any], **more: Any) -> Path:
    """The tiny Gemma 3 in the folder `checkpoint`, with the tokenizer of those keys; norms hold the 1 of (1 + w)."""
    config = json.loads((checkpoint / "config.json").read_text())
    keys = {
        "general.license": "gemma",
        "gemma3.block_count": config["num_hidden_layers"],
        "gemma3.embedding_length": config["hidden_size"],
        "gemma3.feed_forward_length": config["intermediate_size"],
        "gemma3.attention.head_count": config["num_attention_heads"],
        "gemma3.attention.head_count_kv": config["num_key_value_heads"],
        "gemma3.attention.key_length": config["head_dim"],
        "gemma3.attention.sliding_window": config["sliding_window"],
        "gemma3.context_length": config["max_position_embeddings"],
        "gemma3.rope.freq_base": config["rope_theta"],
        "gemma3.attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        **tokenizer,
        **more,
    }
    tensors = {}
    for name, tensor in load_file(checkpoint / "model.safetensors").items():
        offset = np.float32(1.0) if name.endswith("norm.weight") else np.float32(0.0)
        for hugging_face, gguf in _GEMMA_NAMES.items():
            name = name.replace(hugging_face, gguf)
        tensors[_gguf_name(name)] = tensor + offset
    return write_gguf(path, keys, tensors, "gemma3")


def _gguf_name(name: str) -> str:
    for hugging_face, gguf in GGUF_NAMES.items():
        name = name.replace(hugging_face, gguf)
    return name.replace("model.layers.", "blk.").replace("lm_head", "output")


def _add(writer: GGUFWriter, key: str, value: Any) -> None:
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    else:
        writer.add_array(key, value)
