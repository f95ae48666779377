"""The graph of an LSTM language model: ids and a state in, logits and the next state out.

Inputs `input_ids` [rows, tokens], `logits_from` [1] (the first token whose logits are wanted), `past_hidden` and
`past_cell` [layers, rows, width]; outputs `logits` [rows, wanted, vocabulary], `hidden` and `cell`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from shadowpen.exporters.graphs.onnx_writer import OnnxWriter

Floats = NDArray[np.float32]


def build_lstm_graph(tensors: Mapping[str, Floats], layers: int, folder: Path) -> Path:
    """Write model.onnx and its data into `folder`; `tensors` have the names that torch's LSTM gives them."""
    embedding = tensors["embedding.weight"]
    vocabulary, width = embedding.shape
    with OnnxWriter(folder) as writer:
        ids = writer.input("input_ids", TensorProto.INT64, ["rows", "tokens"])
        begin = writer.input("logits_from", TensorProto.INT64, [1])
        for name in ("hidden", "cell"):
            writer.input(f"past_{name}", TensorProto.FLOAT, [layers, "rows", width])
        table = writer.initialiser("embedding", embedding)
        looked_up = writer.node("Gather", [table, ids], "looked_up")
        states = writer.node("Transpose", [looked_up], "first_in_time", perm=[1, 0, 2])
        ended: dict[str, list[str]] = {"hidden": [], "cell": []}
        for layer in range(layers):
            states = _layer(writer, tensors, layer, width, states, ended)
        for name, parts in ended.items():
            writer.node("Concat", parts, name, axis=0)
            writer.output(name, TensorProto.FLOAT, [layers, "rows", width])
        rows_first = writer.node("Transpose", [states], "rows_first", perm=[1, 0, 2])
        end = writer.constant("no_end", np.array([2**62], np.int64))
        wanted = writer.node("Slice", [rows_first, begin, end, writer.constant("time", np.array([1]))], "wanted")
        turned = writer.node("Transpose", [table], "head", perm=[1, 0])
        writer.node("MatMul", [wanted, turned], "logits")
        writer.output("logits", TensorProto.FLOAT, ["rows", "wanted_tokens", vocabulary])
        return writer.save("lstm")


def _layer(
    writer: OnnxWriter,
    tensors: Mapping[str, Floats],
    layer: int,
    width: int,
    states: str,
    ended: dict[str, list[str]],
) -> str:
    """One layer over `states` [tokens, rows, width]; what it ends with is added to `ended`."""
    weights = [
        writer.initialiser(f"{name}.{layer}", _in_order(tensors[f"recurrent.weight_{name}_l{layer}"], width)[None])
        for name in ("ih", "hh")
    ]
    biases = [_in_order(tensors[f"recurrent.bias_{name}_l{layer}"], width) for name in ("ih", "hh")]
    bias = writer.initialiser(f"bias.{layer}", np.concatenate(biases)[None])
    at = writer.constant(f"at.{layer}", np.array([layer], np.int64))
    begun = [writer.node("Gather", [f"past_{name}", at], f"past_{name}.{layer}", axis=0) for name in ended]
    made = [f"{name}.{layer}" for name in ("made", "hidden", "cell")]
    writer.node("LSTM", [states, *weights, bias, "", *begun], made, hidden_size=width)
    for name, value in zip(ended, made[1:], strict=True):
        ended[name].append(value)
    axis = writer.constant(f"direction.{layer}", np.array([1], np.int64))
    return writer.node("Squeeze", [made[0], axis], f"states.{layer}")


def _in_order(gates: Floats, width: int) -> Floats:
    """Torch's input, forget, cell and output gates in the order of ONNX: input, output, forget, cell."""
    parts = [gates[start : start + width] for start in range(0, 4 * width, width)]
    return np.concatenate([parts[0], parts[3], parts[1], parts[2]])
