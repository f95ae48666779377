"""The installed models: list them, choose one, check their integrity.

A model is a folder `models/<name>/` with a manifest.json (written last: without it there is no model). Reading checks
names and sizes, which is cheap enough for every start; `InstalledModel.verify` checks every hash. This file neither
obtains nor exports models, and opens no graph.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, ModelMissing, StateUnusable
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.storage.devices import DEVICES

SCHEMA = 1
MANIFEST = "manifest.json"
ADAPTER = "adapter_model.safetensors"  # what peft calls it
DELTA = "delta.safetensors"  # what every weight of a version changed by (see training/delta.py)
PREFIX = "prefix.safetensors"
BASE_ADAPTER = "prose"  # the folder in source/ with the adapter that belongs to the base itself, if one does
_DEFAULT = "default"  # the model of a plain `shadowpen setup`
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_MANIFEST_BYTES = 1 << 20
_LARGEST_SIZE = 1 << 24  # of a vocabulary or a context; no model has larger ones
_REPAIR = "Run `shadowpen setup --force` to rebuild it."


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a checkpoint came from. `sha256` is that of its weights (see `combined_sha256`).

    `licence_accepted` is when its user accepted the licence, in ISO 8601; "" where it need not be accepted.
    """

    kind: str
    locator: str
    sha256: str
    licence: str
    licence_accepted: str = ""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The architecture's numbers, as the engine needs them."""

    model_type: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    context_length: int
    prefix_tokens: int = 0  # of a learned prefix that lies beside each graph


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """How an exported graph compares with its reference (see exporters.graphs.verify)."""

    top1_agreement: float
    kl: float
    perplexity: float
    reference_perplexity: float
    reference: str
    seconds: float
    passed: bool
    note: str = ""


class ExportedGraph(msgspec.Struct, frozen=True, kw_only=True):
    """One exported graph: its files with their SHA-256, and their sizes in bytes."""

    files: dict[str, str]
    sizes: dict[str, int] = {}
    kv_dtype: str = "float32"
    verify: Verification | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The description of an installed model.

    manifest.json. `bos_id` is None where the model wants none before plain text. `exporter` made the graphs, and makes
    those of its versions.
    """

    schema: int
    name: str
    source: Provenance
    architecture: Shape
    bos_id: int | None
    eos_ids: list[int]
    precisions: dict[str, ExportedGraph]
    default_precision: str
    created: str
    exporter: Literal["fused", "portable"] = "fused"
    files: dict[str, str] = {}  # hashes of what lies beside the graphs: tokenizer.json and the checkpoint in source/

    @property
    def base_adapter_sha256(self) -> str:
        """Of the adapter that the graphs were made with, "" for none."""
        return self.files.get(f"source/{BASE_ADAPTER}/{ADAPTER}", "")

    @property
    def weights_sha256(self) -> str:
        """What identifies the weights that are served: those of the checkpoint and of the base's adapter."""
        return base_sha256(self.source.sha256, self.base_adapter_sha256)


class InstalledModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model that can be served: its folder and its manifest."""

    name: str
    folder: Path
    manifest: Manifest

    @property
    def _repair(self) -> str:
        """How to get it whole again: setup makes a damaged model anew."""
        named = "" if self.name == _DEFAULT else f" {self.manifest.source.locator} --name {self.name}"
        return f"Run `shadowpen setup{named}` to rebuild it."

    @property
    def tokenizer(self) -> Path:
        return self.folder / "tokenizer.json"

    @property
    def source(self) -> Path:
        """The checkpoint that the graphs were made from, with its licence."""
        return self.folder / "source"

    def precision(self, wanted: str = "auto", device: str = "cpu") -> str:
        """The precision wanted, or the usual one on `device`; ModelMissing when the one asked for was never exported.

        Whether the device runs it is for `placement` to say.
        """
        there = self.manifest.precisions
        if wanted == "auto":
            preferred = DEVICES[device].precisions[0]
            return preferred if preferred in there else self.manifest.default_precision
        if wanted not in there:
            raise ModelMissing(
                f"The model '{self.name}' was not exported as {wanted}, only as {', '.join(sorted(there))}.",
                f"Run `shadowpen setup {self.manifest.source.locator} --name {self.name} --precision {wanted}`.",
            )
        return wanted

    def graph(self, precision: str = "auto", device: str = "cpu") -> Path:
        """The model.onnx to load; "auto" is int8 on "cpu" and fp16 on "cuda" where these were exported."""
        return self.folder / self.precision(precision, device) / "model.onnx"

    def size_bytes(self) -> int:
        """What the folder takes on the disk."""
        return sum(path.lstat().st_size for path in self.folder.rglob("*") if path.is_file())

    def check_sizes(self) -> None:
        """Raise ModelCorrupt unless every file of the manifest is there with its size."""
        if not self.tokenizer.is_file():
            raise ModelCorrupt(f"The model '{self.name}' has no tokenizer.json.", self._repair)
        for path, expected in self._graph_sizes():
            actual = path.stat().st_size if path.is_file() else None
            if actual is None or not actual or (expected is not None and actual != expected):
                found = "is missing" if actual is None else f"has {actual:,} bytes, not {expected or 'more':,}"
                raise ModelCorrupt(
                    f"The model '{self.name}' is damaged: {path.parent.name}/{path.name} {found}.", self._repair
                )

    def verify(self) -> None:
        """Raise ModelCorrupt unless every file has the hash that the manifest gives it; reads them all."""
        for relative, expected in self.hashes():
            path = self.folder / relative
            try:
                actual = store.sha256_of(path)
            except OSError as error:
                raise ModelCorrupt(
                    f"The model '{self.name}' is damaged: {relative} cannot be read.", self._repair
                ) from error
            if actual != expected:
                raise ModelCorrupt(f"The model '{self.name}' is damaged: {relative} was changed.", self._repair)

    def hashes(self) -> Iterator[tuple[str, str]]:
        """Every file's path within the folder, with the hash it must have."""
        yield from self.manifest.files.items()
        for precision, exported in self.manifest.precisions.items():
            for name, digest in exported.files.items():
                yield f"{precision}/{name}", digest

    def _graph_sizes(self) -> Iterator[tuple[Path, int | None]]:
        for precision, exported in self.manifest.precisions.items():
            for name in exported.files:
                yield self.folder / precision / name, exported.sizes.get(name)


def names(layout: store.Layout | None = None) -> list[str]:
    """The installed models, sorted; whether each is whole is for `resolve` to say."""
    return _names_in((layout or store.layout()).models)


def _names_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}") if _NAME.fullmatch(path.parent.name))


