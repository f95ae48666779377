"""Architectures of checkpoints: a decoder's sizes, from config.json or a GGUF file's keys.

What sets a family apart is in `families`. Whatever this build cannot compute exactly (other activations, weights
quantised in a format of their own) is refused here, before any weight is read. This file opens no files and knows no
ONNX.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.checkpoints.families import ModelFamily, family_of, gguf_type
from shadowpen.exporters.checkpoints.rope import Rope, longest_exact, read_rope

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


_LOCAL_ROPE_THETA = 10_000.0  # of Gemma's layers with a window, where a description does not give it
_ROTATED_AT_ONCE = 16  # numbers of a head: ONNX Runtime's GroupQueryAttention takes multiples of these alone
_LARGEST_FACTOR = 1e6  # of what multiplies a stream


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
    rope: Rope
    rms_epsilon: float
    tied_embeddings: bool
    attention_bias: bool  # on q, k and v
    bos_id: int | None  # what goes before plain text; None where the model wants nothing there
    eos_ids: tuple[int, ...]  # any of them ends a text
    output_bias: bool = False  # on what attention gives
    mlp_bias: bool = False
    head_norms: bool = False
    whole_norms: bool = False
    pre_norms: bool = True
    post_norms: bool = False
    norm_offset: float = 0.0
    activation: str = "silu"
    fused_projections: bool = False
    embedding_scale: float = 1.0  # what the embedding is multiplied by
    residual_scale: float = 1.0  # what attention and MLP are multiplied by before they are added
    logits_divisor: float = 1.0
    attention_scale: float | None = None  # of queries times keys; None: 1 / sqrt(head_dim)
    attention_cap: float = 0.0  # products of queries and keys are bent to stay below it; 0: they are not
    logits_cap: float = 0.0
    rotated: int = 0  # the first so many numbers of each head are rotated; 0: all of them
    unrotated_layers: tuple[int, ...] = ()
    sliding_window: int = 0  # tokens that the local layers see, the one that looks included
    local_layers: tuple[int, ...] = ()
    local_rope: Rope | None = None  # of the local layers, where it is another one

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
            raise _damaged(f"a sliding window of {self.sliding_window}")
        if not 0 <= self.rotated <= self.head_dim:
            raise _damaged(f"a rotary embedding over {self.rotated} of {self.head_dim} numbers")
        for name in ("rms_epsilon", "embedding_scale", "residual_scale", "logits_divisor", "attention_scale"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= _LARGEST_FACTOR:  # nor if it is no number
                raise _damaged(f"{name} as {value}")
        if not (0 <= self.attention_cap <= _LARGEST_FACTOR and 0 <= self.logits_cap <= _LARGEST_FACTOR):
            raise _damaged(f"caps of {self.attention_cap} and {self.logits_cap}")

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
        products = self._products()
        norms = {
            "input_layernorm": self.pre_norms,
            "post_attention_layernorm": True,
            "pre_feedforward_layernorm": self.pre_norms and self.post_norms,
            "post_feedforward_layernorm": self.post_norms,
        }
        shapes: dict[str, tuple[int, ...]] = {f"{name}.weight": (self.hidden,) for name in norms if norms[name]}
        shapes |= {f"{name}.weight": shape for name, (shape, _) in products.items()}
        shapes |= {f"{name}.bias": shape[:1] for name, (shape, biased) in products.items() if biased}
        if self.head_norms or self.whole_norms:
            widths = (self.head_dim, self.head_dim) if self.head_norms else (self.query_width, self.kv_width)
            shapes["self_attn.q_norm.weight"], shapes["self_attn.k_norm.weight"] = (widths[0],), (widths[1],)
        return shapes

    def _products(self) -> dict[str, tuple[tuple[int, int], bool]]:
        """Name → shape of every matrix of a layer, and whether a bias goes with it."""
        hidden, inner = self.hidden, self.intermediate
        if self.fused_projections:
            inputs = {"qkv_proj": self.query_width + 2 * self.kv_width}
            gates = {"gate_up_proj": 2 * inner}
        else:
            inputs = {"q_proj": self.query_width, "k_proj": self.kv_width, "v_proj": self.kv_width}
            gates = {"gate_proj": inner, "up_proj": inner}
        return {
            **{f"self_attn.{name}": ((rows, hidden), self.attention_bias) for name, rows in inputs.items()},
            "self_attn.o_proj": ((hidden, self.query_width), self.output_bias),
            **{f"mlp.{name}": ((rows, hidden), self.mlp_bias) for name, rows in gates.items()},
            "mlp.down_proj": ((hidden, inner), self.mlp_bias),
        }


def from_hf_config(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a Hugging Face config.json describes.

    Raises ModelUnsupported for what the fused graph does not compute, ModelCorrupt for a description with holes.
    """
    model_type = str(config.get("model_type", "unknown"))
    family = family_of(model_type)
    _refuse_variants(config, family)
    biased = bool(config.get("attention_bias", False))
    heads = _integer(config, "num_attention_heads")
    hidden = _integer(config, "hidden_size")
    layers = _integer(config, "num_hidden_layers")
    head_dim = int(config.get("head_dim") or hidden // max(heads, 1))
    rotated = int(head_dim * float(config.get("partial_rotary_factor") or 1.0))
    if rotated % _ROTATED_AT_ONCE and rotated <= head_dim and not head_dim % 2:
        raise _unsupported(f"a rotary embedding over {rotated} numbers of each head")
    rope = read_rope(_ropes(config)[0], config.get("rope_theta") or 10_000.0, config)
    return Architecture(
        model_type=model_type,
        layers=layers,
        hidden=hidden,
        intermediate=_integer(config, "intermediate_size"),
        heads=heads,
        kv_heads=int(config.get("num_key_value_heads") or heads),
        head_dim=head_dim,
        vocab=_integer(config, "vocab_size"),
        context_length=longest_exact(rope, _integer(config, "max_position_embeddings")),
        rope=rope,
        rms_epsilon=float(config.get("rms_norm_eps", 1e-6)),
        tied_embeddings=bool(config.get("tie_word_embeddings", family.tied)),
        attention_bias=biased or family.qkv_bias,
        output_bias=biased,
        mlp_bias=bool(config.get("mlp_bias", False)),
        bos_id=_optional_id(config.get("bos_token_id")),
        eos_ids=_ids(config.get("eos_token_id")),
        rotated=0 if rotated == head_dim else rotated,
        unrotated_layers=_unrotated(config, family, layers),
        **_scales(config),
        **_family_traits(family, hidden),
        **_hf_local_layers(config, family, layers),
    )


def from_gguf_metadata(metadata: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Architecture:
    """The architecture that a GGUF file's metadata describes; `shapes` are those of its tensors, under GGUF's names.

    GGUF does not say whether the head is tied: it is where `output.weight` is missing.
    """
    named = str(metadata.get("general.architecture", "unknown"))
    model_type = gguf_type(named)
    family = family_of(model_type)
    values = {name.removeprefix(f"{named}."): value for name, value in metadata.items()}
    if values.get("rope.scaling.type") not in (None, "none") or "rope_freqs.weight" in shapes:
        raise _unsupported("a scaled rotary embedding")
    if values.get("attention.sliding_window") and not family.global_every:
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
        rope=read_rope({}, values.get("rope.freq_base") or 10_000.0, {}),
        rms_epsilon=float(values.get("attention.layer_norm_rms_epsilon", 1e-6)),
        tied_embeddings="output.weight" not in shapes,
        attention_bias=family.qkv_bias,
        bos_id=_gguf_bos(metadata),
        eos_ids=_ids(metadata.get("tokenizer.ggml.eos_token_id")) + _ids(metadata.get("tokenizer.ggml.eot_token_id")),
        **_family_traits(family, hidden),
        **_gguf_local_layers(values, family, layers),
    )


def _family_traits(family: ModelFamily, hidden: int) -> dict[str, Any]:
    """What every member of a family has."""
    traits: dict[str, Any] = {
        name: getattr(family, name)
        for name in ("head_norms", "whole_norms", "pre_norms", "post_norms", "norm_offset", "fused_projections")
    }
    scale = {"embedding_scale": math.sqrt(hidden)} if family.scaled_embedding else {}
    return {**traits, "activation": family.activation, **scale}


def _scales(config: Mapping[str, Any]) -> dict[str, Any]:
    """Gemma's and Granite's factors, under our names."""
    named = {
        "embedding_multiplier": "embedding_scale",
        "residual_multiplier": "residual_scale",
        "logits_scaling": "logits_divisor",
        "attention_multiplier": "attention_scale",
        "attn_logit_softcapping": "attention_cap",
        "final_logit_softcapping": "logits_cap",
    }
    found = {ours: float(config[theirs]) for theirs, ours in named.items() if config.get(theirs) is not None}
    scalar = config.get("query_pre_attn_scalar")
    if isinstance(scalar, int | float) and scalar > 0:
        found["attention_scale"] = float(scalar) ** -0.5
    return found


def _unrotated(config: Mapping[str, Any], family: ModelFamily, layers: int) -> tuple[int, ...]:
    """The layers without a rotary embedding: `no_rope_layers` is 1 where there is one."""
    if not family.unrotated_every:
        return ()
    every = int(config.get("no_rope_layer_interval") or family.unrotated_every)
    rotated = config.get("no_rope_layers") or [(layer + 1) % every for layer in range(layers)]
    if not isinstance(rotated, list) or len(rotated) != layers:
        raise _damaged(f"no_rope_layers for no {layers} layers")
    return tuple(layer for layer, has_one in enumerate(rotated) if not has_one)


def _hf_local_layers(config: Mapping[str, Any], family: ModelFamily, layers: int) -> dict[str, Any]:
    """Which layers attend to a window, as `layer_types` or the older settings of the family say."""
    window = config.get("sliding_window")
    if not family.global_every and (window is None or not _window_wanted(config, family)):
        return {}
    kinds = config.get("layer_types") if family.window != "all" else None
    kinds = kinds or _default_kinds(config, family, layers)
    known = {"sliding_attention", "full_attention"}
    if not isinstance(kinds, list) or len(kinds) != layers or not known.issuperset(kinds):
        raise _damaged(f"layer_types for no {layers} layers")
    local = tuple(layer for layer, kind in enumerate(kinds) if kind == "sliding_attention")
    if not local:
        return {}
    return {"sliding_window": _integer(config, "sliding_window"), "local_layers": local, **_local_rope(config)}


def _window_wanted(config: Mapping[str, Any], family: ModelFamily) -> bool:
    return family.window == "all" or (family.window == "asked" and bool(config.get("use_sliding_window")))


def _default_kinds(config: Mapping[str, Any], family: ModelFamily, layers: int) -> list[str]:
    if family.global_every:
        return _kinds(layers, int(config.get("sliding_window_pattern") or family.global_every))
    if family.unrotated_every:
        unrotated = _unrotated(config, family, layers)
        return ["sliding_attention" if layer in unrotated else "full_attention" for layer in range(layers)]
    first = int(config.get("max_window_layers") or 0) if family.window == "asked" else 0
    return ["full_attention" if layer < first else "sliding_attention" for layer in range(layers)]


def _local_rope(config: Mapping[str, Any]) -> dict[str, Any]:
    """Another rotary embedding for local layers, where the config tells of one or the family always has one."""
    local = _ropes(config)[1]
    theta = config.get("rope_local_base_freq") or (_LOCAL_ROPE_THETA if config["model_type"] == "gemma3_text" else None)
    if theta is None and not local:
        return {}
    return {"local_rope": read_rope(local, theta or _LOCAL_ROPE_THETA, config)}


def _gguf_local_layers(values: Mapping[str, Any], family: ModelFamily, layers: int) -> dict[str, Any]:
    """llama.cpp knows the pattern by the family; newer files give the window's rotary base."""
    if not family.global_every:
        return {}
    kinds = _kinds(layers, family.global_every)
    return {
        "sliding_window": _integer(values, "attention.sliding_window"),
        "local_layers": tuple(layer for layer, kind in enumerate(kinds) if kind == "sliding_attention"),
        "local_rope": read_rope({}, values.get("rope.freq_base_swa") or _LOCAL_ROPE_THETA, {}),
    }


def _kinds(layers: int, every: int) -> list[str]:
    return ["sliding_attention" if (layer + 1) % every else "full_attention" for layer in range(layers)]


def _ropes(config: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The rotary settings of global and of local layers (`rope_parameters`, in older configs `rope_scaling`)."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if not isinstance(rope, Mapping):
        raise _damaged(f"rope_scaling as {type(rope).__name__}")
    if "full_attention" in rope or "sliding_attention" in rope:
        return rope.get("full_attention") or {}, rope.get("sliding_attention") or {}
    return rope, {}


def _refuse_variants(config: Mapping[str, Any], family: ModelFamily) -> None:
    activation = config.get("hidden_activation") or config.get("hidden_act") or family.activation
    if activation != family.activation:
        raise _unsupported(f"the activation {activation!r}")
    if config.get("use_bidirectional_attention"):
        raise _unsupported("attention to what comes later")
    if config.get("quantization_config"):
        raise _unsupported("weights quantised in a format of its own")


def _unsupported(what: str) -> ModelUnsupported:
    return ModelUnsupported(
        f"The model uses {what}, which the fused graph does not compute.",
        "Choose another checkpoint, or the portable exporter.",
    )


def _damaged(what: str) -> ModelCorrupt:
    return ModelCorrupt(f"The model's config gives {what}.", "Download the model again.")


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
