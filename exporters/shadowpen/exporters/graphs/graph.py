"""The fused graph: a Llama-class decoder as ONNX Runtime serves it fastest, built with numpy alone.

One session prefills, decodes and verifies drafts. GroupQueryAttention does the rotary embedding and writes keys and
values into the caller's buffer; logits come from position `logits_from` on. Inputs and outputs (every precision):

    input_ids              int64 [batch, sequence]
    seqlens_k              int32 [batch]       all tokens including these, minus 1
    total_sequence_length  int32 []            past + sequence
    logits_from            int64 [1]           first position of this call whose logits are wanted
    past_key_values.{i}.key|value              [batch, kv_heads, max_length, head_dim], float32 (fp16: float16)
    → logits               float32 [batch, sequence - logits_from, vocab]
    → present.{i}.key|value                    the same buffers when bound so

Where past exists, ONNX Runtime takes several tokens at a time for batch 1 only. Knows no files of checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.checkpoint import Weights
from shadowpen.exporters.checkpoints.rope import Rope
from shadowpen.exporters.graphs.onnx_writer import CONTRIB, OnnxWriter
from shadowpen.exporters.graphs.quantize import BLOCK, Blocks, fine_int8_blocks, int4_blocks, int8_blocks

_ROPE_CAP = 9216  # tokens the rotary tables cover at most: the longest window, 8192, and what is written behind it
_ACCURACY_INT8 = 4  # MatMulNBits' accuracy_level 4: activations go to int8 by blocks, products run on VNNI
_ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "silu": ("QuickGelu", {"alpha": 1.0}),
    "gelu_pytorch_tanh": ("FastGelu", {}),
}

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Precision:
    """How the weights are stored, and what the activations and the KV cache are.

    Embedding, head, attention inputs and `down_proj` never get fewer than 8 bits where anything is quantised: of int4's
    18 % loss in perplexity on the default model they would cause 12, for 19 MB of 119.
    """

    name: str
    quantise: Callable[[Floats], Blocks] | None = None
    half: bool = False

    @property
    def dtype(self) -> type[np.floating]:
        return np.float16 if self.half else np.float32

    @property
    def kv_dtype(self) -> str:
        return "float16" if self.half else "float32"


PRECISIONS = {
    one.name: one
    for one in (
        Precision("int8", quantise=int8_blocks),
        Precision("int4", quantise=int4_blocks),
        Precision("fp32"),
        Precision("fp16", half=True),
    )
}


def build_graph(
    weights: Weights, precision: Precision, folder: Path, progress: Callable[[float], None] = lambda _: None
) -> Path:
    """Write `model.onnx` and `model.onnx.data` into `folder` (which exists) and return the graph's path.

    `progress` gets the fraction done, 0..1, after every layer.
    """
    layers = weights.architecture.layers
    with OnnxWriter(folder) as writer:
        decoder = _Decoder(writer, weights, precision)
        decoder.begin()
        for layer in range(layers):
            decoder.layer(layer)
            progress((layer + 1) / (layers + 1))
        decoder.end()
        path = writer.save(f"shadowpen-{weights.architecture.model_type}-{precision.name}")
    progress(1.0)
    return path


class _Decoder:
    """Adds one decoder to a writer, piece by piece; carries the names of the residual and of the normed stream.

    Where a family multiplies its embedding, the residual is kept divided by that factor, and so is what is added to it.
    The norms that read it cancel that out; and Gemma's residual, which goes beyond 100,000, stays within what half
    precision can hold. Other factors of a stream go into the weights before it, too.
    """

    def __init__(self, writer: OnnxWriter, weights: Weights, precision: Precision) -> None:
        self._writer = writer
        self._weights = weights
        self._precision = precision
        self._architecture: Architecture = weights.architecture
        self._residual = ""
        self._normed = ""

    def begin(self) -> None:
        """Inputs, rotary tables, the embedding and the first norm."""
        writer, architecture = self._writer, self._architecture
        writer.input("input_ids", TensorProto.INT64, ["batch", "sequence"])
        writer.input("seqlens_k", TensorProto.INT32, ["batch"])
        writer.input("total_sequence_length", TensorProto.INT32, [])
        writer.input("logits_from", TensorProto.INT64, [1])
        self._rotary_caches("", architecture.rope)
        if architecture.local_rope is not None:
            self._rotary_caches("local.", architecture.local_rope)
        self._constants()
        self._residual = self._normed = self._embedding()
        if architecture.pre_norms:
            self._normed = self._norm(self._residual, "model.layers.0.input_layernorm", self._residual_epsilon)

    def layer(self, layer: int) -> None:
        """One block: attention and MLP, each followed by the add and the norm of what comes next."""
        name = f"model.layers.{layer}"
        last = layer == self._architecture.layers - 1
        attended = self._attention(layer, f"{name}.self_attn")
        if last:  # from here on only the positions whose logits are wanted
            attended = self._wanted(attended)
            self._residual = self._wanted(self._residual)
        output = self._output(attended, f"{name}.self_attn.o", biased=self._architecture.output_bias)
        post_norms = self._architecture.post_norms
        if post_norms:
            output = self._norm(output, f"{name}.post_attention_layernorm", factor=self._added)
        between = "pre_feedforward_layernorm" if post_norms else "post_attention_layernorm"
        self._add(output, f"{name}.{between}")
        output = self._mlp(f"{name}.mlp")
        if post_norms:
            output = self._norm(output, f"{name}.post_feedforward_layernorm", factor=self._added)
        self._add(output, "model.norm" if last else f"model.layers.{layer + 1}.input_layernorm", last=last)

    def end(self) -> None:
        """The head, over the embedding's own bytes where they are tied."""
        architecture = self._architecture
        half = "logits.half" if self._precision.half else "logits"
        logits = self._capped(half) if architecture.logits_cap else self._head(half)
        if self._precision.half:
            self._writer.node("Cast", [logits], "logits", to=TensorProto.FLOAT)
        self._writer.output("logits", TensorProto.FLOAT, ["batch", "wanted", architecture.vocab])
        for layer in range(architecture.layers):
            for part in ("key", "value"):
                self._writer.output(f"present.{layer}.{part}", self._kv_type, self._kv_shape)

    @property
    def _kv_type(self) -> int:
        return int(TensorProto.FLOAT16 if self._precision.half else TensorProto.FLOAT)

    @property
    def _kv_shape(self) -> list[str | int]:
        return ["batch", self._architecture.kv_heads, "max_length", self._architecture.head_dim]

    def _capped(self, output: str) -> str:
        """The head with its logits bent to stay below the cap, by which the norm before it has divided them."""
        cap = self._writer.constant("logits.cap", np.array(self._architecture.logits_cap, self._precision.dtype))
        bent = self._writer.node("Tanh", [self._head("logits.straight")], "logits.bent")
        return self._writer.node("Mul", [bent, cap], output)

    def _rotary_caches(self, prefix: str, rope: Rope) -> None:
        cosines, sines = rotary_tables(self._architecture, rope)
        self._writer.initialiser(f"{prefix}cos_cache", cosines.astype(self._precision.dtype))
        self._writer.initialiser(f"{prefix}sin_cache", sines.astype(self._precision.dtype))

    def _constants(self) -> None:
        self._writer.constant("slice.end", np.array([np.iinfo(np.int64).max], np.int64))
        self._writer.constant("slice.axis", np.array([1], np.int64))

    def _wanted(self, stream: str) -> str:
        return self._writer.node("Slice", [stream, "logits_from", "slice.end", "slice.axis"], f"{stream}.wanted")

    def _vector(self, name: str) -> str:
        return self._writer.initialiser(name, self._weights.tensor(name).astype(self._precision.dtype))

    @property
    def _residual_epsilon(self) -> float:
        return self._architecture.rms_epsilon / self._architecture.embedding_scale**2

    @property
    def _added(self) -> float:
        """The factor of what is added to the residual."""
        return self._architecture.residual_scale / self._architecture.embedding_scale

    @property
    def _logits_factor(self) -> float:
        return 1 / self._architecture.logits_divisor / (self._architecture.logits_cap or 1.0)

    def _gamma(self, name: str, factor: float = 1.0) -> str:
        weight = self._weights.tensor(f"{name}.weight") + np.float32(self._architecture.norm_offset)
        if factor != 1.0:
            weight = weight * np.float32(factor)
        return self._writer.initialiser(f"{name}.weight", weight.astype(self._precision.dtype))

    def _norm(self, stream: str, name: str, epsilon: float | None = None, factor: float = 1.0) -> str:
        """An RMS norm; what comes of it is multiplied by `factor`."""
        gamma = self._gamma(name, factor)
        return self._writer.node(
            "SimplifiedLayerNormalization",
            [stream, gamma],
            name,
            axis=-1,
            epsilon=self._architecture.rms_epsilon if epsilon is None else epsilon,
            stash_type=1,
        )

    def _add(self, output: str, name: str, *, last: bool = False) -> None:
        """residual += output; normed = RMS norm of it, in one kernel, where the family has one there."""
        if not self._architecture.pre_norms and not last:
            self._residual = self._normed = self._writer.node("Add", [self._residual, output], f"{name}.residual")
            return
        gamma = self._gamma(name, self._logits_factor if last else 1.0)
        self._normed = self._writer.node(
            "SkipSimplifiedLayerNormalization",
            [self._residual, output, gamma],
            [name, "", "", f"{name}.residual"],
            domain=CONTRIB,
            epsilon=self._residual_epsilon,
        )
        self._residual = f"{name}.residual"

    def _attention(self, layer: int, name: str) -> str:
        """Attention before its output projection.

        Its inputs are quantised in finer blocks. What is wrong in the keys of the first token, whose activations hold
        outliers hundreds of times the others (Sun et al. 2024, "Massive activations"), is wrong for every later token
        alike: int8 cost the verification text 1.4 % in perplexity with coarser blocks here, and costs 0.4 % with these.
        """
        architecture, writer = self._architecture, self._writer
        inputs = [*self._queries_keys_values(name)]
        inputs += [
            writer.input(f"past_key_values.{layer}.{part}", self._kv_type, self._kv_shape) for part in ("key", "value")
        ]
        inputs += ["seqlens_k", "total_sequence_length"]
        local = layer in architecture.local_layers
        traits: dict[str, Any] = {"local_window_size": architecture.sliding_window} if local else {}
        if layer not in architecture.unrotated_layers:
            prefix = "local." if local and architecture.local_rope is not None else ""
            inputs += [f"{prefix}cos_cache", f"{prefix}sin_cache"]
            traits["do_rotary"] = 1
        if architecture.attention_scale is not None:
            traits["scale"] = architecture.attention_scale
        if architecture.attention_cap:
            traits["softcap"] = architecture.attention_cap
        return writer.node(
            "GroupQueryAttention",
            inputs,
            [name, f"present.{layer}.key", f"present.{layer}.value"],
            domain=CONTRIB,
            num_heads=architecture.heads,
            kv_num_heads=architecture.kv_heads,
            **traits,
        )

    def _queries_keys_values(self, name: str) -> tuple[str, str, str]:
        """Three streams, or one that holds them all side by side."""
        architecture = self._architecture
        sources = [f"{name}.{one}_proj" for one in (["qkv"] if architecture.fused_projections else ["q", "k", "v"])]
        biased = architecture.attention_bias
        if not (architecture.head_norms or architecture.whole_norms):
            packed = self._linear(self._normed, f"{name}.qkv", sources, biased=biased, quantise=fine_int8_blocks)
            return packed, "", ""
        query, key, value = (
            self._linear(self._normed, f"{one}.projected", [one], biased=biased, quantise=fine_int8_blocks)
            for one in sources
        )
        if architecture.whole_norms:
            return self._norm(query, f"{name}.q_norm"), self._norm(key, f"{name}.k_norm"), value
        query = self._head_norm(query, f"{name}.q_norm", architecture.query_width)
        return query, self._head_norm(key, f"{name}.k_norm", architecture.kv_width), value

    def _head_norm(self, stream: str, name: str, width: int) -> str:
        """An RMS norm over every head by itself."""
        writer, head_dim = self._writer, self._architecture.head_dim
        split = writer.constant(f"{name}.split", np.array([0, 0, width // head_dim, head_dim], np.int64))
        merge = writer.constant(f"{name}.merge", np.array([0, 0, width], np.int64))
        heads = writer.node("Reshape", [stream, split], f"{name}.heads")
        return writer.node("Reshape", [self._norm(heads, name), merge], f"{name}.merged")

    def _mlp(self, name: str) -> str:
        writer, biased = self._writer, self._architecture.mlp_bias
        if self._architecture.fused_projections:
            both = self._linear(self._normed, f"{name}.gate_up", [f"{name}.gate_up_proj"], biased=biased)
            gate, up = f"{name}.gate", f"{name}.up"
            writer.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
        else:
            gate = self._linear(self._normed, f"{name}.gate", [f"{name}.gate_proj"], biased=biased)
            up = self._linear(self._normed, f"{name}.up", [f"{name}.up_proj"], biased=biased)
        operator, attributes = _ACTIVATIONS[self._architecture.activation]
        activated = writer.node(operator, [gate], f"{name}.activated", domain=CONTRIB, **attributes)
        product = writer.node("Mul", [activated, up], f"{name}.product")
        return self._output(product, f"{name}.down", biased=biased, quantise=int8_blocks)

    def _output(
        self, stream: str, name: str, *, biased: bool, quantise: Callable[[Floats], Blocks] | None = None
    ) -> str:
        """stream x the weights of what goes to the residual, or to a norm before it."""
        factor = 1.0 if self._architecture.post_norms else self._added
        return self._linear(stream, name, [f"{name}_proj"], biased=biased, quantise=quantise, factor=factor)

    def _embedding(self) -> str:
        """The rows of `input_ids`; quantised rows are the bytes that a tied head multiplies with."""
        name = "model.embed_tokens"
        if self._precision.quantise is None:
            return self._writer.node("Gather", [self._vector(f"{name}.weight"), "input_ids"], "embedding")
        blocks = int8_blocks(self._weights.tensor(f"{name}.weight"))
        rows = self._writer.initialiser(f"{name}.rows", blocks.codes.reshape(len(blocks.codes), -1))
        scales = self._writer.initialiser(f"{name}.scales", blocks.scales)
        return self._writer.node(
            "GatherBlockQuantized",
            [rows, "input_ids", scales],
            "embedding",
            domain=CONTRIB,
            bits=8,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )

    def _head(self, output: str) -> str:
        tied, vocab, hidden = self._architecture.tied_embeddings, self._architecture.vocab, self._architecture.hidden
        name = "model.embed_tokens" if tied else "lm_head"
        if self._precision.quantise is None:
            return self._product(self._normed, self._vector(f"{name}.weight"), output)
        if tied:
            codes = self._writer.reshaped(f"{name}.codes", f"{name}.rows", (vocab, hidden // BLOCK, BLOCK))
            inputs = [codes, f"{name}.scales"]
        else:
            inputs = list(self._blocks(name, int8_blocks(self._weights.tensor(f"{name}.weight"))))
        return self._quantised_product(self._normed, inputs, output, (vocab, hidden), bits=8, block=BLOCK)

    def _linear(
        self,
        stream: str,
        output: str,
        sources: list[str],
        *,
        biased: bool = False,
        quantise: Callable[[Floats], Blocks] | None = None,
        factor: float = 1.0,
    ) -> str:
        """stream x the sources' weights, stacked row-wise into one matrix; quantised by `quantise` if at all."""
        weight = self._stacked([f"{source}.weight" for source in sources])
        bias = self._stacked([f"{source}.bias" for source in sources]) if biased else None
        if factor != 1.0:
            weight = weight * np.float32(factor)
            bias = None if bias is None else bias * np.float32(factor)
        dtype = self._precision.dtype
        bias_name = "" if bias is None else self._writer.initialiser(f"{output}.bias", bias.astype(dtype))
        if self._precision.quantise is None:
            name = self._writer.initialiser(f"{output}.weight", weight.astype(dtype))
            return self._product(stream, name, output, bias_name)
        blocks = (quantise or self._precision.quantise)(weight)
        inputs = [*self._blocks(output, blocks), "", bias_name]
        return self._quantised_product(stream, inputs, output, weight.shape, blocks.bits, blocks.block)

    def _stacked(self, names: list[str]) -> Floats:
        return np.concatenate([self._weights.tensor(name) for name in names])

    def _blocks(self, name: str, blocks: Blocks) -> tuple[str, str, str]:
        codes = self._writer.initialiser(f"{name}.codes", blocks.codes)
        scales = self._writer.initialiser(f"{name}.scales", blocks.scales)
        packed = blocks.packed_zeros()
        zeros = "" if packed is None else self._writer.initialiser(f"{name}.zeros", packed)
        return codes, scales, zeros

    def _quantised_product(
        self, stream: str, inputs: list[str], output: str, shape: tuple[int, ...], bits: int, block: int
    ) -> str:
        """stream x quantised weights; `inputs` are MatMulNBits' own after the first, "" for one left out."""
        rows, columns = shape
        while inputs and not inputs[-1]:
            inputs.pop()
        return self._writer.node(
            "MatMulNBits",
            [stream, *inputs],
            output,
            domain=CONTRIB,
            N=rows,
            K=columns,
            bits=bits,
            block_size=block,
            accuracy_level=_ACCURACY_INT8,
        )

    def _product(self, stream: str, weight: str, output: str, bias: str = "") -> str:
        """stream x weight transposed: the weights stay as the checkpoint has them, [outputs, inputs]."""
        product = f"{output}.unbiased" if bias else output
        self._writer.node("FusedMatMul", [stream, weight], product, domain=CONTRIB, transB=1)
        return self._writer.node("Add", [product, bias], output) if bias else product


def rotary_tables(architecture: Architecture, rope: Rope) -> tuple[Floats, Floats]:
    """Cosines and sines [positions, rotated / 2] of the rotary embedding, as far as any text reaches."""
    return rope.tables(architecture.rotated or architecture.head_dim, min(architecture.context_length, _ROPE_CAP))
