"""Versions of the user's own model: adapters on a base, with sources, metrics and state.

    adapters/current             which version is served, and which was before: one file, replaced in one step
    adapters/<version>/          manifest.json, what was learned (delta.safetensors of every weight, or
                                 adapter_model.safetensors and adapter_config.json of an adapter), and
                                 <precision>/model.onnx[.data] while its graph is kept

A version that went on from another names it as its `parent`, and its sources are those of the whole chain: what it saw
can be told from its own manifest. Whatever `current` names is complete, gated and fits the installed base; if it does
not, the base is served and the reason told. What was learned is all kept; graphs of the current and the previous
version, others are rebuilt when wanted (by the caller: this file neither trains nor exports).
"""

from __future__ import annotations

import contextlib
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, ShadowpenError, StateUnusable
from shadowpen.daemon.storage.models import ADAPTER, DELTA, ExportedGraph, InstalledModel, discard

SCHEMA = 1
MANIFEST = "manifest.json"
_MANIFEST_BYTES = 64 << 20  # it names every text that was learned from
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CHECKED = ".checked.json"  # the graphs' files whose hashes were right, as they were then
BASE = "base"  # the model without the user's text
State = Literal["candidate", "rejected", "promoted"]


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The installed model that an adapter belongs to; `sha256` of its weights."""

    name: str
    sha256: str


class TextSource(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was learned from or measured on: a file's path, or the address that edits were made in.

    `edits` are the journal's ids, for text that came from there, taken or typed instead. `pieces` are the hashes of its
    paragraphs that were learned, with how often (see training/ledger.py), and `version` is the one of the chain that
    learned them first, "" for this very one. Never the text itself.
    """

    origin: str
    sha256: str
    tokens: int
    held_out: bool = False
    edits: list[str] = []
    pieces: dict[str, int] = {}
    version: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """The description of a version.

    manifest.json of a version. `metrics` and `parameters` are numbers and short words by name.

    `method` says what was learned ("full": every weight) and `scale` how much of it is served; `parent` is the version
    that a run over every weight went on from, "" for the base. `adapter_sha256` is of the file of what was learned.
    """

    schema: int = SCHEMA
    id: str = ""
    state: State
    created: str
    base: Base
    sources: list[TextSource] = []
    parameters: dict[str, float | int | str] = {}
    metrics: dict[str, float | int | str] = {}
    reasons: list[str] = []
    method: Literal["lora", "full"] = "lora"
    scale: float = 1.0
    parent: str = ""
    adapter_sha256: str = ""
    precisions: dict[str, ExportedGraph] = {}


