"""Choose device and precision: from the settings, the machine, the exports and earlier failures.

Serving, training and the choice of a version ask here, so that a version is made in the precision it is served in.
Loads no model.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.storage import device_record, devices, versions
from shadowpen.daemon.storage.devices import DEVICES, Device
from shadowpen.daemon.storage.models import InstalledModel

_FUSED_ATTENTION = b"GroupQueryAttention"
IN_MEMORY = 1.5  # measured 1.55 bytes in memory for each of the default graph's, its tokenizer included


@dataclass(frozen=True)
class Placement:
    """A device and a precision; `elsewhere` says why not on a device that comes first, `problem` what was asked for."""

    device: str
    precision: str
    elsewhere: tuple[str, ...] = ()
    problem: str = ""

    @property
    def line(self) -> str:
        """One line: what runs where, and why not elsewhere."""
        return "; ".join((f"{self.precision} on {self.device}", *self.elsewhere))


def place(
    layout: store.Layout, settings: ModelSettings, model: InstalledModel, *, for_current: bool = True
) -> Placement:
    """Where `model` runs now; ModelMissing for a precision that was asked for and never exported.

    `for_current`: in a precision that the version in use has a graph of, so that it is this version that answers.
    """
    there = _kept(layout, model) if for_current and settings.precision == "auto" else ()
    elsewhere: list[str] = []
    problem = ""
    for name in devices.AUTOMATIC if settings.device == "auto" else (settings.device,):
        if name == "cpu":
            break
        why = device_record.trouble(layout, name) or devices.why_not(name)
        precision = "" if why else _precision(model, settings.precision, DEVICES[name], there)
        if precision:
            return Placement(name, precision)
        why = why or _no_precision(name, model, settings.precision, there)
        asked = settings.device == name
        if asked or devices.provider(name):
            elsewhere.append(f"not on {name}: {why}")
            if asked or settings.precision == "auto":  # who chose a precision chose where it runs
                problem = f"The model does not run on {name}: {why}. The CPU is used instead."
    precision = _precision(model, settings.precision, DEVICES["cpu"], there)
    return Placement("cpu", precision, tuple(elsewhere), problem)


def memory_of(model: InstalledModel, precision: str) -> int:
    """About the bytes that a model's weights take once they are loaded."""
    return int(sum(model.manifest.precisions[precision].sizes.values()) * IN_MEMORY)


def device_for(settings: ModelSettings, model: InstalledModel, precision: str) -> str:
    """Where a graph of that very precision runs; the CPU runs all."""
    for name in devices.AUTOMATIC if settings.device == "auto" else (settings.device,):
        if _runs(DEVICES[name], model, precision) and not devices.why_not(name):
            return name
    return "cpu"


def runs_badly(placement: Placement) -> str:
    """What is unwise about a placement, "" for nothing."""
    if placement.device == "cpu" and placement.precision == "fp16":
        return "fp16 is made for GPUs: on a CPU it is slower than int8 and takes more memory."
    return ""


def _kept(layout: store.Layout, model: InstalledModel) -> Collection[str]:
    """The precisions in which the version in use has a graph; empty for the base, or where it has none."""
    current = versions.current(layout).version
    if not current:
        return ()
    try:
        version = versions.read(layout, current)
    except (ModelMissing, ModelCorrupt):
        return ()
    if version.base.name != model.name or version.base.sha256 != model.manifest.weights_sha256:
        return ()
    return [one for one in model.manifest.precisions if versions.has_graph(layout, version, one)]


def _precision(model: InstalledModel, wanted: str, device: Device, kept: Collection[str]) -> str:
    """The best precision for `device` among those kept, or all that were exported; "" if it runs none of them."""
    exported = model.manifest.precisions
    if wanted != "auto":
        model.precision(wanted)  # raises for what was never exported
        return wanted if _runs(device, model, wanted) else ""
    usual = model.precision("auto", device.name)
    order = dict.fromkeys((usual, *device.precisions))
    return next(
        (one for one in order if one in exported and one in (kept or exported) and _runs(device, model, one)), ""
    )


def _runs(device: Device, model: InstalledModel, precision: str) -> bool:
    if precision not in device.precisions:
        return False
    return not device.half_attention or precision == "fp16" or not _is_fused(model.folder / precision / "model.onnx")


def _is_fused(graph: Path) -> bool:
    """Whether the graph has fused attention: the operator's name stands in the file as it is."""
    try:
        with graph.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(_FUSED_ATTENTION) >= 0
    except (OSError, ValueError):  # missing, or empty: whoever loads it says so
        return False


def _no_precision(device: str, model: InstalledModel, wanted: str, kept: Collection[str]) -> str:
    if kept:
        current = f"the version in use was made in {', '.join(kept)}"
        return f"{current}; `shadowpen versions use` with its name makes it for {device}"
    fitting = DEVICES[device].precisions[0]
    named = "" if model.name == "default" else f" {model.manifest.source.locator} --name {model.name}"
    if wanted != "auto":
        return f"it does not run {wanted} there; model.precision {fitting} does"
    return f"it was not exported in {fitting}; `shadowpen setup{named} --precision {fitting}` does that"
