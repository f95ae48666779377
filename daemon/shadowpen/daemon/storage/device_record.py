"""Failures of a device, recorded while this daemon lives, for other processes to read.

A device that fails is not tried again before the daemon has ended in order. A provider that takes the whole process
down cannot say so: a byte in a mapped file says that the device is at work, and who finds it set by a process that is
gone knows why. Knows neither onnxruntime nor models.
"""

from __future__ import annotations

import contextlib
import mmap
from pathlib import Path
from types import TracebackType

import msgspec
import psutil

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable

_IDLE, _BUSY = 0, 1


class _Trouble(msgspec.Struct, frozen=True):
    device: str
    why: str


class _Worker(msgspec.Struct, frozen=True):
    device: str
    pid: int
    started_s: float


def note(layout: store.Layout, device: str, why: str) -> None:
    """Remember that `device` failed; `why` is the end of a sentence."""
    with contextlib.suppress(StateUnusable):  # then it is tried, and fails, once more
        store.private_directory(layout.runtime)
        store.write_atomic(_trouble_file(layout), msgspec.json.encode(_Trouble(device, why)), durable=False)


def trouble(layout: store.Layout, device: str) -> str:
    """What went wrong on `device`, "" for nothing; a process that it took down counts."""
    known = _read(layout, device)
    if known:
        return known
    try:
        content = store.read_bounded(_work_file(layout))
        worker = msgspec.json.decode(content[1:], type=_Worker)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if worker.device != device or content[0] != _BUSY or _is_alive(worker):
        return ""
    why = "the daemon crashed while it ran the model there"
    note(layout, device, why)
    return why


def clear(layout: store.Layout) -> None:
    """The daemon has ended in order: the next one tries the device again."""
    for path in (_trouble_file(layout), _work_file(layout)):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


class DeviceWork:
    """Marks the times at which this process has `device` at work: `with work: ...`, as often as it is."""

    def __init__(self, layout: store.Layout, device: str) -> None:
        path = _work_file(layout)
        process = psutil.Process()
        about = _Worker(device, process.pid, process.create_time())
        try:
            store.private_directory(path.parent)
            store.write_atomic(path, bytes([_IDLE]) + msgspec.json.encode(about), durable=False)
            with path.open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), 0)
        except (StateUnusable, OSError):  # a full disk must not keep the model from running
            self._map = mmap.mmap(-1, 1)

    def __enter__(self) -> DeviceWork:
        self._map[0] = _BUSY
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._map[0] = _IDLE


def _read(layout: store.Layout, device: str) -> str:
    try:
        found = msgspec.json.decode(store.read_bounded(_trouble_file(layout)), type=_Trouble)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return found.why if found.device == device else ""


def _is_alive(worker: _Worker) -> bool:
    try:
        return abs(psutil.Process(worker.pid).create_time() - worker.started_s) < 1
    except psutil.Error:
        return False


def _trouble_file(layout: store.Layout) -> Path:
    return layout.runtime / "device-trouble.json"


def _work_file(layout: store.Layout) -> Path:
    return layout.runtime / "device-work"
