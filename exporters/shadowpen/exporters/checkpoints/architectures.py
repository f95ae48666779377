"""Architectures of checkpoints: the numbers of a decoder and the differences between families.

A family (Llama, Mistral, Qwen2, Qwen3, Gemma 3) is a row of data, never a branch elsewhere. Whatever this build cannot
compute exactly (scaled rotary embeddings, capped logits, other activations) is refused here, before any weight is read.
This file opens no files and knows no ONNX.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported

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
class ModelFamily:
    """How a family departs from Llama."""

    attention_bias: bool = False  # biases on q, k and v (never on o)
    qk_norm: bool = False  # an RMS norm over every head of q and k before the rotary embedding
    sandwich_norms: bool = False  # an RMS norm behind attention and MLP too, before they are added
    norm_offset: float = 0.0  # added to the weights of every RMS norm
    activation: str = "silu"
    scaled_embedding: bool = False  # by sqrt(hidden)
    local_every: int = 0  # every so many layers one attends to everything, the others to a window; 0: all to everything


FAMILIES: Mapping[str, ModelFamily] = {
    "llama": ModelFamily(),
    "mistral": ModelFamily(),
    "qwen2": ModelFamily(attention_bias=True),
    "qwen3": ModelFamily(qk_norm=True),
    "gemma3_text": ModelFamily(
        qk_norm=True,
        sandwich_norms=True,
        norm_offset=1.0,
        activation="gelu_pytorch_tanh",
        scaled_embedding=True,
        local_every=6,
    ),
}
_GGUF_TYPES = {"gemma3": "gemma3_text"}  # where llama.cpp names a family otherwise than transformers
_LOCAL_ROPE_THETA = 10_000.0  # of layers with a window, where a description does not give it


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
    embedding_scale: float = 1.0  # what the embedding is multiplied by
    sandwich_norms: bool = False
    norm_offset: float = 0.0
    activation: str = "silu"
    attention_scale: float | None = None  # of queries times keys; None: 1 / sqrt(head_dim)
    sliding_window: int = 0  # tokens that the local layers see, the one that looks included
    local_layers: tuple[int, ...] = ()
    local_rope_theta: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that no honest checkpoint has, before anything is allocated by them."""
        for name, limit in _SIZE_LIMITS.items():
            value = getattr(self, name)
            if not 0 < value <= limit:
                raise ModelCorrupt(
                    f"The model's config gives {name} as {value}.", f"Between 1 and {limit} would be usable."
                )
        if self.heads % self.kv_heads or self.head_dim % 2:
            raise ModelCorrupt(
                f"{self.heads} heads of {self.head_dim} do not share {self.kv_heads} key and value heads.",
                "The model's config is damaged; download it again.",
            )
        if self.local_layers and self.sliding_window < 1:
            raise ModelCorrupt(
                f"The model's config gives a sliding window of {self.sliding_window}.", "Download the model again."
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
        if self.sandwich_norms:
            shapes["pre_feedforward_layernorm.weight"] = (self.hidden,)
            shapes["post_feedforward_layernorm.weight"] = (self.hidden,)
        return shapes


def from_hf_config(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a Hugging Face config.json describes.

    Raises ModelUnsupported for what the fused graph does not compute, ModelCorrupt for a description with holes.
    """
    model_type = str(config.get("model_type", "unknown"))
    family = _family(model_type)
    _refuse_variants(config, family)
    heads = _integer(config, "num_attention_heads")
    hidden = _integer(config, "hidden_size")
    layers = _integer(config, "num_hidden_layers")
    return Architecture(
        model_type=model_type,
        layers=layers,
        hidden=hidden,
        intermediate=_integer(config, "intermediate_size"),
        heads=heads,
        kv_heads=int(config.get("num_key_value_heads") or heads),
        head_dim=int(config.get("head_dim") or hidden // max(heads, 1)),
        vocab=_integer(config, "vocab_size"),
        context_length=_integer(config, "max_position_embeddings"),
        rope_theta=float(_ropes(config)[0].get("rope_theta") or config.get("rope_theta") or 10_000.0),
        rms_epsilon=float(config.get("rms_norm_eps", 1e-6)),
        tied_embeddings=bool(config.get("tie_word_embeddings", False)),
        attention_bias=family.attention_bias,
        bos_id=_optional_id(config.get("bos_token_id")),
        eos_ids=_ids(config.get("eos_token_id")),
        attention_scale=_attention_scale(config.get("query_pre_attn_scalar")),
        **_family_traits(family, hidden),
        **_hf_local_layers(config, family, layers),
    )


def from_gguf_metadata(metadata: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Architecture:
    """The architecture that a GGUF file's metadata describes; `shapes` are those of its tensors, under GGUF's names.

    GGUF does not say whether the head is tied: it is where `output.weight` is missing.
    """
    named = str(metadata.get("general.architecture", "unknown"))
    model_type = _GGUF_TYPES.get(named, named)
    family = _family(model_type)
    values = {name.removeprefix(f"{named}."): value for name, value in metadata.items()}
    if values.get("rope.scaling.type") not in (None, "none") or "rope_freqs.weight" in shapes:
        raise _unsupported("a scaled rotary embedding")
    if values.get("attention.sliding_window") and not family.local_every:
        raise _unsupported("sliding-window attention")
    if values.get("attn_logit_softcapping") or values.get("final_logit_softcapping"):
        raise _unsupported("capped logits")
    heads = _integer(values, "attention.head_count")
    hidden = _integer(values, "embedding_length")
    layers = _integer(values, "block_count")
    head_dim = int(values.get("attention.key_length") or hidden // max(heads, 1))
    if int(values.get("rope.dimension_count") or head_dim) != head_dim:
        raise _unsupported("a rotary embedding over part of each head")
    return Architecture(
        model_type=model_type,
        layers=layers,
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
        **_family_traits(family, hidden),
        **_gguf_local_layers(values, family, layers),
    )


def _family_traits(family: ModelFamily, hidden: int) -> dict[str, Any]:
    """What every member of a family has."""
    return {
        "qk_norm": family.qk_norm,
        "sandwich_norms": family.sandwich_norms,
        "norm_offset": family.norm_offset,
        "activation": family.activation,
        "embedding_scale": math.sqrt(hidden) if family.scaled_embedding else 1.0,
    }


def _hf_local_layers(config: Mapping[str, Any], family: ModelFamily, layers: int) -> dict[str, Any]:
    """Which layers attend to a window, as `layer_types` or the older `sliding_window_pattern` says."""
    if not family.local_every:
        return {}
    kinds = config.get("layer_types") or _kinds(layers, config.get("sliding_window_pattern") or family.local_every)
    known = {"sliding_attention", "full_attention"}
    if not isinstance(kinds, list) or len(kinds) != layers or not known.issuperset(kinds):
        raise ModelCorrupt(f"The model's config has layer_types for no {layers} layers.", "Download it again.")
    theta = _ropes(config)[1].get("rope_theta") or config.get("rope_local_base_freq") or _LOCAL_ROPE_THETA
    return {
        "sliding_window": _integer(config, "sliding_window"),
        "local_layers": tuple(layer for layer, kind in enumerate(kinds) if kind == "sliding_attention"),
        "local_rope_theta": float(theta),
    }


def _gguf_local_layers(values: Mapping[str, Any], family: ModelFamily, layers: int) -> dict[str, Any]:
    """llama.cpp knows the pattern by the family; newer files give the window's rotary base."""
    if not family.local_every:
        return {}
    kinds = _kinds(layers, family.local_every)
    return {
        "sliding_window": _integer(values, "attention.sliding_window"),
        "local_layers": tuple(layer for layer, kind in enumerate(kinds) if kind == "sliding_attention"),
        "local_rope_theta": float(values.get("rope.freq_base_swa") or _LOCAL_ROPE_THETA),
    }


def _kinds(layers: int, every: int) -> list[str]:
    return ["sliding_attention" if (layer + 1) % every else "full_attention" for layer in range(layers)]


def _attention_scale(scalar: Any) -> float | None:
    """transformers' `query_pre_attn_scalar` as a factor."""
    return float(scalar) ** -0.5 if isinstance(scalar, int | float) and scalar > 0 else None


def _family(model_type: str) -> ModelFamily:
    if model_type not in FAMILIES:
        raise ModelUnsupported(
            f"Models of type {model_type!r} have no fused graph.",
            f"Use one of {', '.join(FAMILIES)}, or the portable exporter.",
        )
    return FAMILIES[model_type]


def _ropes(config: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The rotary settings of global and of local layers (`rope_parameters`, in older configs `rope_scaling`)."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if "full_attention" in rope or "sliding_attention" in rope:
        return rope.get("full_attention") or {}, rope.get("sliding_attention") or {}
    return rope, {}


def _refuse_variants(config: Mapping[str, Any], family: ModelFamily) -> None:
    for rope in _ropes(config):
        if rope.get("rope_type", rope.get("type", "default")) != "default":
            raise _unsupported("a scaled rotary embedding")
    uses_window = config.get("use_sliding_window", config.get("model_type") == "mistral")
    if uses_window and config.get("sliding_window") and not family.local_every:
        raise _unsupported("sliding-window attention")
    activation = config.get("hidden_activation") or config.get("hidden_act") or family.activation
    if activation != family.activation:
        raise _unsupported(f"the activation {activation!r}")
    if (config.get("attention_bias") and not family.attention_bias) or config.get("mlp_bias"):
        raise _unsupported("biases on its output or MLP projections")
    if config.get("attn_logit_softcapping") or config.get("final_logit_softcapping"):
        raise _unsupported("capped logits")
    if config.get("use_bidirectional_attention"):
        raise _unsupported("attention to what comes later")
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
        raise ModelCorrupt(f"The model's config has no {name}.", "Download the model again.")
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
