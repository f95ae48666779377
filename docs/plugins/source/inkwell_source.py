"""A source of models: `shadowpen setup zip:PATH` takes a checkpoint out of a zip archive.

A source is made from what stands behind its scheme (`shadowpen.exporters.sources.base.CheckpointSource`). This one
unpacks plain files only and leaves their checks to the source of folders.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import msgspec

from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.files.safety import check_room
from shadowpen.exporters.sources.folder import FolderSource

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


class ZipSource:
    def __init__(self, path: str) -> None:
        self._path = Path(path).expanduser().absolute()
        self.locator = f"zip:{self._path}"

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        if not self._path.is_file():
            raise ModelMissing(f"There is no archive at {self._path}.", "Check the path.")
        with tempfile.TemporaryDirectory(dir=cache) as unpacked:
            self._unpack(Path(unpacked), progress)
            found = FolderSource(unpacked).fetch(folder, cache, progress)
        return msgspec.structs.replace(found, kind="zip", locator=self.locator)

    def gave(self, provenance: Provenance) -> bool:
        return provenance.locator == self.locator

    def _unpack(self, folder: Path, progress: Progress) -> None:
        progress("Unpacking the archive")
        try:
            with zipfile.ZipFile(self._path) as archive:
                members = [one for one in archive.infolist() if _PLAIN.fullmatch(one.filename)]
                check_room(folder, sum(one.file_size for one in members))
                for member in members:
                    with archive.open(member) as packed, (folder / member.filename).open("wb") as plain:
                        shutil.copyfileobj(packed, plain)
        except zipfile.BadZipFile as error:
            raise ModelCorrupt(f"{self._path} is no zip archive.", "Pack the folder again.") from error
