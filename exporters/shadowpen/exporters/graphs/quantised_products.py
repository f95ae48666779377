"""Quantize the products with constant matrices of any ONNX graph.

What the fused graph does layer by layer, by kind of operator: `MatMul` and `Gemm` whose inputs divide into blocks. The
product that gives the logits never gets fewer than 8 bits. Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from shadowpen.exporters.graphs.onnx_writer import CONTRIB
from shadowpen.exporters.graphs.quantize import BLOCK, Blocks, int8_blocks

Quantise = Callable[[NDArray[np.float32]], Blocks]


def quantise_products(graph: onnx.GraphProto, quantise: Quantise) -> None:
    """Replace every product that can be by MatMulNBits; constants that nobody uses any more are dropped."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    done: dict[str, Blocks] = {}
    for node in graph.node:
        weight = constants.get(node.input[1]) if node.op_type in ("MatMul", "Gemm") else None
        if weight is None or len(weight.dims) != 2:
            continue
        rows_first = _attribute(node, "transB", 0) == 1
        inputs_axis = 1 if rows_first else 0
        if weight.dims[inputs_axis] % BLOCK or not _plain(node):
            continue
        if weight.name not in done:
            values = numpy_helper.to_array(weight)
            rows = np.ascontiguousarray(values if rows_first else values.T)
            done[weight.name] = (int8_blocks if "logits" in node.output else quantise)(rows)
            _add(graph, weight.name, done[weight.name])
        _replace(node, weight.name, done[weight.name])
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _plain(node: onnx.NodeProto) -> bool:
    """Whether it is nothing but a product and, perhaps, a sum."""
    return _attribute(node, "transA", 0) == 0 and _attribute(node, "alpha", 1.0) == _attribute(node, "beta", 1.0) == 1.0


def _attribute(node: onnx.NodeProto, name: str, default: float) -> Any:
    return next((helper.get_attribute_value(one) for one in node.attribute if one.name == name), default)


def _add(graph: onnx.GraphProto, name: str, blocks: Blocks) -> None:
    graph.initializer.append(numpy_helper.from_array(blocks.codes, f"{name}.codes"))
    graph.initializer.append(numpy_helper.from_array(blocks.scales, f"{name}.scales"))
    zeros = blocks.packed_zeros()
    if zeros is not None:
        graph.initializer.append(numpy_helper.from_array(zeros, f"{name}.zeros"))


def _replace(node: onnx.NodeProto, name: str, blocks: Blocks) -> None:
    bias = node.input[2] if len(node.input) > 2 else ""
    inputs = [node.input[0], f"{name}.codes", f"{name}.scales", f"{name}.zeros" if blocks.zeros is not None else ""]
    inputs += ["", bias]
    while not inputs[-1]:
        inputs.pop()
    rows, columns = blocks.codes.shape[0], blocks.codes.shape[1] * blocks.block
    sizes = {"N": rows, "K": columns, "bits": blocks.bits, "block_size": blocks.block, "accuracy_level": 4}
    node.CopyFrom(helper.make_node("MatMulNBits", inputs, list(node.output), node.name, domain=CONTRIB, **sizes))
