"""From weights to installed, verified graphs: build beside the model, measure, then put in place.

`export` changes nothing of the model folder until every precision asked for has passed; a full disk, a rejected graph
or a kill leaves what was there. Who obtained the checkpoint, and who writes manifest.json, is not its affair.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ConfigInvalid, ModelMissing, StateUnusable
from shadowpen.daemon.base.store import private_directory, sha256_of, sync_directory, unusable
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, Weights, open_checkpoint
from shadowpen.exporters.graphs.graph import PRECISIONS, Precision, build_graph
from shadowpen.exporters.graphs.onnx_writer import DATA_FILE, GRAPH_FILE
from shadowpen.exporters.graphs.replacing import put_in_place
from shadowpen.exporters.graphs.verify import (
    Reference,
    find_reference,
    graph_reference,
    manifest_entry,
    text_ids,
    verify_graph,
)
from shadowpen.exporters.progress import Progress, silent
from shadowpen.exporters.sources.files.safety import check_room

_LOCK = ".export.lock"
_BUILDING = ".export-"  # prefix of the folder a run builds in; nothing else may use it
_REPLACED = ".replaced-"  # prefix of a precision's folder while its successor takes its place
Build = Callable[[Weights, Precision, Path, Callable[[float], None]], Path]

BYTES_A_WEIGHT = {"int8": 1.2, "int4": 0.9, "fp32": 4.1, "fp16": 2.1}


def export(
    weights: Weights | Path,
    target: Path,
    precisions: Sequence[str] = ("int8",),
    progress: Progress = silent,
    tokenizer: Path | None = None,
    build: Build = build_graph,
) -> dict[str, object]:
    """Build, verify and install the graphs of `precisions` in the model folder `target`; the manifest's part of it.

    `weights` is a checkpoint's path, or anything with `.architecture` and `.tensor(name)` (base weights with an adapter
    merged, say), and `build` makes a graph of it. `tokenizer` defaults to `target`'s tokenizer.json, else to the one
    beside the checkpoint. Returns manifest.json's keys `architecture`, `bos_id`, `eos_ids` and `precisions` (each with
    `files`, `sizes`, `kv_dtype`, `verify`).

    Raises ExportRejected outside the limits of verify.py, ModelUnsupported, ModelCorrupt, StateUnusable (full disk).
    """
    _check_names(precisions)
    if isinstance(weights, Path):
        progress("Reading the checkpoint")
        weights = open_checkpoint(weights)
    ids = text_ids(_tokenizer(weights, target, tokenizer), weights.architecture)
    with _locked(target) as building:
        check_room(target, _bytes_needed(weights.architecture, precisions))
        run = _Run(weights, build, building, progress)
        reference = run.reference(ids)
        entries = {one: run.entry(one, reference) for one in precisions}
        for one in precisions:
            put_in_place(building / one, target / one, target / f"{_REPLACED}{one}")
    architecture = weights.architecture
    return {
        "architecture": architecture.manifest(),
        "bos_id": architecture.bos_id,
        "eos_ids": list(architecture.eos_ids),
        "precisions": entries,
    }


def _check_names(precisions: Sequence[str]) -> None:
    for one in precisions:
        if one not in PRECISIONS:
            raise ConfigInvalid(f"{one!r} is not a precision.", f"Choose from {', '.join(PRECISIONS)}.")


def _tokenizer(weights: Weights, target: Path, given: Path | None) -> Path:
    beside = weights.tokenizer_path if isinstance(weights, Checkpoint) else None
    for path in (given, target / "tokenizer.json", beside):
        if path is not None and path.is_file():
            return path
    raise ModelMissing(
        f"There is no tokenizer.json in {target}.", "Run `shadowpen setup` to download the complete model."
    )


def _bytes_needed(architecture: Architecture, precisions: Sequence[str]) -> int:
    """Room for all graphs at once, and for the fp32 graph that may have to serve as the reference."""
    weights = sum(math.prod(shape) for shape in architecture.tensor_shapes().values())
    return int(weights * sum(BYTES_A_WEIGHT[one] for one in {*precisions, "fp32"}))


@contextmanager
def _locked(target: Path) -> Iterator[Path]:
    """An empty folder inside `target` to build in, for one export at a time; removed in the end."""
    private_directory(target)
    try:
        with filelock.FileLock(target / _LOCK, timeout=0):
            _recover(target)
            building = Path(tempfile.mkdtemp(dir=target, prefix=_BUILDING))
            try:
                yield building
            finally:
                shutil.rmtree(building, ignore_errors=True)
    except filelock.Timeout as error:
        raise StateUnusable(f"Another export into {target} is running.", "Wait for it to end.") from error
    except OSError as error:
        raise unusable(target, error) from error


def _recover(target: Path) -> None:
    """Undo what a killed export left: its unfinished graphs, and a precision moved aside but not replaced."""
    for left in target.glob(f"{_BUILDING}*"):
        shutil.rmtree(left, ignore_errors=True)
    for aside in target.glob(f"{_REPLACED}*"):
        precision = target / aside.name.removeprefix(_REPLACED)
        if precision.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(precision)


@dataclass(frozen=True)
class _Run:
    """An export in progress, in a temporary `folder`."""

    weights: Weights
    build: Build
    folder: Path
    progress: Progress

    def reference(self, ids: NDArray[np.int64]) -> Reference:
        self.progress("Reading the test text with the reference")
        found = find_reference(self.weights, ids)
        if found is not None:
            return found
        graph = self._graph("fp32", self.folder / "reference")
        reference = graph_reference(graph, self.weights.architecture, ids)
        shutil.rmtree(graph.parent)
        return reference

    def entry(self, precision: str, reference: Reference) -> dict[str, object]:
        """Build and verify one precision; its entry in the manifest."""
        folder = self.folder / precision
        graph = self._graph(precision, folder)
        self.progress(f"Verifying the {precision} graph")
        verification = verify_graph(graph, self.weights.architecture, precision, reference)
        files = [folder / GRAPH_FILE, folder / DATA_FILE]
        for file in files:
            _settle(file)
        sync_directory(folder)
        return {
            "files": {file.name: sha256_of(file) for file in files},
            "sizes": {file.name: file.stat().st_size for file in files},
            "kv_dtype": PRECISIONS[precision].kv_dtype,
            "verify": manifest_entry(verification),
        }

    def _graph(self, precision: str, folder: Path) -> Path:
        folder.mkdir(mode=0o700)
        layers = self.weights.architecture.layers
        step = f"Building the {precision} graph"
        return self.build(
            self.weights,
            PRECISIONS[precision],
            folder,
            lambda fraction: self.progress(step, fraction * layers, layers),
        )


def _settle(file: Path) -> None:
    """The file on the disk, and the user's alone."""
    file.chmod(0o600)
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())
