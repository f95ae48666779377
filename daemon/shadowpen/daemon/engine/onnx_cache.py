"""The KV cache of one document for the ONNX Runtime engine: one buffer per layer, grown in steps.

On the processor buffers are numpy arrays. On a device with memory of its own they never leave it: small graphs of
onnxruntime make zeros there, lengthen a buffer, and select its rows. Knows nothing of tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

GROWTH_TOKENS = 128
KV_TYPES = {"float32": np.float32, "float16": np.float16}


@dataclass(frozen=True)
class GraphShape:
    """What the engine must know of the graph; from the manifest.

    `tokens`: as many ids stand for one, 0 for all of the vocabulary. An embedding may have more rows (Qwen's are
    padded), which are never chosen.
    """

    layers: int
    kv_heads: int
    head_dim: int
    vocabulary_size: int
    context_length: int
    kv_dtype: str = "float32"
    tokens: int = 0
    recurrent: bool = False  # an LSTM, whose state takes the place of keys and values
    prefix_tokens: int = 0  # learned keys and values that stand before every text


class Buffers(Protocol):
    """Where buffers are made. A buffer is an OrtValue [rows, kv_heads, capacity, head_dim]."""

    def zeros(self, shape: Sequence[int]) -> Any: ...

    def begun(self, values: np.ndarray, capacity: int) -> Any:
        """A buffer with room for `capacity` tokens that begins with `values`."""
        ...

    def lengthened(self, buffer: Any, capacity: int, used: int) -> Any:
        """A buffer with room for `capacity` tokens, of which the first `used` are those of `buffer`."""
        ...

    def selected(self, buffer: Any, rows: Sequence[int], used: int) -> Any:
        """A buffer of these `rows` of another, in this order, of which the first `used` tokens count."""
        ...


class HostBuffers:
    """Buffers in the memory of the processor."""

    def __init__(self, kv_dtype: str) -> None:
        self._type = KV_TYPES[kv_dtype]

    def zeros(self, shape: Sequence[int]) -> Any:
        return _on_host(np.zeros(shape, self._type))

    def begun(self, values: np.ndarray, capacity: int) -> Any:
        longer = np.zeros((*values.shape[:2], capacity, values.shape[3]), self._type)
        longer[:, :, : values.shape[2]] = values
        return _on_host(longer)

    def lengthened(self, buffer: Any, capacity: int, used: int) -> Any:
        before = buffer.numpy()
        longer = np.zeros((*before.shape[:2], capacity, before.shape[3]), self._type)
        longer[:, :, :used] = before[:, :, :used]
        return _on_host(longer)

    def selected(self, buffer: Any, rows: Sequence[int], used: int) -> Any:
        before = buffer.numpy()
        made = np.zeros((len(rows), *before.shape[1:]), self._type)
        for place, row in enumerate(rows):
            made[place, :, :used] = before[row, :, :used]
        return _on_host(made)


class DeviceBuffers:
    """Buffers in a device's own memory, made and copied there by graphs of one operator.

    `provider` is onnxruntime's name for the device, `memory` that of its memory ("cuda").
    """

    def __init__(self, kv_dtype: str, provider: str, memory: str) -> None:
        from onnxruntime import OrtValue

        self._memory = memory
        self._expand = _one_operator("Expand", kv_dtype, provider)
        self._gather = _one_operator("Gather", kv_dtype, provider)
        self._pad = _one_operator("Pad", kv_dtype, provider)
        self._zero = OrtValue.ortvalue_from_numpy(np.zeros((1, 1, 1, 1), KV_TYPES[kv_dtype]), memory, 0)

    def zeros(self, shape: Sequence[int]) -> Any:
        return self._run(self._expand, self._zero, shape)

    def begun(self, values: np.ndarray, capacity: int) -> Any:
        from onnxruntime import OrtValue

        return self.lengthened(OrtValue.ortvalue_from_numpy(values, self._memory, 0), capacity, values.shape[2])

    def lengthened(self, buffer: Any, capacity: int, used: int) -> Any:
        added = capacity - buffer.shape()[2]
        return self._run(self._pad, buffer, (0, 0, 0, 0, 0, 0, added, 0))

    def selected(self, buffer: Any, rows: Sequence[int], used: int) -> Any:
        return self._run(self._gather, buffer, rows)

    def _run(self, session: Any, buffer: Any, numbers: Sequence[int]) -> Any:
        binding = session.io_binding()
        binding.bind_ortvalue_input("buffer", buffer)
        binding.bind_cpu_input("numbers", np.asarray(numbers, np.int64))
        binding.bind_output("made", self._memory, 0)
        session.run_with_iobinding(binding)
        return binding.get_outputs()[0]


Prefix = Sequence[np.ndarray]  # keys and values of each layer in turn, [1, kv_heads, tokens, head_dim]


class OnnxCache:
    """Key and value buffers of all layers, and the binding that uses them.

    A `prefix` stands in them before the first token, and is no part of `length`.
    """

    def __init__(
        self, shape: GraphShape, session: Any, buffers: Buffers, rows: int = 1, prefix: Prefix | None = None
    ) -> None:
        self.length = 0
        self.rows = rows
        self.capacity = 0
        self._shape, self._session, self._buffers, self._prefix = shape, session, buffers, prefix
        self._values: list[Any] = []
        self.binding: Any = None

    @property
    def nbytes(self) -> int:
        item = np.dtype(KV_TYPES[self._shape.kv_dtype]).itemsize
        per_token = 2 * self._shape.layers * self._shape.kv_heads * self._shape.head_dim * item
        return self.rows * self.capacity * per_token

    @property
    def first(self) -> int:
        """The place of the first token in the buffers."""
        return self._shape.prefix_tokens

    def rewind(self, length: int) -> None:
        self.length = min(self.length, length)

    def reserve(self, tokens: int) -> None:
        """Make room for `tokens` in all, keeping what is valid."""
        if self.first + tokens <= self.capacity:
            return
        capacity = -(-(self.first + tokens) // GROWTH_TOKENS) * GROWTH_TOKENS
        used = self.first + self.length
        if self._values:
            self._bind([self._buffers.lengthened(value, capacity, used) for value in self._values], capacity)
            return
        if self._prefix is not None:
            begun = [self._buffers.begun(np.repeat(value, self.rows, axis=0), capacity) for value in self._prefix]
        else:
            shape = (self.rows, self._shape.kv_heads, capacity, self._shape.head_dim)
            begun = [self._buffers.zeros(shape) for _ in range(2 * self._shape.layers)]
        self._bind(begun, capacity)

    def select(self, rows: Sequence[int]) -> OnnxCache:
        """A copy of these `rows` side by side, in this order."""
        copy = OnnxCache(self._shape, self._session, self._buffers, len(rows), self._prefix)
        copy.length = self.length
        used = self.first + self.length
        copy._bind([self._buffers.selected(value, rows, used) for value in self._values], self.capacity)
        return copy

    def _bind(self, values: list[Any], capacity: int) -> None:
        self._values, self.capacity = values, capacity
        self.binding = self._session.io_binding()
        for i, value in enumerate(self._values):
            name = f"{i // 2}.{'key' if i % 2 == 0 else 'value'}"
            self.binding.bind_ortvalue_input(f"past_key_values.{name}", value)
            self.binding.bind_ortvalue_output(f"present.{name}", value)


def _on_host(array: np.ndarray) -> Any:
    from onnxruntime import OrtValue

    return OrtValue.ortvalue_from_numpy(array, "cpu", 0)


def _one_operator(operator: str, kv_dtype: str, provider: str) -> Any:
    """A session of the graph made = operator(buffer, numbers), on the device."""
    import onnxruntime
    from onnx import TensorProto, helper

    kind = TensorProto.FLOAT16 if kv_dtype == "float16" else TensorProto.FLOAT
    buffer, made = (helper.make_tensor_value_info(name, kind, ["a", "b", "c", "d"]) for name in ("buffer", "made"))
    numbers = helper.make_tensor_value_info("numbers", TensorProto.INT64, ["n"])
    made.type.tensor_type.ClearField("shape")
    node = helper.make_node(operator, ["buffer", "numbers"], ["made"])
    graph = helper.make_graph([node], operator, [buffer, numbers], [made])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=[provider])
