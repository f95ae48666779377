"""Install a model from a source: fetch, export, verify, try, and put in place as a whole.

Everything is made in a staging folder beside the model, asked for one answer of each kind, and renamed into place,
manifest and all; a kill, a full disk, a wrong hash or a model that cannot answer leaves the models as they were. One at
a time per models folder. How a checkpoint is fetched is for the sources, how a graph is made for `export`; nothing here
is printed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import (
    ConfigInvalid,
    ExportRejected,
    ModelCorrupt,
    ModelError,
    ModelMissing,
    ModelUnsupported,
    ShadowpenError,
    StateUnusable,
)
from shadowpen.daemon.storage import models as registry
from shadowpen.daemon.storage.models import ExportedGraph, InstalledModel, Manifest, Provenance
from shadowpen.exporters.checkpoints import base_adapter
from shadowpen.exporters.checkpoints.checkpoint import GgufCheckpoint, Weights, open_checkpoint
from shadowpen.exporters.checkpoints.tokenizer_conversion import write_from_folder, write_from_gguf
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.graphs.portable import export_portable
from shadowpen.exporters.graphs.replacing import put_in_place
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.recipes import trial
from shadowpen.exporters.recipes.exported_again import export_again, open_installed
from shadowpen.exporters.sources.base import CheckpointSource
from shadowpen.exporters.sources.defaults import PINS
from shadowpen.exporters.sources.files import licence


# Require acceptance of a licence before a source hands on its files.
#
# Where a pin tells the licence, that is before anything is fetched; else as soon as the source has stated it. Which
# licences want it is in `licence`.
class LicensedSource:
    """A source whose licence must be accepted first.

    `source`, whose licence the user has `accepted`, or not.
    """

    def __init__(self, source: CheckpointSource, *, accepted: bool) -> None:
        self._source, self._accepted = source, accepted
        self.locator = source.locator

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        """See `CheckpointSource`; raises LicenceNotAccepted too. What was accepted says so, and when."""
        pin = PINS.get(self.locator)
        self._check(pin.licence if pin else "")
        provenance = self._source.fetch(folder, cache, progress)
        self._check(provenance.licence)
        if not licence.wants_acceptance(provenance.licence):
            return provenance
        return msgspec.structs.replace(provenance, licence_accepted=datetime.now(UTC).isoformat(timespec="seconds"))

    def gave(self, provenance: Provenance) -> bool:
        return self._source.gave(provenance)

    def _check(self, name: str) -> None:
        if not self._accepted and licence.wants_acceptance(name):
            raise licence.not_accepted(name)


_STAGING, _REPLACED, _REMOVED = ".staging-", ".replaced-", ".removed-"
_LOCK = ".setup.lock"
# What an export raises for a precision that the model's family cannot be made in.
_NOT_IN_THIS_PRECISION = (ConfigInvalid, ExportRejected, ModelUnsupported)
_WAIT_S = 1800  # for another setup; a large model takes that long


@dataclass(frozen=True)
class Installed:
    """What `install` did: `was_there` when nothing had to be made."""

    model: InstalledModel
    was_there: bool
    seconds: float


def install(
    source: CheckpointSource,
    name: str,
    precisions: Sequence[str],
    progress: Progress,
    *,
    optional: Sequence[str] = (),
    untuned: bool = False,
    force: bool = False,
    accept_licence: bool = False,
    layout: store.Layout | None = None,
) -> Installed:
    """Have the model of `source` installed as `name` in all `precisions`, the first of them the default.

    Those that are `optional`, all but the last of them, are left out where the model's family cannot be made in them.
    The default model gets the tune on prose that Shadowpen ships, unless it is wanted `untuned`. A whole model from the
    same source is left alone, but for precisions that it lacks; a damaged one, or one tuned otherwise, is made again.
    Raises ConfigInvalid when `name` holds another model (`force` replaces it), LicenceNotAccepted for a new model whose
    terms want it (see sources.licence) without `accept_licence`, and what source and export raise.
    """
    layout = layout or store.layout()
    started = time.monotonic()
    registry.check_name(name)
    source = LicensedSource(source, accepted=accept_licence)
    found = None if force else _whole(source, name, untuned, layout, progress)
    if found and not _lacking(found, precisions):
        return Installed(found, was_there=True, seconds=time.monotonic() - started)
    store.private_directory(layout.models)
    with locked(layout, progress):
        found = None if force else _whole(source, name, untuned, layout, progress)
        lacking = _lacking(found, precisions) if found else []
        if found is None:
            wanted = [*precisions, *_exported_before(name, layout, precisions)]
            _make(source, name, wanted, progress, layout, untuned, optional)
        elif lacking:
            try:
                _add(found, lacking, progress)
            except _NOT_IN_THIS_PRECISION:
                if not set(lacking) <= set(optional):
                    raise
    return Installed(registry.resolve(name, layout), found is not None and not lacking, time.monotonic() - started)


@contextlib.contextmanager
def locked(layout: store.Layout, progress: Progress) -> Iterator[None]:
    """Nobody else changes the models meanwhile; what a killed one left is cleared away first."""
    lock = filelock.FileLock(layout.models / _LOCK)
    try:
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            progress("Waiting for another setup to finish")
            lock.acquire(timeout=_WAIT_S)
    except filelock.Timeout as error:
        raise StateUnusable(
            f"Another `shadowpen setup` has been running in {layout.models} for half an hour.",
            "Stop it, then try again.",
        ) from error
    except OSError as error:
        raise store.unusable(layout.models, error) from error
    try:
        _recover(layout.models)
        yield
    finally:
        lock.release()


def _whole(
    source: CheckpointSource, name: str, untuned: bool, layout: store.Layout, progress: Progress
) -> InstalledModel | None:
    """The model of that name, every hash checked; None where there is none, or a damaged one to make again."""
    try:
        model = registry.resolve(name, layout)
        progress(f"Checking the model '{name}'")
        model.verify()
    except ModelMissing:
        return None
    except ModelCorrupt as error:
        progress(f"{error.message} Rebuilding it")
        return None
    if not source.gave(model.manifest.source):
        raise ConfigInvalid(
            f"The name '{name}' belongs to the model from {model.manifest.source.locator}.",
            "Give the new one another --name, or replace the old one with --force.",
        )
    tune = model.manifest.base_adapter_sha256
    wanted = base_adapter.wanted_sha256(model.manifest.source.locator, untuned)
    is_users_own = bool(tune) and not wanted and not untuned  # of a model that Shadowpen ships none for
    if tune != wanted and not is_users_own:
        progress(f"The model '{name}' has a different tune than requested. Rebuilding it")
        return None
    return model


def _lacking(model: InstalledModel, precisions: Sequence[str]) -> list[str]:
    return [one for one in precisions if one not in model.manifest.precisions]


def _exported_before(name: str, layout: store.Layout, precisions: Sequence[str]) -> list[str]:
    """What else a model that is made again had been exported as."""
    try:
        there = registry.read_manifest(layout.models / name).precisions
    except ModelError:
        return []
    return [one for one in there if one not in precisions]


def _make(
    source: CheckpointSource,
    name: str,
    precisions: Sequence[str],
    progress: Progress,
    layout: store.Layout,
    untuned: bool,
    optional: Sequence[str],
) -> None:
    cache = store.private_directory(layout.cache / "downloads" / _slug(source.locator))
    for left in cache.glob(".pip-*"):
        shutil.rmtree(left, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(dir=layout.models, prefix=f"{_STAGING}{name}-"))
    try:
        provenance = source.fetch(store.private_directory(staging / "source"), cache, progress)
        if base_adapter.wanted_sha256(provenance.locator, untuned):
            base_adapter.lay_beside(staging / "source")
        exported = _possible(staging, precisions, progress, optional)
        made = [one for one in precisions if one in exported["precisions"]]
        manifest = _manifest(staging, name, provenance, exported, made[0])
        trial.ask(InstalledModel(name=name, folder=staging, manifest=manifest), made, progress)
        registry.write_manifest(staging, manifest)
        put_in_place(staging, layout.models / name, layout.models / f"{_REPLACED}{name}")
    except OSError as error:
        raise store.unusable(staging, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(cache, ignore_errors=True)


def _possible(folder: Path, precisions: Sequence[str], progress: Progress, optional: Sequence[str]) -> dict[str, Any]:
    """As `_exported`, without the optional precisions but the last where the model cannot be made in all of them."""
    try:
        return _exported(folder, precisions, progress)
    except _NOT_IN_THIS_PRECISION as error:
        fewer = [one for one in precisions if one not in optional[:-1]]
        if len(fewer) == len(precisions):
            raise
        progress(f"{error.message} Leaving out {', '.join(optional[:-1])}")
        return _exported(folder, fewer, progress)


def _exported(folder: Path, precisions: Sequence[str], progress: Progress) -> dict[str, Any]:
    """The graphs of what was fetched into `folder`; an architecture without a fused graph goes by way of optimum."""
    try:
        checkpoint = _described(folder)
    except ModelUnsupported:
        source, tokenizer = folder / "source", folder / "tokenizer.json"
        if not (source / "config.json").is_file():
            raise
        special = write_from_folder(source, tokenizer)
        made = export_portable(source, folder, precisions, progress, tokenizer)
        special = special.within(made["architecture"]["vocab"])  # type: ignore[index]
        return {**made, "bos_id": special.bos_id, "eos_ids": list(special.eos_ids), "exporter": "portable"}
    return {**export(checkpoint, folder, precisions, progress), "exporter": "fused"}


def _described(folder: Path) -> Weights:
    """The checkpoint in `folder`/source, with the special ids of the tokenizer that is written beside it."""
    checkpoint = open_checkpoint(folder / "source")
    target = folder / "tokenizer.json"
    if isinstance(checkpoint, GgufCheckpoint):
        special = write_from_gguf(checkpoint.metadata, target)
    else:
        special = write_from_folder(folder / "source", target)
    special = special.within(checkpoint.architecture.vocab)
    checkpoint.architecture = replace(checkpoint.architecture, bos_id=special.bos_id, eos_ids=special.eos_ids)
    return base_adapter.tuned(checkpoint, folder / "source")


def _manifest(
    folder: Path, name: str, provenance: Provenance, exported: dict[str, Any], default_precision: str
) -> Manifest:
    beside = [folder / "tokenizer.json", *sorted(path for path in (folder / "source").rglob("*") if path.is_file())]
    return Manifest(
        schema=registry.SCHEMA,
        name=name,
        source=provenance,
        **_typed(exported),
        exporter=exported["exporter"],
        default_precision=default_precision,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        files={path.relative_to(folder).as_posix(): store.sha256_of(path) for path in beside},
    )


def _typed(exported: dict[str, Any]) -> dict[str, Any]:
    """What `export` returned, as the fields of a Manifest."""
    return {
        "architecture": msgspec.convert(exported["architecture"], registry.Shape),
        "bos_id": exported["bos_id"],
        "eos_ids": exported["eos_ids"],
        "precisions": msgspec.convert(exported["precisions"], dict[str, ExportedGraph]),
    }


def _add(model: InstalledModel, precisions: Sequence[str], progress: Progress) -> None:
    """Further precisions of an installed model, from its own checkpoint; the manifest names them in the end."""
    manifest = model.manifest
    made = export_again(model, open_installed(model), model.folder, precisions, progress)
    extended = msgspec.structs.replace(manifest, precisions={**manifest.precisions, **_typed(made)["precisions"]})
    try:
        trial.ask(msgspec.structs.replace(model, manifest=extended), precisions, progress)
    except ShadowpenError:
        for precision in precisions:
            shutil.rmtree(model.folder / precision, ignore_errors=True)
        raise
    registry.write_manifest(model.folder, extended)


def _recover(models: Path) -> None:
    """Clear away what a killed setup left, and put back a model it had moved aside but not replaced."""
    for aside in models.glob(f"{_REPLACED}*"):
        place = models / aside.name.removeprefix(_REPLACED)
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(place)
    for prefix in (_STAGING, _REMOVED):
        for left in models.glob(f"{prefix}*"):
            shutil.rmtree(left, ignore_errors=True)


def _slug(locator: str) -> str:
    """A folder's name for the downloads of one source, readable and unique."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", locator).strip("-")[-40:] or "default"
    return f"{readable}-{hashlib.sha256(locator.encode()).hexdigest()[:8]}"
