"""One tiny random checkpoint of every family that is supported, made by transformers; docs/models.md lists them.

Together they have what sets real checkpoints apart: padded and short embeddings, tied and untied heads, biases, norms
of queries and keys, sliding windows, scaled rotary embeddings, byte fallback, added tokens, BOS or none, shards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors, trainers

_HIDDEN = 64
_CONTEXT = 1024
_SIZES = {
    "vocab_size": 0,
    "hidden_size": _HIDDEN,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": _CONTEXT,
    "initializer_range": 0.08,
}
_LLAMA3 = {
    "rope_type": "llama3",
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}
_YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 256}
_LONGROPE = {"type": "longrope", "short_factor": [1.0 + 0.25 * i for i in range(8)], "long_factor": [4.0] * 8}


@dataclass(frozen=True)
class FamilyCheckpoint:
    """A family by the names that users know, and the tiny checkpoint that stands for it.

    `tokens` are byte-level BPE ("bytes") or SentencePiece's with byte fallback ("pieces"). `more_rows`: as many more
    has the embedding than the tokenizer has tokens.
    """

    name: str
    models: str
    model_type: str
    tried: str
    config: dict[str, Any] = field(default_factory=dict)
    exporter: Literal["fused", "portable"] = "fused"
    learns: Literal["lora", "full"] = "lora"
    tokens: Literal["bytes", "pieces"] = "bytes"
    bos: bool = False
    more_rows: int = 0
    sharded: bool = False


FAMILIES = (
    FamilyCheckpoint(
        name="Llama 3.2",
        models="Llama 3.2 1B, 3B",
        model_type="llama",
        tried="Llama 3 rope scaling, BOS, shards",
        config={"rope_scaling": _LLAMA3, "rope_theta": 500_000.0, "tie_word_embeddings": True, "head_dim": 32},
        bos=True,
        sharded=True,
    ),
    FamilyCheckpoint(
        name="SmolLM2",
        models="SmolLM2 135M (the default), 360M, 1.7B",
        model_type="llama",
        tried="every weight learns",
        config={"rope_theta": 100_000.0, "tie_word_embeddings": True},
        learns="full",
    ),
    FamilyCheckpoint(
        name="SmolLM3",
        models="SmolLM3 3B",
        model_type="smollm3",
        tried="a layer without rotary embedding, biases on every product",
        config={"no_rope_layers": [1, 0], "attention_bias": True, "mlp_bias": True},
        more_rows=32,
    ),
    FamilyCheckpoint(
        name="Qwen2",
        models="Qwen2 0.5B, 1.5B",
        model_type="qwen2",
        tried="padded embedding, a sliding window in the upper layers",
        config={"tie_word_embeddings": True, "use_sliding_window": True, "sliding_window": 40, "max_window_layers": 1},
        more_rows=96,
    ),
    FamilyCheckpoint(
        name="Qwen2.5",
        models="Qwen2.5 0.5B, 1.5B, 3B",
        model_type="qwen2",
        tried="padded embedding, untied head, YaRN",
        config={"tie_word_embeddings": False, "rope_scaling": _YARN},
        more_rows=128,
        learns="full",
    ),
    FamilyCheckpoint(
        name="Qwen3",
        models="Qwen3 0.6B, 1.7B, 4B (base)",
        model_type="qwen3",
        tried="norms of queries and keys, biases, fewer rows than tokens",
        config={"head_dim": 32, "tie_word_embeddings": True, "attention_bias": True},
        more_rows=-8,
    ),
    FamilyCheckpoint(
        name="Gemma 2",
        models="Gemma 2 2B",
        model_type="gemma2",
        tried="capped logits, a sliding window every other layer, byte fallback",
        config={
            "head_dim": 32,
            "query_pre_attn_scalar": 24,
            "sliding_window": 40,
            "attn_logit_softcapping": 4.0,
            "final_logit_softcapping": 6.0,
        },
        tokens="pieces",
        bos=True,
    ),
    FamilyCheckpoint(
        name="Gemma 3",
        models="Gemma 3 270M, 1B",
        model_type="gemma3_text",
        tried="two rotary embeddings, one scaled linearly, byte fallback, padded embedding",
        config={
            "head_dim": 32,
            "query_pre_attn_scalar": 24,
            "sliding_window": 40,
            "layer_types": ["sliding_attention", "full_attention"],
            "rope_scaling": {"rope_type": "linear", "factor": 8.0},
        },
        tokens="pieces",
        bos=True,
        more_rows=64,
    ),
    FamilyCheckpoint(
        name="Mistral",
        models="Mistral 7B",
        model_type="mistral",
        tried="a sliding window in every layer, byte fallback, untied head",
        config={"sliding_window": 48},
        tokens="pieces",
        bos=True,
    ),
    FamilyCheckpoint(
        name="Phi-3",
        models="Phi-3 mini, Phi-3.5 mini, Phi-4 mini",
        model_type="phi3",
        tried="fused matrices, LongRoPE over a part of each head, every weight learns",
        config={
            "rope_scaling": _LONGROPE,
            "original_max_position_embeddings": 512,
            "partial_rotary_factor": 0.5,
            "num_attention_heads": 2,
            "sliding_window": None,
            "pad_token_id": 0,
        },
        tokens="pieces",
        learns="full",
    ),
    FamilyCheckpoint(
        name="OLMo 2",
        models="OLMo 2 1B, 7B",
        model_type="olmo2",
        tried="norms behind attention and MLP alone, norms over all heads, untied head",
        config={"num_key_value_heads": 4, "rope_theta": 500_000.0, "pad_token_id": 0},
    ),
    FamilyCheckpoint(
        name="Granite",
        models="Granite 3.3 2B",
        model_type="granite",
        tried="factors of embedding, residual, attention and logits",
        config={
            "embedding_multiplier": 6.0,
            "residual_multiplier": 0.3,
            "attention_multiplier": 0.2,
            "logits_scaling": 2.0,
            "tie_word_embeddings": True,
        },
        more_rows=64,
    ),
    FamilyCheckpoint(
        name="GPT-2",
        models="GPT-2 124M, DistilGPT-2",
        model_type="gpt2",
        tried="matrices stored the other way round",
        config={"n_embd": _HIDDEN, "n_layer": 2, "n_head": 4, "n_positions": _CONTEXT},
        exporter="portable",
    ),
    FamilyCheckpoint(
        name="OPT",
        models="OPT 125M (saved with a tokenizer.json)",
        model_type="opt",
        tried="learned positions, BOS",
        config={"ffn_dim": 96, "word_embed_proj_dim": _HIDDEN},
        exporter="portable",
        bos=True,
    ),
    FamilyCheckpoint(
        name="Pythia",
        models="Pythia 70M, 160M, 410M (GPT-NeoX)",
        model_type="gpt_neox",
        tried="rotary embedding over a part of each head, padded embedding, every weight learns",
        config={"rotary_pct": 0.5},
        exporter="portable",
        learns="full",
        more_rows=96,
    ),
    FamilyCheckpoint(
        name="BLOOM",
        models="BLOOM 560M",
        model_type="bloom",
        tried="ALiBi, no limit of the context",
        config={"n_layer": 2, "n_head": 4},
        exporter="portable",
    ),
)


def make_checkpoint(family: FamilyCheckpoint, folder: Path, lines: tuple[str, ...], seed: int = 0) -> Path:
    """The checkpoint of `family` in `folder`, its tokenizer trained on `lines`, every weight random; needs torch."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tokenizer = _bytes(lines, family.bos) if family.tokens == "bytes" else _pieces(lines, family.bos)
    ends, begins = tokenizer.token_to_id("<|endoftext|>"), tokenizer.token_to_id("<s>")
    sizes = {**_SIZES, "vocab_size": tokenizer.get_vocab_size() + family.more_rows}
    config = AutoConfig.for_model(
        family.model_type,
        **{**sizes, "eos_token_id": ends, "bos_token_id": begins, "pad_token_id": ends, **family.config},
    )
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():  # of norms and biases too
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder, max_shard_size="60KB" if family.sharded else "1GB")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _bytes(lines: tuple[str, ...], bos: bool) -> Tokenizer:
    from tiny import tiny_tokenizer

    tokenizer = tiny_tokenizer(*lines)
    tokenizer.add_special_tokens([AddedToken("<s>", special=True)])
    if bos:
        tokenizer.post_processor = _begins(tokenizer)
    return tokenizer


def _pieces(lines: tuple[str, ...], bos: bool) -> Tokenizer:
    """As SentencePiece's are given: blanks are letters, and what is unknown is read byte by byte."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", "\u2581")
    trained.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=200, show_progress=False))
    learned = json.loads(trained.model.__getstate__())
    first = ["<unk>", "<s>", "<|endoftext|>", *(f"<0x{byte:02X}>" for byte in range(256))]
    names = [*first, *(token for token in sorted(learned["vocab"], key=learned["vocab"].get) if token not in first)]
    merges = [tuple(pair) for pair in learned["merges"]]
    tokenizer = Tokenizer(
        models.BPE({name: id for id, name in enumerate(names)}, merges, unk_token="<unk>", byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in first[:3]])
    if bos:
        tokenizer.post_processor = _begins(tokenizer)
    return tokenizer


def _begins(tokenizer: Tokenizer) -> processors.TemplateProcessing:
    return processors.TemplateProcessing("<s> $A", "<s> $A $B", [("<s>", tokenizer.token_to_id("<s>"))])
