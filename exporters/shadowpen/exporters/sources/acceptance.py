"""Require acceptance of a licence before a source hands on its files.

Where a pin tells the licence, that is before anything is fetched; else as soon as the source has stated it. Which
licences want it is in `licence`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources import licence
from shadowpen.exporters.sources.base import Source
from shadowpen.exporters.sources.defaults import PINS


class LicensedSource:
    """`source`, whose licence the user has `accepted`, or not."""

    def __init__(self, source: Source, *, accepted: bool) -> None:
        self._source, self._accepted = source, accepted
        self.locator = source.locator

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        """See `Source`; raises LicenceNotAccepted too. What was accepted says so, and when."""
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
            raise licence.not_accepted(name, self.locator)
