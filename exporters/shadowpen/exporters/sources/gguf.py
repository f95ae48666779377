"""A checkpoint in one local GGUF file, copied after its structure was checked."""

from __future__ import annotations

import functools
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelMissing, ModelUnsupported
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.files import licence, safety
from shadowpen.exporters.sources.files.copying import copy_file
from shadowpen.exporters.sources.files.gguf_reader import check_gguf

FILE = "model.gguf"


class GgufSource:
    """A checkpoint in the GGUF file `path`."""

    kind = "gguf"

    def __init__(self, path: str) -> None:
        self._path = store.expanded(path).absolute()
        self.locator = str(self._path)

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        texts = check_gguf(self._checked_path())
        safety.check_room(folder, self._path.stat().st_size)
        sha256 = copy_file(self._path, folder / FILE, progress, "Copying the checkpoint")
        stated = texts.get("general.license", "")
        written = [path.read_text("utf-8", errors="replace") for path in licence.texts_in(self._path.parent)]
        name = licence.settle(folder, stated, self.locator, written)
        return Provenance(kind=self.kind, locator=self.locator, sha256=sha256, licence=name)

    def gave(self, provenance: Provenance) -> bool:
        """The same place with the same content."""
        return provenance.locator == self.locator and provenance.sha256 == self._sha256

    @functools.cached_property
    def _sha256(self) -> str:
        return store.sha256_of(self._checked_path())

    def _checked_path(self) -> Path:
        if not self._path.is_file():
            raise ModelMissing(f"There is no file {self._path}.", "Check the path.")
        safety.refuse_pickles([self._path.name], str(self._path.parent))
        if self._path.suffix != ".gguf":
            raise ModelUnsupported(
                f"{self._path.name} is not a GGUF file.",
                "Give a .gguf file, or the folder of a safetensors checkpoint.",
            )
        return self._path
