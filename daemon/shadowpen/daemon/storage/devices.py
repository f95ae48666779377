"""The devices that onnxruntime can run a model on, what each supports, and why one is unusable.

A device is tried with a graph of one operator, since a GPU build of onnxruntime lists CUDA on every machine. Knows no
model and no setting.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shadowpen.daemon.base.extras import install_hint


@dataclass(frozen=True)
class Device:
    """One choice of `model.device`.

    `providers` are onnxruntime's names for it, `package` the wheel that brings them. `precisions` are those it runs,
    the best first. `memory` is where caches are kept: only CUDA keeps them; "" is the memory of the processor.
    `half_attention`: its fused attention takes 16 bits only, so that other precisions run only on graphs without it.
    """

    name: str
    providers: tuple[str, ...]
    package: str
    precisions: tuple[str, ...]
    memory: str = ""
    half_attention: bool = False


_ALL = ("int8", "int4", "fp32", "fp16")
_HALF_FIRST = ("fp16", "fp32", "int8", "int4")

DEVICES = {
    device.name: device
    for device in (
        Device("cpu", ("CPUExecutionProvider",), "onnxruntime", _ALL),
        Device("cuda", ("CUDAExecutionProvider",), "onnxruntime-gpu", _HALF_FIRST, "cuda", half_attention=True),
        Device("openvino", ("OpenVINOExecutionProvider",), "onnxruntime-openvino", _ALL),
        Device("coreml", ("CoreMLExecutionProvider",), "onnxruntime", ("fp32", "fp16")),
        Device("directml", ("DmlExecutionProvider",), "onnxruntime-directml", ("fp16", "fp32", "int4")),
        Device(
            "rocm",
            ("MIGraphXExecutionProvider", "ROCMExecutionProvider"),
            "onnxruntime-migraphx",
            _HALF_FIRST,
            half_attention=True,
        ),
    )
}
# What "auto" tries before the CPU. The others are slower than a CPU as often as not, and must be asked for.
AUTOMATIC = ("cuda",)

# y = Identity(x), both float [1]: the smallest graph that makes a provider start.
_SMALLEST_GRAPH = (
    b'\x08\x08:7\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11"
)
_FATAL, _ERROR = 4, 3  # onnxruntime's severities


def provider(name: str) -> str:
    """The name of onnxruntime's provider for a device, "" where this onnxruntime has none."""
    import onnxruntime

    offered = onnxruntime.get_available_providers()
    return next((one for one in DEVICES[name].providers if one in offered), "")


def offered() -> list[str]:
    """The devices that this onnxruntime was built for, whether or not the machine has them."""
    return [name for name in DEVICES if provider(name)]


@functools.cache
def why_not(name: str) -> str:
    """Why a device cannot be used on this machine, as the end of a sentence; "" if it can. Asked once a process."""
    if name == "cpu":
        return ""
    chosen = provider(name)
    if not chosen:
        return f"this onnxruntime does not support it; {DEVICES[name].package} does"
    preload()
    with _without_its_log():
        try:
            _try(chosen)
        except Exception as error:
            return _why_unloadable(chosen) or first_line(error)
    return ""


def advice(name: str) -> str:
    """What to do to be able to use a device."""
    if not provider(name):
        if name == "cuda":
            return f"Uninstall onnxruntime first. {install_hint('gpu')}"
        return f"Uninstall onnxruntime and install {DEVICES[name].package} in its place."
    if name == "cuda":
        return f"Check the driver with nvidia-smi. {install_hint('gpu')}"
    return "Update the device's driver, or set model.device to auto."


@functools.cache
def preload() -> None:
    """Load CUDA's libraries from the packages that the extra `gpu` brings; what is missing shows when they are used."""
    import onnxruntime

    if hasattr(onnxruntime, "preload_dlls") and provider("cuda"):
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            onnxruntime.preload_dlls()


def first_line(error: BaseException) -> str:
    """onnxruntime's reason without its codes and the places in its sources, short enough for a line."""
    text = " ".join(str(error).split())
    plain = re.sub(r"^\[ONNXRuntimeError\]\s*:\s*\d+\s*:\s*\w+\s*:\s*", "", text)
    plain = re.sub(r"^\S+\.(?:cc|cu|h):\d+\s+\S+(?:\([^)]*\))?\s*", "", plain)
    return (plain[:200].rstrip(" .") or type(error).__name__) if text else type(error).__name__


def _try(chosen: str) -> None:
    """Run the smallest graph there is; raises what keeps the provider from it."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    session = onnxruntime.InferenceSession(_SMALLEST_GRAPH, options, providers=[chosen])
    # Without its driver or libraries a provider is left out without a word.
    if chosen not in session.get_providers():
        raise RuntimeError("onnxruntime could not start it")
    session.run(None, {"x": np.zeros(1, np.float32)})


@contextlib.contextmanager
def _without_its_log() -> Iterator[None]:
    """onnxruntime writes pages to standard error about a provider that does not start."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(_FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        onnxruntime.set_default_logger_severity(_ERROR)


def _why_unloadable(chosen: str) -> str:
    """What the system's loader says of the provider's library: onnxruntime keeps that to its log."""
    if "CUDA" in chosen and (problem := _driver_problem()):
        return problem
    library = _library(chosen)
    if library is None:
        return ""
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        missing = re.match(r"(\S+): cannot open shared object file", str(error))
        return f"the library {missing[1]} is missing" if missing else first_line(error)
    return ""


def _library(chosen: str) -> Path | None:
    import onnxruntime

    stem = f"onnxruntime_providers_{chosen.removesuffix('ExecutionProvider').lower()}"
    name = f"{stem}.dll" if sys.platform == "win32" else f"lib{stem}.so"
    path = Path(onnxruntime.__file__ or "").parent / "capi" / name
    return path if path.is_file() else None


def _driver_problem() -> str:
    """What the CUDA driver says: none, no GPU, or "" if it finds one."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver: Any = ctypes.CDLL(name)
    except OSError:
        return "there is no NVIDIA driver"
    count = ctypes.c_int()
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or not count.value:
        return "the NVIDIA driver finds no GPU"
    return ""
