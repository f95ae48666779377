"""A checkpoint on the Hugging Face hub, or a server like it: `hf:ORGANISATION/NAME[@REVISION]`.

Only safetensors and the files that describe them are fetched: no pickle, no code. Every file is compared with the size
and the hash that the hub states for the commit; a download that breaks goes on where it broke, now or in the next run.
How the hub is spoken to is for `hub_client`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, ModelUnsupported, SourceError
from shadowpen.daemon.storage.models import Provenance, combined_sha256
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources import hub_client
from shadowpen.exporters.sources.files import licence, safety
from shadowpen.exporters.sources.files.copying import place, watched
from shadowpen.exporters.sources.folder import DESCRIPTIONS, checkpoint_files

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

_LOCATOR = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*?)(?:@([A-Za-z0-9][\w./-]*))?")
_MAX_TEXT_BYTES = 256 << 20  # of a file that is no weights


class HubSource:
    """A checkpoint on the hub.

    `repository` is "ORGANISATION/NAME", with "@REVISION" where not the main branch is meant.
    """

    kind = "hf"

    def __init__(self, repository: str) -> None:
        matched = _LOCATOR.fullmatch(repository)
        if not matched or ".." in repository:
            raise ConfigInvalid(
                f"hf:{repository} is not of the form hf:ORGANISATION/NAME.", "Check the name on the hub."
            )
        self._repository, self._revision = matched.groups()
        self.locator = f"hf:{repository}"

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        hub_client.refuse_offline(self.locator)
        info = hub_client.describe(self._repository, self._revision)
        commit = str(info.sha)
        if not re.fullmatch(r"[0-9a-f]{40}", commit):
            raise SourceError(f"The hub gave no commit for {self.locator}.", "Try again later.")
        download = _Download(self._repository, commit, cache, info.siblings or [], progress)
        download.checkpoint()
        descriptions, weights = checkpoint_files(download.folder)
        for path in [*descriptions, *weights]:
            place(path, folder / path.name)
        texts = [path.read_text("utf-8", errors="replace") for path in licence.texts_in(download.folder)]
        return Provenance(
            kind=self.kind,
            locator=f"hf:{self._repository}@{commit}",
            sha256=combined_sha256({path.name: download.sha256[path.name] for path in weights}),
            licence=licence.settle(folder, _stated_licence(info), f"{hub_client.endpoint()}/{self._repository}", texts),
        )

    def gave(self, provenance: Provenance) -> bool:
        """The same repository, at the revision if one is asked for; whether the hub moved on does not show offline."""
        repository, _, commit = provenance.locator.partition("@")
        return repository == f"hf:{self._repository}" and self._revision in (None, commit)


class _Download:
    """The files of one commit, fetched into a folder of the cache that the next run finds again."""

    def __init__(
        self, repository: str, commit: str, cache: Path, siblings: Iterable[RepoSibling], progress: Progress
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._files: Mapping[str, RepoSibling] = {
            file.rfilename: file for file in siblings if safety.is_plain(file.rfilename)
        }
        self._progress = progress
        self.folder = store.private_directory(cache / "hub" / f"{repository.replace('/', '--')}@{commit[:16]}")
        self.sha256: dict[str, str] = {}

    def checkpoint(self) -> None:
        """Descriptions first, since they are small and tell what else there is; then the weights."""
        self._fetch([name for name in self._files if name in DESCRIPTIONS or licence.is_text(name)], _MAX_TEXT_BYTES)
        shards = safety.shard_names(self.folder)
        missing = [name for name in shards if name not in self._files]
        if missing:
            safety.refuse_pickles(self._files, self._repository)
            raise ModelUnsupported(
                f"{self._repository} has no {missing[0]}.", "Choose a repository that has its weights as safetensors."
            )
        self._fetch(shards, None)

    def _fetch(self, names: Iterable[str], limit_bytes: int | None) -> None:
        wanted = [self._files[name] for name in names]
        sizes = {file.rfilename: self._size(file, limit_bytes) for file in wanted}
        total = sum(sizes.values())
        safety.check_room(self.folder, total)
        with watched(self.folder, total, self._progress, f"Downloading {self._repository}"):
            for file in wanted:
                self._one(file, sizes[file.rfilename])

    def _size(self, file: RepoSibling, limit_bytes: int | None) -> int:
        if not isinstance(file.size, int) or (limit_bytes is not None and file.size > limit_bytes):
            raise SourceError(f"The hub states a size of {file.size} for {file.rfilename}.", "Do not use this model.")
        return file.size

    def _one(self, file: RepoSibling, size: int) -> None:
        """One file, whole and with its hash. What came whole but wrong is fetched once more from the beginning."""
        for afresh in (False, True):
            path = hub_client.transfer(self._repository, file.rfilename, self._commit, self.folder, afresh=afresh)
            if path is not None and path.stat().st_size == size and self._has_stated_hash(file, path):
                return
        raise ModelCorrupt(f"{file.rfilename} does not have the hash that the hub states.", "Try again later.")

    def _has_stated_hash(self, file: RepoSibling, path: Path) -> bool:
        self.sha256[path.name] = store.sha256_of(path)
        if file.lfs is not None:
            return self.sha256[path.name] == file.lfs.sha256
        return _git_hash(path) == file.blob_id


def _git_hash(path: Path) -> str:
    """What git calls the file's content; the hub's hash for what is not in its large file storage."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _stated_licence(info: ModelInfo) -> str:
    card = info.card_data.to_dict() if info.card_data else {}
    stated = card.get("license_name") or card.get("license")
    tagged = (tag.partition(":")[2] for tag in info.tags or [] if tag.startswith("license:"))
    return str(stated) if isinstance(stated, str) else next(tagged, "")
