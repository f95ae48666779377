"""Read an installed model's weights, and export changed ones with the exporter that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from shadowpen.daemon.storage.models import InstalledModel
from shadowpen.exporters.checkpoints.base_adapter import tuned
from shadowpen.exporters.checkpoints.checkpoint import Weights, open_checkpoint
from shadowpen.exporters.checkpoints.portable_checkpoint import PortableCheckpoint
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.graphs.portable import export_portable
from shadowpen.exporters.progress import Progress


def open_installed(model: InstalledModel) -> Weights:
    """The weights that `model` serves, with its special ids. Raises as `open_checkpoint`, and ModelCorrupt."""
    manifest = model.manifest
    ends = tuple(manifest.eos_ids)
    if manifest.exporter == "portable":
        return PortableCheckpoint(model.source, manifest.architecture, manifest.bos_id, ends)
    checkpoint = open_checkpoint(model.source)
    checkpoint.architecture = replace(checkpoint.architecture, bos_id=manifest.bos_id, eos_ids=ends)
    return tuned(checkpoint, model.source)


def export_again(
    model: InstalledModel, weights: Weights, target: Path, precisions: Sequence[str], progress: Progress
) -> dict[str, object]:
    """`export` of `weights`, which are the model's own or a version's, into `target`, for the model's tokenizer."""
    if model.manifest.exporter == "portable":
        return export_portable(model.source, target, precisions, progress, model.tokenizer, weights)
    return export(weights, target, precisions, progress, tokenizer=model.tokenizer)
