"""What a checkpoint's weights mean: the numbers of a decoder and the few ways in which families differ.

A family (Llama, Mistral, Qwen2, Qwen3) is a row of data, never a branch elsewhere. Whatever this build cannot
compute exactly (sliding windows, scaled rotary embeddings, other activations) is refused here, before any weight
is read. This file opens no files and knows no ONNX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shadowpen.daemon.errors import ModelCorrupt, ModelUnsupported

_SIZE_LIMITS = {
    "layers": 256,
    "hidden": 1 << 15,
    "intermediate": 1 << 17,
    "heads": 512,
    "kv_heads": 512,
    "head_dim": 1024,
    "vocab": 1 << 20,
    "context_length": 1 << 24,
}


# Special tokens after which nothing follows: a chat-tuned checkpoint names one of them and uses others as well.
END_TOKENS = frozenset(
    {"<|endoftext|>", "<|im_end|>", "</s>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<eos>"}
    | {"<end_of_turn>", "<|endofturn|>"}
)


@dataclass(frozen=True)
class Family:
    """How a family departs from Llama."""

    attention_bias: bool = False  # biases on q, k and v (never on o)
    qk_norm: bool = False  # an RMS norm over every head of q and k before the rotary embedding


FAMILIES: Mapping[str, Family] = {
    "llama": Family(),
    "mistral": Family(),
    "qwen2": Family(attention_bias=True),
    "qwen3": Family(qk_norm=True),
}


@dataclass(frozen=True)
class Architecture:
    """The shape of a Llama-class decoder, whatever precision its weights are in."""

    model_type: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    context_length: int
    rope_theta: float
    rms_epsilon: float
    tied_embeddings: bool
    attention_bias: bool
    bos_id: int | None  # what goes before plain text; None where the model wants nothing there
    eos_ids: tuple[int, ...]  # any of them ends a text
    qk_norm: bool = False
    embedding_scale: float = 1.0  # what the embedding is multiplied by (Gemma: sqrt(hidden))

    def __post_init__(self) -> None:
        """Refuse numbers that no honest checkpoint has, before anything is allocated by them."""
        for name, limit in _SIZE_LIMITS.items():
            value = getattr(self, name)
            if not 0 < value <= limit:
                raise ModelCorrupt(
                    f"The model's description gives {name} as {value}.", f"Between 1 and {limit} would be usable."
                )
        if self.heads % self.kv_heads or self.head_dim % 2:
            raise ModelCorrupt(
                f"{self.heads} heads of {self.head_dim} do not share {self.kv_heads} key and value heads.",
                "The model's description is damaged; obtain it again.",
            )

    @property
    def query_width(self) -> int:
        return self.heads * self.head_dim

    @property
    def kv_width(self) -> int:
        return self.kv_heads * self.head_dim

    def manifest(self) -> dict[str, object]:
        """The part of it that manifest.json records and the engine reads."""
        kept = ("model_type", "layers", "hidden", "heads", "kv_heads", "head_dim", "vocab", "context_length")
        return {name: value for name, value in asdict(self).items() if name in kept}

    def tensor_shapes(self) -> dict[str, tuple[int, ...]]:
        """Canonical name → shape of every tensor that such a checkpoint holds."""
        shapes: dict[str, tuple[int, ...]] = {
            "model.embed_tokens.weight": (self.vocab, self.hidden),
            "model.norm.weight": (self.hidden,),
        }
        if not self.tied_embeddings:
            shapes["lm_head.weight"] = (self.vocab, self.hidden)
        for layer in range(self.layers):
            shapes.update({f"model.layers.{layer}.{name}": shape for name, shape in self._layer_shapes().items()})
        return shapes

    def _layer_shapes(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {
            "input_layernorm.weight": (self.hidden,),
            "post_attention_layernorm.weight": (self.hidden,),
            "self_attn.q_proj.weight": (self.query_width, self.hidden),
            "self_attn.k_proj.weight": (self.kv_width, self.hidden),
            "self_attn.v_proj.weight": (self.kv_width, self.hidden),
            "self_attn.o_proj.weight": (self.hidden, self.query_width),
            "mlp.gate_proj.weight": (self.intermediate, self.hidden),
            "mlp.up_proj.weight": (self.intermediate, self.hidden),
            "mlp.down_proj.weight": (self.hidden, self.intermediate),
        }
        if self.attention_bias:
            shapes["self_attn.q_proj.bias"] = (self.query_width,)
            shapes["self_attn.k_proj.bias"] = (self.kv_width,)
            shapes["self_attn.v_proj.bias"] = (self.kv_width,)
        if self.qk_norm:
            shapes["self_attn.q_norm.weight"] = (self.head_dim,)
            shapes["self_attn.k_norm.weight"] = (self.head_dim,)
        return shapes


def from_hf_config(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a Hugging Face config.json describes.

    Raises ModelUnsupported for what the fused graph does not compute, ModelCorrupt for a description with holes.
    """
    model_type = str(config.get("model_type", "unknown"))
    family = _family(model_type)
    _refuse_variants(config)
    heads = _integer(config, "num_attention_heads")
    hidden = _integer(config, "hidden_size")
    return Architecture(
        model_type=model_type,
        layers=_integer(config, "num_hidden_layers"),
        hidden=hidden,
        intermediate=_integer(config, "intermediate_size"),
        heads=heads,
        kv_heads=int(config.get("num_key_value_heads") or heads),
        head_dim=int(config.get("head_dim") or hidden // max(heads, 1)),
        vocab=_integer(config, "vocab_size"),
        context_length=_integer(config, "max_position_embeddings"),
        rope_theta=float(_rope(config).get("rope_theta") or config.get("rope_theta") or 10_000.0),
        rms_epsilon=float(config.get("rms_norm_eps", 1e-6)),
        tied_embeddings=bool(config.get("tie_word_embeddings", False)),
        attention_bias=family.attention_bias,
        bos_id=_optional_id(config.get("bos_token_id")),
        eos_ids=_ids(config.get("eos_token_id")),
        qk_norm=family.qk_norm,
    )


def from_gguf_metadata(metadata: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Architecture:
    """The architecture that a GGUF file's metadata describes; `shapes` are those of its tensors, under GGUF's names.

    GGUF does not say whether the head is tied: it is where `output.weight` is missing.
    """
    model_type = str(metadata.get("general.architecture", "unknown"))
    family = _family(model_type)
    values = {name.removeprefix(f"{model_type}."): value for name, value in metadata.items()}
    if values.get("rope.scaling.type") not in (None, "none") or "rope_freqs.weight" in shapes:
        raise _unsupported("a scaled rotary embedding")
    if values.get("attention.sliding_window"):
        raise _unsupported("sliding-window attention")
    heads = _integer(values, "attention.head_count")
    hidden = _integer(values, "embedding_length")
    head_dim = int(values.get("attention.key_length") or hidden // max(heads, 1))
    if int(values.get("rope.dimension_count") or head_dim) != head_dim:
        raise _unsupported("a rotary embedding over part of each head")
    return Architecture(
        model_type=model_type,
        layers=_integer(values, "block_count"),
        hidden=hidden,
        intermediate=_integer(values, "feed_forward_length"),
        heads=heads,
        kv_heads=int(values.get("attention.head_count_kv") or heads),
        head_dim=head_dim,
        vocab=shapes.get("token_embd.weight", (0,))[0],
        context_length=_integer(values, "context_length"),
        rope_theta=float(values.get("rope.freq_base") or 10_000.0),
        rms_epsilon=float(values.get("attention.layer_norm_rms_epsilon", 1e-6)),
        tied_embeddings="output.weight" not in shapes,
        attention_bias=family.attention_bias,
        bos_id=_gguf_bos(metadata),
        eos_ids=_ids(metadata.get("tokenizer.ggml.eos_token_id")) + _ids(metadata.get("tokenizer.ggml.eot_token_id")),
        qk_norm=family.qk_norm,
    )


def _family(model_type: str) -> Family:
    if model_type not in FAMILIES:
        raise ModelUnsupported(
            f"Models of type {model_type!r} have no fused graph.",
            f"Use one of {', '.join(FAMILIES)}, or the portable exporter.",
        )
    return FAMILIES[model_type]


def _rope(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rotary settings: `rope_parameters` in newer configs, `rope_scaling` in older ones."""
    return config.get("rope_parameters") or config.get("rope_scaling") or {}


def _refuse_variants(config: Mapping[str, Any]) -> None:
    rope = _rope(config)
    if rope.get("rope_type", rope.get("type", "default")) != "default":
        raise _unsupported("a scaled rotary embedding")
    uses_window = config.get("use_sliding_window", config.get("model_type") == "mistral")
    if uses_window and config.get("sliding_window"):
        raise _unsupported("sliding-window attention")
    if config.get("hidden_act", "silu") != "silu":
        raise _unsupported(f"the activation {config['hidden_act']!r}")
    biased_llama = config.get("model_type") in ("llama", "mistral", "qwen3") and config.get("attention_bias")
    if biased_llama or config.get("mlp_bias"):
        raise _unsupported("biases on its output or MLP projections")
    if config.get("quantization_config"):
        raise _unsupported("weights quantised in a format of its own")
    if float(config.get("partial_rotary_factor") or 1.0) != 1.0:
        raise _unsupported("a rotary embedding over part of each head")


def _unsupported(what: str) -> ModelUnsupported:
    return ModelUnsupported(
        f"The model uses {what}, which the fused graph does not compute.",
        "Choose another checkpoint, or the portable exporter.",
    )


def _integer(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ModelCorrupt(f"The model's description lacks {name}.", "Obtain the model again.")
    return int(value)


def _optional_id(value: Any) -> int | None:
    return int(value) if isinstance(value, int) else None


def _ids(value: Any) -> tuple[int, ...]:
    if value is None:
        return ()
    return tuple(int(one) for one in value) if isinstance(value, list | tuple) else (int(value),)


def _gguf_bos(metadata: Mapping[str, Any]) -> int | None:
    """The id to put before plain text; llama.cpp adds one to SentencePiece vocabularies unless told otherwise."""
    adds = metadata.get("tokenizer.ggml.add_bos_token", metadata.get("tokenizer.ggml.model") == "llama")
    return _optional_id(metadata.get("tokenizer.ggml.bos_token_id")) if adds else None