class Pointer(msgspec.Struct, frozen=True, kw_only=True):
    """The version in use.

    The content of `current`; "" stands for the base.
    """

    version: str = ""
    previous: str = ""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon has to load: a graph of `model` as it is, or of one of its versions.

    `problem` says why the base is served although `current` names a version.
    """

    model: InstalledModel
    version: str
    precision: str
    kv_dtype: str
    graph: Path
    problem: str = ""

    @property
    def name(self) -> str:
        return f"{self.model.name}@{self.version or BASE}"


# --- what is served ----------------------------------------------------------------------------------


def served(layout: store.Layout, model: InstalledModel, precision: str, *, thorough: bool = False) -> Served:
    """What to load for `model` in `precision`: the current version where it is whole and fits, else the base.

    `thorough`: whole by its hashes, which are computed once for files that nobody touches.
    """
    pointer = current(layout)
    if pointer.version:
        try:
            found = chosen(layout, model, pointer.version, precision)
            if thorough:
                _check_hashes(layout, read(layout, found.version), precision)
            return found
        except (ModelMissing, ModelCorrupt) as error:
            return base(model, precision, error)
    return base(model, precision)


def chosen(layout: store.Layout, model: InstalledModel, wanted: str, precision: str) -> Served:
    """What to load of that very version, "" or BASE for none, whichever is current; ModelMissing or ModelCorrupt."""
    if wanted in ("", BASE):
        return base(model, precision)
    version = _fitting(layout, wanted, model)
    graph = check_graph(layout, version, precision)
    kv_dtype = version.precisions[precision].kv_dtype
    return Served(model=model, version=version.id, precision=precision, kv_dtype=kv_dtype, graph=graph)


def base(model: InstalledModel, precision: str, why: ShadowpenError | None = None) -> Served:
    """The base as it came; `why` is what is wrong with the version that should answer."""
    problem = f"{why.message} The model '{model.name}' is used without your version." if why else ""
    kv_dtype = model.manifest.precisions[precision].kv_dtype
    graph = model.folder / precision / "model.onnx"
    return Served(model=model, version="", precision=precision, kv_dtype=kv_dtype, graph=graph, problem=problem)


def current(layout: store.Layout) -> Pointer:
    """What `current` says; nothing readable there means the base."""
    try:
        return msgspec.json.decode(store.read_bounded(layout.adapters / "current"), type=Pointer)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Pointer()


def use(layout: store.Layout, model: InstalledModel, wanted: str, precision: str) -> Pointer:
    """Serve `wanted` ("" or "base": the model without own text) from now on.

    Raises ModelMissing or ModelCorrupt, with nothing changed, unless it was promoted, fits `model` and has its whole
    graph; ModelMissing for a graph that is merely not kept (see `has_graph`).
    """
    wanted = "" if wanted == BASE else wanted
    if wanted:
        version = _fitting(layout, wanted, model)
        if version.state != "promoted":
            why = f": {version.reasons[0]}" if version.reasons else "."
            raise ModelMissing(f"The version {wanted} did not pass its gate{why}", "Choose a promoted version.")
        check_graph(layout, version, precision, thorough=True)
    before = current(layout)
    pointer = Pointer(version=wanted, previous=before.previous if before.version == wanted else before.version)
    _point(layout, pointer)
    return pointer


def rollback_target(layout: store.Layout) -> str:
    """The version that `rollback` goes back to, "" for the base; ModelMissing if the base is served already."""
    pointer = current(layout)
    if not pointer.version:
        raise ModelMissing("There is nothing to roll back: the version base is in use.", "shadowpen versions list")
    return pointer.previous


def rollback(layout: store.Layout, model: InstalledModel, precision: str) -> Pointer:
    """Serve what was served before; from there the next rollback goes to the version promoted before that."""
    target = rollback_target(layout)
    use(layout, model, target, precision)
    pointer = Pointer(version=target, previous=_promoted_before(layout, target))
    _point(layout, pointer)
    return pointer


def _promoted_before(layout: store.Layout, wanted: str) -> str:
    earlier = [version.id for version in versions(layout) if version.state == "promoted" and version.id < wanted]
    return earlier[-1] if earlier else ""


def _parent(layout: store.Layout, wanted: str) -> str:
    try:
        parent = read(layout, wanted).parent
        return parent if parent and read(layout, parent).state == "promoted" else ""
    except (ModelMissing, ModelCorrupt):
        return ""


def _point(layout: store.Layout, pointer: Pointer) -> None:
    store.write_atomic(layout.adapters / "current", msgspec.json.encode(pointer) + b"\n")


def _fitting(layout: store.Layout, wanted: str, model: InstalledModel) -> Version:
    version = read(layout, wanted)
    if version.base.name != model.name or version.base.sha256 != model.manifest.weights_sha256:
        raise ModelMissing(
            f"The version {wanted} belongs to the model '{version.base.name}', not to this '{model.name}'.",
            f"Choose it with `shadowpen models use {version.base.name}`, or train again.",
        )
    return version


# --- versions on the disk ----------------------------------------------------------------------------


def versions(layout: store.Layout) -> list[Version]:
    """Every version with a readable manifest, oldest first."""
    found = []
    for folder in sorted(layout.adapters.glob(f"v*/{MANIFEST}")):
        with contextlib.suppress(ModelMissing, ModelCorrupt):
            found.append(read(layout, folder.parent.name))
    return found


def read(layout: store.Layout, wanted: str) -> Version:
    """The manifest of a version; ModelMissing or ModelCorrupt."""
    path = layout.adapters / wanted / MANIFEST
    if not _ID.fullmatch(wanted) or not path.is_file():
        known = ", ".join(version.parent.name for version in sorted(layout.adapters.glob(f"v*/{MANIFEST}")))
        raise ModelMissing(f"There is no version {wanted}.", f"Versions: {known}." if known else "shadowpen train now")
    try:
        version = msgspec.json.decode(store.read_bounded(path, _MANIFEST_BYTES), type=Version)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelCorrupt(f"The manifest of the version {wanted} cannot be read.", "shadowpen train now") from error
    if version.schema != SCHEMA or version.id != wanted:
        raise ModelCorrupt(
            f"The manifest of the version {wanted} was written by an incompatible program.", "shadowpen train now"
        )
    return version


def publish(layout: store.Layout, staged: Path, version: Version) -> Version:
    """Make the finished folder `staged` (same disk) the next version, `v0001-20260501` and so on, and return it.

    The manifest is written first and the folder renamed then, so a version is there whole or not at all.
    """
    store.private_directory(layout.adapters)
    numbers = [int(path.name[1:5]) for path in layout.adapters.glob("v[0-9][0-9][0-9][0-9]-*")]
    name = f"v{max(numbers, default=0) + 1:04}-{datetime.now(UTC):%Y%m%d}"
    return _put_in_place(layout, staged, msgspec.structs.replace(version, id=name))


def adopt(layout: store.Layout, staged: Path, version: Version) -> Version:
    """Make the folder `staged` (same disk) of another machine a version under its own name, or the next that is free.

    Where there are versions already it comes behind them: of a chain the older one must have been adopted before.
    """
    store.private_directory(layout.adapters)
    names = {path.name for path in layout.adapters.glob("v*")}
    name = version.id
    if any(other >= name for other in names):
        numbers = [int(other[1:5]) for other in names if other[1:5].isdigit()]
        name = f"v{max(numbers, default=0) + 1:04}-{version.id.partition('-')[2] or '00000000'}"
    return _put_in_place(layout, staged, msgspec.structs.replace(version, id=name))


def _put_in_place(layout: store.Layout, staged: Path, version: Version) -> Version:
    place = layout.adapters / version.id
    try:
        _write(staged, version)
        staged.rename(place)
        store.sync_directory(layout.adapters)
    except OSError as error:
        raise store.unusable(place, error) from error
    return version


def rewrite(layout: store.Layout, version: Version) -> None:
    """Replace a version's manifest (a new state, a graph built again)."""
    _write(layout.adapters / version.id, version)


