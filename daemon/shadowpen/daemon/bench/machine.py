"""Description of the machine under test: model, device, processor, versions, load.

Names no person and no folder, so that a report can be shown to anyone.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from shadowpen.daemon.base import config

_ASK_GPU = ("--query-gpu=name,memory.total", "--format=csv,noheader")
_ASK_GPU_S = 10.0
_SETTINGS = ("model", "completion", "daemon")  # those that a measurement could depend on


@dataclass(frozen=True)
class Machine:
    """The machine under test.

    `load` is how many processes wanted to run in the minute before, None where that is not known.
    """

    model: str
    device: str
    device_name: str
    processor: str
    cores: int
    threads: int
    memory_gb: float
    system: str
    python: str
    onnxruntime: str
    shadowpen: str
    load: float | None
    settings: dict[str, Any]


def describe(model: str, device: str, settings: config.Config) -> Machine:
    """`model` and `device` as the served model names them; settings other than the defaults are listed."""
    processor = _processor()
    return Machine(
        model=model,
        device=device,
        device_name=_accelerator(device) or processor,
        processor=processor,
        cores=psutil.cpu_count(logical=False) or 1,
        threads=psutil.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        onnxruntime=_onnxruntime(),
        shadowpen=metadata.version("shadowpen"),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        settings=_changed(settings),
    )


def hardware() -> str:
    """The processor with its cores, and the GPU if a driver names one."""
    cores = psutil.cpu_count(logical=False) or 1
    gpu = _gpu()
    return f"{_processor()}, {cores} {'core' if cores == 1 else 'cores'}{f', {gpu}' if gpu else ''}"


def _accelerator(device: str) -> str:
    return "" if device == "cpu" else (_gpu() if device == "cuda" else "") or f"a device of {device}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpu() -> str:
    """The first NVIDIA GPU's name and memory, as the driver's own tool tells it; "" where it names none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run([tool, *_ASK_GPU], capture_output=True, text=True, timeout=_ASK_GPU_S, check=True)
        return done.stdout.strip().partition("\n")[0]
    return ""


def _onnxruntime() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)


def _changed(settings: config.Config) -> dict[str, Any]:
    default = config.Config()
    return {
        f"{section}.{name}": value
        for section in _SETTINGS
        for name, value in asdict(getattr(settings, section)).items()
        if value != getattr(getattr(default, section), name)
    }
