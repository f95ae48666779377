"""Read texts with an exported graph: logits and log-likelihoods, as the engine would prefill.

For measuring only: the engine of the daemon is another, and generates. Knows ids, no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.storage import devices
from shadowpen.exporters.checkpoints.architectures import Architecture

CHUNK_TOKENS = 128  # logits of a large vocabulary over a whole text would take half a gigabyte

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class GraphReader:
    """Reads texts with an exported graph.

    `model.onnx` in an ONNX Runtime session; ModelCorrupt if it does not load.

    `lean` uses the weights where the file is mapped, instead of a copy in the order that products like best: half the
    memory, more time.
    """

    def __init__(self, graph: Path, architecture: Architecture, threads: int = 0, *, lean: bool = False) -> None:
        # Fused attention in 32 bits is the CPU's alone; a graph in 16 bits is read where it will be served.
        device = "cuda" if graph.parent.name == "fp16" and not devices.why_not("cuda") else "cpu"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        # What measures in the background must not keep a core busy between two calls.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.disable_prepacking", str(int(lean)))
        try:
            self._session = onnxruntime.InferenceSession(str(graph), options, providers=[devices.provider(device)])
        except Exception as error:  # onnxruntime's exceptions share no base below Exception
            raise ModelCorrupt(f"ONNX Runtime cannot load {graph}.", "Export the model again.") from error
        self._architecture = architecture
        inputs = self._session.get_inputs()
        self._kv_dtype = np.float16 if "float16" in inputs[-1].type else np.float32
        self._pasts = [value.name for value in inputs if value.name.startswith("past_key_values.")]

    def logits(self, ids: Ids) -> Iterator[Floats]:
        """[tokens, vocab] of one text, chunk after chunk."""
        shape = self._architecture
        empty = np.zeros((1, shape.kv_heads, len(ids), shape.head_dim), self._kv_dtype)
        cache = dict.fromkeys(self._pasts, empty)
        presents = [name.replace("past_key_values.", "present.") for name in self._pasts]
        for start in range(0, len(ids), CHUNK_TOKENS):
            chunk = ids[None, start : start + CHUNK_TOKENS]
            total = start + chunk.shape[1]
            feeds = {
                "input_ids": chunk,
                "seqlens_k": np.array([total - 1], np.int32),
                "total_sequence_length": np.array(total, np.int32),
                "logits_from": np.array([0], np.int64),
            }
            logits, *present = self._session.run(["logits", *presents], {**feeds, **cache})
            cache = dict(zip(self._pasts, present, strict=True))
            yield logits[0]

    def nats(self, ids: Ids) -> NDArray[np.float64]:
        """Negative log-likelihood of every token but the first, [tokens - 1]."""
        found = []
        position = 0
        for chunk in to_logprobs(self.logits(ids)):
            following = ids[position + 1 : position + 1 + len(chunk)]
            found.append(-np.take_along_axis(chunk[: len(following)], following[:, None], axis=-1)[:, 0])
            position += len(chunk)
        return np.concatenate(found).astype(np.float64) if found else np.zeros(0)


def to_logprobs(chunks: Iterable[Floats]) -> Iterator[Floats]:
    """Logits to log-probabilities, chunk by chunk."""
    for logits in chunks:
        shifted = logits - logits.max(axis=-1, keepdims=True)
        yield shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