def _write(folder: Path, version: Version) -> None:
    store.write_atomic(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(version), indent=2) + b"\n")


def folder_of(layout: store.Layout, version: Version) -> Path:
    return layout.adapters / version.id


def learned_file(version: Version) -> str:
    """The name of the file of what a version learned."""
    return DELTA if version.method == "full" else ADAPTER


def learned_files(layout: store.Layout, version: Version) -> list[Path]:
    """All files of what a version learned, without which it cannot be built again."""
    names = [DELTA] if version.method == "full" else [ADAPTER, "adapter_config.json"]
    return [folder_of(layout, version) / name for name in names]


def check_adapter(layout: store.Layout, version: Version) -> Path:
    """The file of what the version learned, its hash checked; ModelCorrupt."""
    path = folder_of(layout, version) / learned_file(version)
    if not path.is_file() or store.sha256_of(path) != version.adapter_sha256:
        raise ModelCorrupt(f"The weights of the version {version.id} are damaged.", "shadowpen train now")
    return path


def has_graph(layout: store.Layout, version: Version, precision: str) -> bool:
    """Whether the version's graph is kept, by its files' sizes."""
    try:
        check_graph(layout, version, precision)
    except (ModelMissing, ModelCorrupt):
        return False
    return True


def check_graph(layout: store.Layout, version: Version, precision: str, *, thorough: bool = False) -> Path:
    """The version's model.onnx; ModelMissing when it is not kept, ModelCorrupt when damaged (`thorough`: by hash)."""
    exported = version.precisions.get(precision)
    folder = folder_of(layout, version) / precision
    if exported is None or "model.onnx" not in exported.files or not (folder / "model.onnx").is_file():
        raise ModelMissing(
            f"The graph of the version {version.id} is not kept in {precision}.",
            f"`shadowpen versions use {version.id}` rebuilds it.",
        )
    for name, digest in exported.files.items():
        path = folder / name
        size = path.stat().st_size if _ID.fullmatch(name) and path.is_file() else -1
        if size != exported.sizes.get(name, size) or size <= 0 or (thorough and store.sha256_of(path) != digest):
            raise _damaged(version, precision, name)
    return folder / "model.onnx"


def _check_hashes(layout: store.Layout, version: Version, precision: str) -> None:
    """As `check_graph` thoroughly, but a file that is as it was when its hash was right is not read again."""
    folder = folder_of(layout, version)
    known = _checked_before(folder)
    seen = dict(known)
    for name, digest in version.precisions[precision].files.items():
        try:
            seen[f"{precision}/{name}"] = now = f"{_touched(folder / precision / name)} {digest}"
            if known.get(f"{precision}/{name}") != now and store.sha256_of(folder / precision / name) != digest:
                raise _damaged(version, precision, name)
        except OSError as error:
            raise _damaged(version, precision, name) from error
    if seen != known:
        with contextlib.suppress(StateUnusable):  # then it is read again next time
            store.write_atomic(folder / _CHECKED, msgspec.json.encode(seen), durable=False)


def _checked_before(folder: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(store.read_bounded(folder / _CHECKED), type=dict[str, str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _touched(path: Path) -> str:
    """What changes whenever anybody writes to the file: its time of change cannot be set back by a program."""
    status = path.stat()
    return f"{status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _damaged(version: Version, precision: str, name: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"The graph of the version {version.id} is damaged: {precision}/{name}.",
        f"`shadowpen versions use {version.id}` rebuilds it.",
    )


def prune(layout: store.Layout) -> list[str]:
    """Delete the graphs of all versions but the current and the previous one; the ids of those. Adapters stay."""
    pointer = current(layout)
    kept = {pointer.version, pointer.previous}
    pruned = []
    for folder in sorted(layout.adapters.glob("v[0-9]*")):
        graphs = [graph.parent for graph in folder.glob("*/model.onnx")] if folder.name not in kept else []
        for graph in graphs:
            discard(graph)
            pruned.append(folder.name)
    for grave in layout.adapters.glob(".removed-*"):
        shutil.rmtree(grave, ignore_errors=True)
    return sorted(set(pruned))


def delete(layout: store.Layout, wanted: str) -> None:
    """Take a version away altogether. What forgetting a text needs.

    If it is served, the one it went on from is first, be it that its graph must be built again, else the base. Of a
    chain take the newest away first.
    """
    pointer = current(layout)
    if wanted in (pointer.version, pointer.previous):
        _point(layout, Pointer(version=_parent(layout, wanted) if wanted == pointer.version else pointer.version))
    discard(layout.adapters / wanted)
