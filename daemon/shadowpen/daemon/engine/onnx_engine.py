"""The ONNX Runtime engine: one fused graph for prefill, decode and verification of drafts.

Past and present are one preallocated buffer per layer (see `onnx_cache`), so a decode step copies nothing (feeding
`present` back as `past` costs half as much again). See exporters.graphs.graph for the inputs and outputs. Knows neither
text nor documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from shadowpen.daemon.base.errors import DeviceFailed, MemoryTooSmall, ModelCorrupt, ModelUnsupported, ShadowpenError
from shadowpen.daemon.engine.baseline import learned_prefix
from shadowpen.daemon.engine.onnx_cache import KV_TYPES, Buffers, DeviceBuffers, GraphShape, HostBuffers, OnnxCache
from shadowpen.daemon.storage import devices

_PROBED_TOKENS = 8
# What onnxruntime says where an allocation failed; its exceptions have no kind for that.
_ALLOCATION_FAILED = ("bad_alloc", "bad allocation", "failed to allocate", "cannot allocate", "out of memory")


class OnnxEngine:
    """One loaded graph. Not thread-safe: one caller at a time.

    `threads` 0 lets the engine choose; `work` is entered whenever `device` is at work. Raises ModelCorrupt when the
    graph cannot be loaded, MemoryTooSmall when there is no room for it, and ModelUnsupported when `device` is not
    there. What fails on a device other than the CPU later on is a DeviceFailed.
    """

    def __init__(
        self,
        graph: Path,
        shape: GraphShape,
        *,
        device: str = "cpu",
        threads: int = 0,
        work: AbstractContextManager[object] | None = None,
    ) -> None:
        self.shape = shape
        self._rows = shape.vocabulary_size  # of the embedding
        self.vocabulary_size = min(shape.tokens or self._rows, self._rows)
        self.context_length = shape.context_length - shape.prefix_tokens
        self.device = device
        if shape.kv_dtype not in KV_TYPES:
            raise _broken(graph, f"it needs caches of {shape.kv_dtype}")
        self._graph = graph
        self._work = work or nullcontext()
        with self._work:
            self._session: Any = _load(graph, device, threads)
            self._buffers: Buffers = _buffers(shape.kv_dtype, device)
        self._prefix = learned_prefix.read(graph.parent, shape) if shape.prefix_tokens else None

    def new_cache(self) -> OnnxCache:
        return OnnxCache(self.shape, self._session, self._buffers, prefix=self._prefix)

    def run(self, cache: OnnxCache, ids: Sequence[int], logits: int = 1) -> np.ndarray:
        """See `Engine.run`. Appends up to the model's context length; ValueError beyond it."""
        total = cache.length + len(ids)
        if not ids or total > self.context_length:
            raise ValueError(f"{len(ids)} tokens after {cache.length} do not fit {self.context_length}")
        output = np.empty((1, logits, self._rows), np.float32)
        self._append(cache, np.asarray([ids], np.int64), total, output)
        return output[0, :, : self.vocabulary_size]

    def probe(self) -> None:
        """Run the graph once, as a request would; ModelCorrupt if it cannot run or its output is no number."""
        ids = [self.vocabulary_size * place // _PROBED_TOKENS for place in range(_PROBED_TOKENS)]
        cache = self.new_cache()
        try:
            logits = [self.run(cache, ids[: self.context_length - 1]), self.run(cache, ids[:1])]
        except Exception as error:
            raise _failure(self._graph, error, "it does not run", self.device) from error
        if not all(np.isfinite(made).all() for made in logits):
            raise _broken(self._graph, "its output contains NaN or infinity")

    def fork(self, cache: OnnxCache, rows: int) -> OnnxCache:
        return self.select(cache, [0] * rows)

    def select(self, cache: OnnxCache, rows: Sequence[int]) -> OnnxCache:
        """See `Engine.select`."""
        try:
            with self._work:
                return cache.select(rows)
        except Exception as error:
            raise self._failed(error) from error

    def run_rows(self, cache: OnnxCache, ids: Sequence[int]) -> np.ndarray:
        """See `Engine.run_rows`; ValueError beyond the model's context length."""
        total = cache.length + 1
        if len(ids) != cache.rows or total > self.context_length:
            raise ValueError(f"{len(ids)} ids do not continue {cache.rows} rows of {cache.length} tokens")
        output = np.empty((cache.rows, 1, self._rows), np.float32)
        self._append(cache, np.asarray(ids, np.int64)[:, None], total, output)
        return output[:, 0, : self.vocabulary_size]

    def _append(self, cache: OnnxCache, ids: np.ndarray, total: int, output: np.ndarray) -> None:
        """Run the graph on `ids`, after which `cache` holds `total` tokens; the logits go into `output`."""
        try:
            with self._work:
                cache.reserve(total)
                self._bind(cache, ids, total, output)
                self._session.run_with_iobinding(cache.binding)
        except Exception as error:
            raise self._failed(error) from error
        cache.length = total

    def _failed(self, error: Exception) -> Exception:
        if self.device == "cpu":
            return error
        return DeviceFailed(_on_device(self.device, error), "The CPU is used instead.")

    @staticmethod
    def _bind(cache: OnnxCache, ids: np.ndarray, total: int, output: np.ndarray) -> None:
        binding = cache.binding
        binding.bind_cpu_input("input_ids", ids)
        placed = cache.first + total
        binding.bind_cpu_input("seqlens_k", np.full(cache.rows, placed - 1, np.int32))
        binding.bind_cpu_input("total_sequence_length", np.asarray(placed, np.int32))
        binding.bind_cpu_input("logits_from", np.asarray([ids.shape[1] - output.shape[1]], np.int64))
        binding.bind_output("logits", "cpu", 0, np.float32, list(output.shape), output.ctypes.data)

    def close(self) -> None:
        self._session = None


def _load(graph: Path, device: str, threads: int) -> Any:
    import onnxruntime as ort

    ort.set_default_logger_severity(3)
    if why := devices.why_not(device):
        raise ModelUnsupported(f"The model does not run on {device}: {why}.", devices.advice(device))
    try:
        return ort.InferenceSession(str(graph), _options(ort, threads), providers=[devices.provider(device)])
    except Exception as error:
        if astray := _link_that_leads_out(graph.parent):
            raise ModelCorrupt(
                f"The model at {graph} cannot be used: {astray.name} is a link that leads out of the model's folder.",
                f"Put the file itself there: {astray.resolve()}.",
            ) from error
        raise _failure(graph, error, "it cannot be loaded", device) from error


def _buffers(kv_dtype: str, device: str) -> Buffers:
    memory = devices.DEVICES[device].memory
    if not memory:
        return HostBuffers(kv_dtype)
    try:
        return DeviceBuffers(kv_dtype, devices.provider(device), memory)
    except Exception as error:
        raise DeviceFailed(_on_device(device, error), devices.advice(device)) from error


def _link_that_leads_out(folder: Path) -> Path | None:
    """A file of the folder that onnxruntime refuses, for it could be anything on this machine."""
    root = folder.resolve()
    links = (path for path in sorted(folder.iterdir()) if path.is_symlink()) if folder.is_dir() else iter(())
    return next((path for path in links if root not in path.resolve().parents), None)


def _failure(graph: Path, error: Exception, what: str, device: str) -> ShadowpenError:
    """What an exception of onnxruntime means to the user: a machine that is too small is no damaged model."""
    if isinstance(error, ShadowpenError):
        return error
    if device != "cpu":
        return DeviceFailed(_on_device(device, error), devices.advice(device))
    if _is_out_of_memory(error):
        return MemoryTooSmall(
            "There is not enough memory for the model.", "Close other programs, or choose a smaller model."
        )
    return _broken(graph, f"{what} ({devices.first_line(error)})")


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _ALLOCATION_FAILED)


def _on_device(device: str, error: Exception) -> str:
    why = "its memory is full" if _is_out_of_memory(error) else devices.first_line(error)
    return f"The model failed on {device}: {why}."


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
