"""CUDA, played by the processor: offered, started and left out as a test wants it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shadowpen.daemon.engine import onnx_engine
from shadowpen.daemon.storage import devices


@dataclass
class FakeGpu:
    """`why` is why it cannot be used; `fails_after` so many runs with `error`, or `dies` with the process."""

    why: str = ""
    fails_after: int | None = None
    error: Exception = field(default_factory=lambda: RuntimeError("CUDA failure 700: an illegal memory access"))
    dies: bool = False
    runs: int = 0


def install(monkeypatch: pytest.MonkeyPatch) -> FakeGpu:
    """Put a GPU into this machine until the test ends."""
    gpu = FakeGpu()
    load = onnx_engine._load

    def loaded(graph: Any, device: str, threads: int) -> Any:
        session = load(graph, device, threads)
        return _Session(session, gpu) if device == "cuda" else session

    fitted = replace(devices.DEVICES["cuda"], providers=("CPUExecutionProvider",), memory="cpu")
    monkeypatch.setitem(devices.DEVICES, "cuda", fitted)
    whys = {"cpu": lambda: "", "cuda": lambda: gpu.why}
    monkeypatch.setattr(devices, "why_not", lambda name: whys.get(name, lambda: "this onnxruntime has none")())
    monkeypatch.setattr(onnx_engine, "_load", loaded)
    return gpu


class _Session:
    """A session of onnxruntime that fails when its time has come."""

    def __init__(self, session: Any, gpu: FakeGpu) -> None:
        self._session, self._gpu = session, gpu

    def io_binding(self) -> Any:
        return self._session.io_binding()

    def run_with_iobinding(self, binding: Any) -> None:
        self._gpu.runs += 1
        if self._gpu.fails_after is not None and self._gpu.runs > self._gpu.fails_after:
            if self._gpu.dies:
                os._exit(9)
            raise self._gpu.error
        self._session.run_with_iobinding(binding)
