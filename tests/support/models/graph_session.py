"""A served graph driven by hand: one buffer a layer bound as past and present, as the engine binds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class GraphSession:
    """Runs a graph of `batch` texts in buffers of `capacity` tokens."""

    def __init__(self, graph: Path, batch: int = 1, capacity: int = 128) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._binding = self._session.io_binding()
        for value in self._session.get_inputs():
            if value.name.startswith("past_key_values."):
                shape = (batch, value.shape[1], capacity, value.shape[3])
                dtype = np.float16 if "float16" in value.type else np.float32
                buffer = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, dtype))
                self._binding.bind_ortvalue_input(value.name, buffer)
                self._binding.bind_ortvalue_output(value.name.replace("past_key_values.", "present."), buffer)

    def run(self, ids: list[list[int]], past: list[int], logits_from: int = 0) -> Floats:
        """Logits [batch, tokens - logits_from, vocab] of `ids`, each text having read `past` tokens before."""
        tokens = np.array(ids, np.int64)
        totals = np.array(past, np.int32) + np.int32(tokens.shape[1])
        self._binding.bind_cpu_input("input_ids", tokens)
        self._binding.bind_cpu_input("seqlens_k", totals - np.int32(1))
        self._binding.bind_cpu_input("total_sequence_length", np.array(totals.max(), np.int32))
        self._binding.bind_cpu_input("logits_from", np.array([logits_from], np.int64))
        self._binding.bind_output("logits", "cpu")
        self._session.run_with_iobinding(self._binding)
        return self._binding.get_outputs()[-1].numpy()  # in the order of binding
