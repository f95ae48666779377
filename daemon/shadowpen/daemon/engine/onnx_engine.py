"""The ONNX Runtime engine: one fused graph for prefill, decode and verification of drafts.

Past and present are one preallocated buffer per layer, bound once per cache and grown in steps, so a
decode step copies nothing (feeding `present` back as `past` costs half as much again). See
exporters.graphs.graph for the inputs and outputs. Knows neither text nor documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shadowpen.daemon.base.errors import MemoryTooSmall, ModelCorrupt, ModelUnsupported, ShadowpenError
from shadowpen.daemon.base.extras import install_hint

_GROWTH_TOKENS = 256
_KV_TYPES = {"float32": np.float32, "float16": np.float16}
_PROBED_TOKENS = 8
# What onnxruntime says where an allocation failed; its exceptions have no kind for that.
_ALLOCATION_FAILED = ("bad_alloc", "bad allocation", "failed to allocate", "cannot allocate", "out of memory")


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


class OnnxCache:
    """Key and value buffers [rows, kv_heads, capacity, head_dim] per layer, and the binding that uses them."""

    def __init__(self, shape: GraphShape, session: Any, device: str, rows: int = 1) -> None:
        self.length = 0
        self.rows = rows
        self.capacity = 0
        self._shape, self._session, self._device = shape, session, device
        self._values: list[Any] = []
        self.binding: Any = None

    @property
    def nbytes(self) -> int:
        item = np.dtype(_KV_TYPES[self._shape.kv_dtype]).itemsize
        per_token = 2 * self._shape.layers * self._shape.kv_heads * self._shape.head_dim * item
        return self.rows * self.capacity * per_token

    def rewind(self, length: int) -> None:
        self.length = min(self.length, length)

    def reserve(self, tokens: int) -> None:
        """Make room for `tokens` in all, keeping what is valid."""
        if tokens <= self.capacity:
            return
        capacity = -(-tokens // _GROWTH_TOKENS) * _GROWTH_TOKENS
        self._fill([self._grown(i, capacity) for i in range(2 * self._shape.layers)], capacity)

    def fork(self, rows: int) -> OnnxCache:
        """`rows` copies of this cache side by side."""
        copy = OnnxCache(self._shape, self._session, self._device, rows)
        copy.length = self.length
        from onnxruntime import OrtValue

        repeated = (np.repeat(value.numpy(), rows, axis=0) for value in self._values)
        copy._fill([OrtValue.ortvalue_from_numpy(v, self._device, 0) for v in repeated], self.capacity)
        return copy

    def _fill(self, values: list[Any], capacity: int) -> None:
        self._values, self.capacity = values, capacity
        self.binding = self._session.io_binding()
        for i, value in enumerate(self._values):
            name = f"{i // 2}.{'key' if i % 2 == 0 else 'value'}"
            self.binding.bind_ortvalue_input(f"past_key_values.{name}", value)
            self.binding.bind_ortvalue_output(f"present.{name}", value)

    def _grown(self, index: int, capacity: int) -> Any:
        from onnxruntime import OrtValue

        shape = (self.rows, self._shape.kv_heads, capacity, self._shape.head_dim)
        buffer = np.zeros(shape, _KV_TYPES[self._shape.kv_dtype])
        if self._values and self.length:
            buffer[:, :, : self.length] = self._values[index].numpy()[:, :, : self.length]
        return OrtValue.ortvalue_from_numpy(buffer, self._device, 0)


class OnnxEngine:
    """One loaded graph. Not thread-safe: one caller at a time.

    `threads` 0 lets the engine choose; raises ModelCorrupt when the graph cannot be loaded, MemoryTooSmall when there
    is no room for it, and ModelUnsupported when `device` is not there.
    """

    def __init__(self, graph: Path, shape: GraphShape, *, device: str = "cpu", threads: int = 0) -> None:
        self.shape = shape
        self._rows = shape.vocabulary_size  # of the embedding
        self.vocabulary_size = min(shape.tokens or self._rows, self._rows)
        self.context_length = shape.context_length
        self.device = device
        if shape.kv_dtype not in _KV_TYPES:
            raise _broken(graph, f"it needs caches of {shape.kv_dtype}")
        self._graph = graph
        self._session: Any = _load(graph, device, threads)

    def new_cache(self) -> OnnxCache:
        return OnnxCache(self.shape, self._session, self.device)

    def run(self, cache: OnnxCache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        """See `Engine.run`. Appends up to the model's context length; ValueError beyond it."""
        total = cache.length + len(ids)
        if not ids or total > self.context_length:
            raise ValueError(f"{len(ids)} tokens after {cache.length} do not fit {self.context_length}")
        cache.reserve(total)
        output = np.empty((1, logits, self._rows), np.float32)
        self._bind(cache, np.asarray([ids], np.int64), total, output)
        self._session.run_with_iobinding(cache.binding)
        cache.length = total
        return output[0, :, : self.vocabulary_size]

    def probe(self) -> None:
        """Run the graph once, as a request would; ModelCorrupt if it cannot run or its output is no number."""
        ids = [self.vocabulary_size * place // _PROBED_TOKENS for place in range(_PROBED_TOKENS)]
        cache = self.new_cache()
        try:
            logits = [self.run(cache, ids[: self.context_length - 1]), self.run(cache, ids[:1])]
        except Exception as error:
            raise _failure(self._graph, error, "it does not run") from error
        if not all(np.isfinite(made).all() for made in logits):
            raise _broken(self._graph, "its output contains NaN or infinity")

    def fork(self, cache: OnnxCache, rows: int) -> OnnxCache:
        return cache.fork(rows)

    def run_rows(self, cache: OnnxCache, ids: Sequence[int]) -> np.ndarray:
        """See `Engine.run_rows`; ValueError beyond the model's context length."""
        total = cache.length + 1
        if len(ids) != cache.rows or total > self.context_length:
            raise ValueError(f"{len(ids)} ids do not continue {cache.rows} rows of {cache.length} tokens")
        cache.reserve(total)
        output = np.empty((cache.rows, 1, self._rows), np.float32)
        self._bind(cache, np.asarray(ids, np.int64)[:, None], total, output)
        self._session.run_with_iobinding(cache.binding)
        cache.length = total
        return output[:, 0, : self.vocabulary_size]

    @staticmethod
    def _bind(cache: OnnxCache, ids: np.ndarray, total: int, output: np.ndarray) -> None:
        binding = cache.binding
        binding.bind_cpu_input("input_ids", ids)
        binding.bind_cpu_input("seqlens_k", np.full(cache.rows, total - 1, np.int32))
        binding.bind_cpu_input("total_sequence_length", np.asarray(total, np.int32))
        binding.bind_cpu_input("logits_from", np.asarray([ids.shape[1] - output.shape[1]], np.int64))
        binding.bind_output("logits", "cpu", 0, np.float32, list(output.shape), output.ctypes.data)

    def close(self) -> None:
        self._session = None


def _load(graph: Path, device: str, threads: int) -> Any:
    import onnxruntime as ort

    ort.set_default_logger_severity(3)
    providers = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
    if providers[device] not in ort.get_available_providers():
        raise ModelUnsupported(
            f"This onnxruntime cannot use {device}.", f"Uninstall onnxruntime first. {install_hint('gpu')}"
        )
    try:
        session = ort.InferenceSession(str(graph), _options(ort, threads), providers=[providers[device]])
    except Exception as error:
        if astray := _link_that_leads_out(graph.parent):
            raise ModelCorrupt(
                f"The model at {graph} cannot be used: {astray.name} is a link that leads out of the model's folder.",
                f"Put the file itself there: {astray.resolve()}.",
            ) from error
        raise _failure(graph, error, "it cannot be loaded") from error
    # Without its driver or libraries a provider is left out without a word.
    if providers[device] not in session.get_providers():
        raise ModelUnsupported(
            f"onnxruntime supports {device}, but could not start it.", "Check the driver and the CUDA libraries."
        )
    return session


def _link_that_leads_out(folder: Path) -> Path | None:
    """A file of the folder that onnxruntime refuses, for it could be anything on this machine."""
    root = folder.resolve()
    links = (path for path in sorted(folder.iterdir()) if path.is_symlink()) if folder.is_dir() else iter(())
    return next((path for path in links if root not in path.resolve().parents), None)


def _failure(graph: Path, error: Exception, what: str) -> ShadowpenError:
    """What an exception of onnxruntime means to the user: a machine that is too small is no damaged model."""
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in _ALLOCATION_FAILED):
        return MemoryTooSmall(
            "There is not enough memory for the model.", "Close other programs, or choose a smaller model."
        )
    return _broken(graph, what)


def _broken(graph: Path, reason: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"The model at {graph} cannot be used: {reason}.", "Run `shadowpen setup --force` to export it again."
    )


def _options(ort: Any, threads: int) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads answer a little sooner but burn a core between keys.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    return options
