"""Install what a recipe learned as a model, in a separate folder of models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from shadowpen.daemon.base import store
from shadowpen.daemon.storage import models as registry
from shadowpen.daemon.storage.models import PREFIX, ExportedGraph, InstalledModel, Manifest
from shadowpen.daemon.trainer.scratch.fresh import FRESH
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.checkpoint import Weights
from shadowpen.exporters.checkpoints.rope import Rope
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.graphs.lstm_graph import build_lstm_graph
from shadowpen.exporters.graphs.onnx_writer import DATA_FILE, GRAPH_FILE
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.recipes.exported_again import export_again

_CONTEXT = 1024  # tokens of a new model
_SCRATCH_PRECISION = "fp32"


def of_weights(base: InstalledModel, weights: Weights, precision: str, folder: Path, progress: Progress) -> None:
    """Install `weights`, which are of the shape of `base`, as the model in `folder`."""
    _begin(base, folder)
    made = export_again(base, weights, folder, [precision], progress)
    _install(base, folder, msgspec.convert(made["precisions"], dict[str, ExportedGraph]), precision, base.manifest)


def from_scratch(base: InstalledModel, learned: Path, folder: Path, progress: Progress) -> None:
    """Install the new model that the trainer left in `learned`; of `base` it has the tokenizer alone."""
    from shadowpen.daemon.trainer.scratch import transformer

    _begin(base, folder)
    with safe_open(learned / FRESH, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        shape = json.loads(file.metadata()["shape"])
    if shape["kind"] == "lstm":
        exported = _lstm(tensors, int(shape["layers"]), folder, progress)
        sizes = {"heads": 1, "kv_heads": 1, "head_dim": shape["width"], "hidden": shape["width"]}
        architecture = {"model_type": "lstm", "layers": shape["layers"], **sizes}
    else:
        weights = _NewTransformer(tensors, _llama(transformer, shape["vocabulary"], base.manifest))
        made = export(weights, folder, [_SCRATCH_PRECISION], progress, tokenizer=base.tokenizer)
        exported = msgspec.convert(made["precisions"], dict[str, ExportedGraph])
        architecture = weights.architecture.manifest()
    whole = {**architecture, "vocab": shape["vocabulary"], "context_length": _CONTEXT}
    manifest = msgspec.structs.replace(base.manifest, architecture=msgspec.convert(whole, registry.Shape))
    _install(base, folder, exported, _SCRATCH_PRECISION, manifest)


def with_prefix(base: InstalledModel, learned: Path, precision: str, folder: Path) -> None:
    """Install `base` with the prefix that the trainer left in `learned`, which lies beside the same graph."""
    _begin(base, folder)
    graph, target = base.graph(precision).parent, store.private_directory(folder / precision)
    exported = base.manifest.precisions[precision]
    for path in (*(graph / name for name in exported.files), learned / PREFIX):
        shutil.copyfile(path, target / path.name)
    files = {**exported.files, PREFIX: store.sha256_of(target / PREFIX)}
    sizes = {**exported.sizes, PREFIX: (target / PREFIX).stat().st_size}
    with safe_open(learned / PREFIX, framework="numpy") as file:
        tokens = int(file.get_slice("keys").get_shape()[2])
    architecture = msgspec.structs.replace(base.manifest.architecture, prefix_tokens=tokens)
    manifest = msgspec.structs.replace(base.manifest, architecture=architecture)
    made = msgspec.structs.replace(exported, files=files, sizes=sizes)
    _install(base, folder, {precision: made}, precision, manifest)


class _NewTransformer:
    """Weights for the exporter."""

    def __init__(self, tensors: dict[str, NDArray[np.float32]], architecture: Architecture) -> None:
        self._tensors, self.architecture = tensors, architecture

    def tensor(self, name: str) -> NDArray[np.float32]:
        return self._tensors[name.removeprefix("model.")]


def _llama(module: object, vocabulary: int, manifest: Manifest) -> Architecture:
    sizes = {name: int(getattr(module, name)) for name in ("WIDTH", "LAYERS", "HEADS", "INNER", "HEAD_WIDTH")}
    return Architecture(
        model_type="llama",
        layers=sizes["LAYERS"],
        hidden=sizes["WIDTH"],
        intermediate=sizes["INNER"],
        heads=sizes["HEADS"],
        kv_heads=sizes["HEADS"],
        head_dim=sizes["HEAD_WIDTH"],
        vocab=vocabulary,
        context_length=_CONTEXT,
        rope=Rope(float(module.THETA)),  # type: ignore[attr-defined]
        rms_epsilon=float(module.EPSILON),  # type: ignore[attr-defined]
        tied_embeddings=True,
        attention_bias=False,
        bos_id=manifest.bos_id,
        eos_ids=tuple(manifest.eos_ids),
    )


def _lstm(
    tensors: dict[str, NDArray[np.float32]], layers: int, folder: Path, progress: Progress
) -> dict[str, ExportedGraph]:
    progress("Building the graph")
    target = store.private_directory(folder / _SCRATCH_PRECISION)
    build_lstm_graph(tensors, layers, target)
    files = [target / GRAPH_FILE, target / DATA_FILE]
    return {
        _SCRATCH_PRECISION: ExportedGraph(
            files={file.name: store.sha256_of(file) for file in files},
            sizes={file.name: file.stat().st_size for file in files},
        )
    }


def _begin(base: InstalledModel, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    store.private_directory(folder)
    shutil.copyfile(base.tokenizer, folder / base.tokenizer.name)


def _install(
    base: InstalledModel, folder: Path, exported: dict[str, ExportedGraph], precision: str, manifest: Manifest
) -> None:
    made = msgspec.structs.replace(
        manifest,
        name=folder.name,
        precisions=exported,
        default_precision=precision,
        exporter="fused",
        files={base.tokenizer.name: store.sha256_of(folder / base.tokenizer.name)},
    )
    registry.write_manifest(folder, made)
