"""A checkpoint in a local folder in Hugging Face's layout.

The files are copied, so that the model stays whole when the folder changes. A folder that holds one GGUF file instead
is the business of `gguf`. Opens no weights beyond checking that they are what they claim to be.
"""

from __future__ import annotations

import functools
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelMissing, ModelUnsupported
from shadowpen.daemon.storage.models import Provenance, combined_sha256
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.files import licence, safety
from shadowpen.exporters.sources.files.copying import copy_file
from shadowpen.exporters.sources.gguf import GgufSource

DESCRIPTIONS = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    safety.INDEX,
)
_NEEDED = ("config.json", "tokenizer.json")


class FolderSource:
    """A checkpoint in the folder `path`."""

    kind = "folder"

    def __init__(self, path: str) -> None:
        self._path = store.expanded(path).absolute()
        self.locator = str(self._path)

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        found = self._gguf()
        if found:
            return GgufSource(str(found)).fetch(folder, cache, progress)
        descriptions, weights = checkpoint_files(self._path)
        safety.check_room(folder, sum(path.stat().st_size for path in [*weights, *descriptions]))
        for path in descriptions:
            copy_file(path, folder / path.name, progress, "Copying the checkpoint")
        step = "Copying the checkpoint"
        hashes = {path.name: copy_file(path, folder / path.name, progress, step) for path in weights}
        return Provenance(
            kind=self.kind, locator=self.locator, sha256=combined_sha256(hashes), licence=self._settle_licence(folder)
        )

    def gave(self, provenance: Provenance) -> bool:
        """The same place with the same weights: a folder may have been written to since."""
        found = self._gguf()
        if found:
            return GgufSource(str(found)).gave(provenance)
        return provenance.locator == self.locator and provenance.sha256 == self._sha256

    @functools.cached_property
    def _sha256(self) -> str:
        return combined_sha256({path.name: store.sha256_of(path) for path in checkpoint_files(self._path)[1]})

    def _gguf(self) -> Path | None:
        """The one GGUF file of a folder that is no safetensors checkpoint."""
        if (self._path / "config.json").exists() or not self._path.is_dir():
            return None
        files = sorted(self._path.glob("*.gguf"))
        if len(files) > 1:
            raise ModelUnsupported(f"{self._path} holds {len(files)} GGUF files.", f"Choose one: {files[0]}")
        return files[0] if files else None

    def _settle_licence(self, folder: Path) -> str:
        stated = licence.front_matter_licence(self._path / "README.md")
        texts = [path.read_text("utf-8", errors="replace") for path in licence.texts_in(self._path)]
        return licence.settle(folder, stated, self.locator, texts)


def checkpoint_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The descriptions and the weights of the checkpoint in `folder`; the weights are whole safetensors.

    Raises ModelMissing for what lacks, ModelUnsupported for pickles, ModelCorrupt for damage and paths that lead out.
    """
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    shards = safety.shard_names(folder)
    if not names.issuperset(shards):
        safety.refuse_pickles(names, str(folder))
    for name in (*_NEEDED, *shards):
        if name not in names:
            raise ModelMissing(
                f"{folder} is an incomplete checkpoint: {name} is missing.",
                "A checkpoint is a folder with config.json, tokenizer.json and model.safetensors, or a .gguf file.",
            )
    for name in shards:
        safety.check_weights(folder / name)
    descriptions = [folder / name for name in DESCRIPTIONS if name in names]
    return descriptions, [folder / name for name in shards]
