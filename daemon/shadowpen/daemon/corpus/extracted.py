"""A cache of the texts of documents, books and archives, so that each is extracted once.

One file a document in a folder for the user alone, named by a digest of the document's place, size and times, of what
reads it and of the settings that say what may be read. What holds a secret or forgotten text is not kept; what the
last whole reading did not ask for goes. Knows neither folders nor what is learned.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms
from shadowpen.daemon.formats.table import Format
from shadowpen.daemon.privacy.forgotten import ForgottenTexts
from shadowpen.daemon.privacy.redaction import find

MOST_BYTES = 256_000_000  # of all texts together
_MOST_OF_ONE = 32_000_000
_BLANK_LINE = "\n\n"
_SUFFIX = ".texts"
_DECODER = msgspec.msgpack.Decoder(list[Piece | LeftOut])

Extract = Callable[[], list[Piece | LeftOut]]


class ExtractedTexts:
    """The texts in `folder`, for one reading of all of the user's folders.

    `privacy` are the settings that say what may be read: with others, nothing that was kept before is found.
    """

    def __init__(self, folder: Path, privacy: object, forgotten: ForgottenTexts, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._forgotten, self._most_bytes = folder, forgotten, most_bytes
        self._privacy = msgspec.msgpack.encode(privacy)
        self._used: set[str] = set()
        self._bytes = sum(_size(path) for path in folder.glob(f"*{_SUFFIX}"))

    def of(
        self, path: Path, status: os.stat_result, form: Format, terms: Terms, extract: Extract
    ) -> list[Piece | LeftOut]:
        """What `extract` gives for the document at `path`, or gave when it was as `status` says."""
        name = self._name(path, status, form, terms)
        self._used.add(name)
        kept = self._kept(name)
        if kept is None:
            kept = extract()
            if self._may_be_kept(kept):
                self._keep(name, kept)
        return kept

    def keep_only_used(self) -> None:
        """Delete what nobody asked for in this reading: the document was changed, moved, excluded or forgotten."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            if path.name not in self._used:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _name(self, path: Path, status: os.stat_result, form: Format, terms: Terms) -> str:
        times = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        readers = [_version(name) for name in ("shadowpen", form.package, *form.needs) if name]
        parts = (os.fsencode(path), repr(times).encode(), form.target.encode(), repr(readers).encode())
        digest = hashlib.blake2b(digest_size=20)
        for part in (*parts, msgspec.msgpack.encode(terms), self._privacy):
            digest.update(len(part).to_bytes(8, "little") + part)
        return digest.hexdigest() + _SUFFIX

    def _kept(self, name: str) -> list[Piece | LeftOut] | None:
        try:
            kept: list[Piece | LeftOut] = _DECODER.decode(store.read_bounded(self._folder / name, _MOST_OF_ONE))
        except (OSError, ShadowpenError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        if not any(isinstance(one, Piece) and self._is_forgotten(one.text) for one in kept):
            return kept
        with contextlib.suppress(OSError):  # kept by a reading that had begun before it was forgotten
            (self._folder / name).unlink()
        return None

    def _may_be_kept(self, texts: Sequence[Piece | LeftOut]) -> bool:
        """Not what its reader did not come to the end of: what has no name is the document itself."""
        for one in texts:
            if isinstance(one, LeftOut):
                if not one.name:
                    return False
            elif find(one.text) or self._is_forgotten(one.text):
                return False
        return True

    def _is_forgotten(self, text: str) -> bool:
        return bool(self._forgotten) and any(map(self._forgotten.covers, text.split(_BLANK_LINE)))

    def _keep(self, name: str, texts: Sequence[Piece | LeftOut]) -> None:
        """That it could not be written only means to extract it again."""
        content = msgspec.msgpack.encode(texts)
        if len(content) > _MOST_OF_ONE or self._bytes + len(content) > self._most_bytes:
            return
        with contextlib.suppress(OSError, ShadowpenError):
            store.write_atomic(self._folder / name, content, durable=False)
            self._bytes += len(content)


def delete(layout: store.Layout) -> None:
    """Delete everything that is kept."""
    shutil.rmtree(folder_of(layout), ignore_errors=True)


def folder_of(layout: store.Layout) -> Path:
    return layout.cache / "texts"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return package
