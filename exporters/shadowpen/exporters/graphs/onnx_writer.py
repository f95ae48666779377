"""An ONNX graph under construction, its weights streamed to a file beside it as they come.

No weight outlives the call that adds it, so building a model costs the memory of one tensor. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

GRAPH_FILE = "model.onnx"
DATA_FILE = "model.onnx.data"
CONTRIB = "com.microsoft"
_ALIGNMENT_BYTES = 4096  # a page: ONNX Runtime maps the weights in place instead of reading them
_OPSET = 21
_IR_VERSION = 10


class OnnxWriter:
    """Collects nodes, inputs and outputs; appends initialisers to `model.onnx.data` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data: IO[bytes] = (folder / DATA_FILE).open("wb")
        self._nodes: list[onnx.NodeProto] = []
        self._initialisers: dict[str, TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def __enter__(self) -> OnnxWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.close()

    def input(self, name: str, dtype: int, shape: Sequence[str | int]) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, dtype: int, shape: Sequence[str | int]) -> str:
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def node(
        self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        """Add a node and return the name of its first output, which names the node as well."""
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        self._nodes.append(helper.make_node(operator, inputs, names, f"{names[0]}.node", domain=domain, **attributes))
        return names[0]

    def initialiser(self, name: str, values: NDArray[Any]) -> str:
        """Append the values to the data file; a name is written once."""
        if name not in self._initialisers:
            self._pad()
            offset = self._data.tell()
            contiguous = np.ascontiguousarray(values)
            self._data.write(contiguous.data)
            dtype = helper.np_dtype_to_tensor_dtype(contiguous.dtype)
            self._initialisers[name] = _external(name, dtype, contiguous.shape, offset, contiguous.nbytes)
        return name

    def reshaped(self, name: str, of: str, shape: Sequence[int]) -> str:
        """Another initialiser over the very bytes of `of`, in another shape."""
        source = self._initialisers[of]
        place = {entry.key: int(entry.value) for entry in source.external_data if entry.key != "location"}
        tensor = _external(name, source.data_type, shape, place["offset"], place["length"])
        self._initialisers[name] = tensor
        return name

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A small initialiser, kept inside the graph (what shape inference must be able to see)."""
        self._initialisers[name] = onnx.numpy_helper.from_array(values, name)
        return name

    def save(self, name: str) -> Path:
        """Write the graph file; the data file is complete with it. Returns the graph's path."""
        self._data.flush()
        graph = helper.make_graph(
            self._nodes, name, self._inputs, self._outputs, initializer=list(self._initialisers.values())
        )
        model = helper.make_model(
            graph,
            producer_name="shadowpen",
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, 1)],
        )
        path = self._folder / GRAPH_FILE
        path.write_bytes(model.SerializeToString())
        return path

    def _pad(self) -> None:
        self._data.write(b"\0" * (-self._data.tell() % _ALIGNMENT_BYTES))


def _external(name: str, dtype: int, shape: Sequence[int], offset: int, length: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=dtype, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", DATA_FILE), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
    return tensor