def resolve(name: str, layout: store.Layout | None = None) -> InstalledModel:
    """The installed model of that name, its sizes checked; ModelMissing or ModelCorrupt with what to do."""
    folder = _folder(name, layout or store.layout())
    model = InstalledModel(name=name, folder=folder, manifest=read_manifest(folder))
    model.check_sizes()
    return model


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`, every field and every path in it checked."""
    path = folder / MANIFEST
    if not path.is_file():
        others = _names_in(folder.parent)
        known = f" Installed: {', '.join(others)}." if others else ""
        hint = f"Run `shadowpen setup`{', or choose one with `shadowpen models use NAME`' if others else ''}."
        is_first = not others and folder.name == ModelSettings().name
        named = "No model is installed." if is_first else f"No model named '{folder.name}' is installed.{known}"
        raise ModelMissing(named, hint)
    try:
        manifest = msgspec.json.decode(store.read_bounded(path, _MAX_MANIFEST_BYTES), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = store.in_words(error)
        raise ModelCorrupt(f"The manifest of the model '{folder.name}' cannot be read: {reason}.", _REPAIR) from error
    _check_manifest(manifest, folder.name)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json, the step that makes the folder a model."""
    _check_manifest(manifest, manifest.name)
    store.write_atomic(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def check_name(name: str) -> str:
    """`name` if it can be a model's; ConfigInvalid for one that could leave the models folder."""
    if not _NAME.fullmatch(name):
        raise ConfigInvalid(
            f"{name!r} is not a valid model name.", "Use letters, digits, dots, dashes and underscores, at most 64."
        )
    return name


def use(name: str, layout: store.Layout | None = None, *, section: Literal["model", "writing"] = "model") -> None:
    """Make `name` the model that answers, or the one for paragraphs: written to config.toml, whose comments stay."""
    layout = layout or store.layout()
    resolve(name, layout)
    from shadowpen.daemon.base import config_file

    config_file.write(layout.config_file, section, {"model": "name", "writing": "model"}[section], name)


def remove(name: str, layout: store.Layout | None = None, *, force: bool = False) -> int:
    """Delete an installed model, damaged or not, and return the bytes freed; the one in use only with `force`."""
    layout = layout or store.layout()
    folder = _folder(name, layout)
    if not (folder / MANIFEST).is_file():
        read_manifest(folder)  # says what is missing
    settings = config.load(layout.config_file)
    if not force and name in (settings.model.name, settings.writing.model):
        raise ConfigInvalid(
            f"The model '{name}' is the one in use.", "Choose another with `shadowpen models use`, or add --force."
        )
    freed = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
    discard(folder)
    return freed


def discard(folder: Path) -> None:
    """Delete `folder` so that it is gone at once: a deletion cut short leaves no half model behind."""
    try:
        grave = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".removed-"))
        folder.rename(grave / folder.name)
    except OSError as error:
        raise StateUnusable(
            f"{folder} cannot be removed: {error.strerror or error}.", "Stop the daemon with `shadowpen stop` first."
        ) from error
    shutil.rmtree(grave, ignore_errors=True)


def combined_sha256(hashes: dict[str, str]) -> str:
    """One hash for several files: their own hash for a single one, else that of the sorted "hash  name" lines."""
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def base_sha256(checkpoint: str, adapter: str) -> str:
    """One hash for a checkpoint and the base's adapter, "" for none."""
    return combined_sha256({"checkpoint": checkpoint, "adapter": adapter} if adapter else {"checkpoint": checkpoint})


def _folder(name: str, layout: store.Layout) -> Path:
    return layout.models / check_name(name)


def _check_manifest(manifest: Manifest, name: str) -> None:
    """Raise ModelCorrupt for what well-formed JSON can still get wrong, above all a path out of the folder."""
    problem = ""
    *sizes, prefix_tokens = msgspec.structs.astuple(manifest.architecture)[1:]
    if manifest.schema != SCHEMA:
        problem = f"it has schema {manifest.schema}, but this version reads {SCHEMA}"
    elif not manifest.precisions or manifest.default_precision not in manifest.precisions:
        problem = "its default precision is not among those exported"
    elif min(sizes) < 1 or prefix_tokens < 0:
        problem = "its architecture has a size below 1"
    elif prefix_tokens >= manifest.architecture.context_length:
        problem = "its prefix leaves no room for text"
    elif max(sizes) > _LARGEST_SIZE:
        problem = f"its architecture has a size above {_LARGEST_SIZE:,}"
    else:
        problem = next(_bad_files(manifest), "")
    if problem:
        raise ModelCorrupt(f"The manifest of the model '{name}' cannot be used: {problem}.", _REPAIR)


def _bad_files(manifest: Manifest) -> Iterator[str]:
    listed = [
        (part, item)
        for path in manifest.files
        for part, item in [(path, path.removeprefix("source/").removeprefix(f"{BASE_ADAPTER}/"))]
    ]
    digests = list(manifest.files.values())
    for precision, exported in manifest.precisions.items():
        listed += [(precision, precision), *((f"{precision}/{name}", name) for name in exported.files)]
        digests += exported.files.values()
        if "model.onnx" not in exported.files:
            yield f"{precision} has no model.onnx"
    yield from (f"{path!r} is not a plain file name" for path, item in listed if not _FILE_NAME.fullmatch(item))
    yield from (f"{digest!r} is not a SHA-256" for digest in digests if not _SHA256.fullmatch(digest))
