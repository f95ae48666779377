"""The families of decoders that have a fused graph: how each departs from Llama.

A family is a row of data, never a branch elsewhere. This file knows no sizes and no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.base.errors import ModelUnsupported


@dataclass(frozen=True)
class ModelFamily:
    """How a family departs from Llama."""

    qkv_bias: bool = False  # biases on q, k and v alone, whatever the config says
    head_norms: bool = False  # an RMS norm over every head of q and k before the rotary embedding
    whole_norms: bool = False  # one over all heads of q together, and of k
    pre_norms: bool = True  # an RMS norm before attention and before the MLP
    post_norms: bool = False  # one behind each, before it is added
    norm_offset: float = 0.0  # added to the weights of every RMS norm
    activation: str = "silu"
    scaled_embedding: bool = False  # by sqrt(hidden)
    fused_projections: bool = False  # q, k and v in one matrix, gate and up in another
    # Which layers attend to a window: of "every" one in so many attends to everything, with "all" none does, "asked"
    # wants `use_sliding_window` in the config, and with "none" all attend to everything.
    window: Literal["none", "every", "all", "asked"] = "none"
    global_every: int = 0  # for "every": one layer in so many
    unrotated_every: int = 0  # one layer in so many has no rotary embedding; 0: all have
    tied: bool = False  # where the config does not say
    in_gguf: bool = False  # whether its GGUF files are read


FAMILIES: Mapping[str, ModelFamily] = {
    "llama": ModelFamily(in_gguf=True),
    "mistral": ModelFamily(window="all", in_gguf=True),
    "qwen2": ModelFamily(qkv_bias=True, window="asked", in_gguf=True),
    "qwen3": ModelFamily(head_norms=True, window="asked", in_gguf=True),
    "gemma2": ModelFamily(
        post_norms=True,
        norm_offset=1.0,
        activation="gelu_pytorch_tanh",
        scaled_embedding=True,
        window="every",
        global_every=2,
        tied=True,
    ),
    "gemma3_text": ModelFamily(
        head_norms=True,
        post_norms=True,
        norm_offset=1.0,
        activation="gelu_pytorch_tanh",
        scaled_embedding=True,
        window="every",
        global_every=6,
        tied=True,
        in_gguf=True,
    ),
    "granite": ModelFamily(),
    "olmo2": ModelFamily(whole_norms=True, pre_norms=False, post_norms=True),
    "phi3": ModelFamily(fused_projections=True, window="all"),
    "smollm3": ModelFamily(window="asked", unrotated_every=4, tied=True),
}
_GGUF_TYPES = {"gemma3": "gemma3_text"}  # where llama.cpp names a family otherwise than transformers


def family_of(model_type: str) -> ModelFamily:
    """The family that transformers calls so; ModelUnsupported for one without a fused graph."""
    if model_type not in FAMILIES:
        raise _without_graph(model_type, FAMILIES)
    return FAMILIES[model_type]


def gguf_type(named: str) -> str:
    """transformers' name for what a GGUF file calls `named`; ModelUnsupported where such files are not read."""
    model_type = _GGUF_TYPES.get(named, named)
    readable = {name: family for name, family in FAMILIES.items() if family.in_gguf}
    if model_type not in readable:
        raise _without_graph(named, readable)
    return model_type


def _without_graph(model_type: str, known: Mapping[str, ModelFamily]) -> ModelUnsupported:
    return ModelUnsupported(
        f"Models of type {model_type!r} have no fused graph.",
        f"Use one of {', '.join(known)}, or the portable exporter.",
    )
