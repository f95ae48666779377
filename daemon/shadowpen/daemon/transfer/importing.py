"""Import an export beside what was learned here: nothing is lost or imported twice.

All of it is unpacked and checked beside the state first, so that a damaged file or a full disk changes nothing. Then
what must not be learned comes first, the journal next, and the versions last: cut short, the same import goes on.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, StateUnusable
from shadowpen.daemon.learning import runs
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.privacy.forgotten import ForgottenTexts
from shadowpen.daemon.storage import events, journal, versions
from shadowpen.daemon.storage.versions import MANIFEST, Version
from shadowpen.daemon.transfer import contents, sealed
from shadowpen.daemon.transfer.contents import ArchiveContents
from shadowpen.daemon.wire.journal_events import JournalEvent

_ROOM_BYTES = 100 << 20  # that an import leaves on the disk
_MANIFEST_BYTES = 64 << 20
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Imported:
    """What came in: `versions` maps the names there to those here, for all that were new; `edits` are journal lines.

    `left_out` learned what is forgotten here. `current` is the name here of what answered there, "" if it is left out.
    """

    contents: ArchiveContents
    versions: dict[str, str]
    left_out: tuple[str, ...]
    edits: int
    current: str


def import_(layout: store.Layout, path: Path, passphrase: str) -> Imported:
    """Add what the file `path` holds; nothing that answers changes.

    Raises as `sealed.open_sealed`, TrainingError while a run goes on, StateUnusable or ModelCorrupt for damage.
    """
    with runs.only_run(layout), _unpacked(layout, path, passphrase) as folder:
        found = _contents(folder, path)
        incoming = [_version(folder, name, path) for name in found.versions]
        for kind, place in ((contents.FORGOTTEN, layout.forgotten), (contents.PASTED, layout.pasted)):
            for part in sorted((folder / kind).glob("*")):
                forgotten.take_over(place, part)
        kept_out = forgotten.load(layout.forgotten)
        edits = journal.merge(layout.edits, _allowed(folder / contents.EDITS, kept_out))
        if (folder / contents.TRIGGER).is_file() and not layout.trigger.exists():
            store.write_atomic(layout.trigger, (folder / contents.TRIGGER).read_bytes())
        named, new, left_out = _place_versions(layout, folder, incoming, kept_out)
        return Imported(found, new, tuple(left_out), edits, named.get(found.current, ""))


# --- versions ----------------------------------------------------------------------------------------


def _place_versions(
    layout: store.Layout, folder: Path, incoming: list[Version], kept_out: ForgottenTexts
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """(the names here of all, of the new ones, which were left out)."""
    known = {(version.created, version.adapter_sha256): version.id for version in versions.versions(layout)}
    named: dict[str, str] = {}
    new: dict[str, str] = {}
    left_out: list[str] = []
    for version in incoming:
        identity = version.created, version.adapter_sha256
        if identity in known:
            named[version.id] = known[identity]
        elif saw_forgotten(version, kept_out):
            left_out.append(version.id)
        else:
            sources = [
                msgspec.structs.replace(source, version=named.get(source.version, source.version))
                for source in version.sources
            ]
            renamed = msgspec.structs.replace(version, parent=named.get(version.parent, ""), sources=sources)
            staged = folder / contents.ADAPTERS / version.id
            named[version.id] = new[version.id] = versions.adopt(layout, staged, renamed).id
    return named, new, left_out


def saw_forgotten(version: Version, kept_out: ForgottenTexts) -> bool:
    """Whether the version learned something that is forgotten here."""
    return bool(kept_out) and any(
        kept_out.knows_file(source.origin) or any(map(kept_out.knows_edit, source.edits)) for source in version.sources
    )


def _version(folder: Path, name: str, path: Path) -> Version:
    """The manifest of an unpacked version, its weights checked."""
    place = folder / contents.ADAPTERS / name
    try:
        version = msgspec.json.decode(store.read_bounded(place / MANIFEST, _MANIFEST_BYTES), type=Version)
        weights = place / versions.learned_file(version)
        if version.id == name and store.sha256_of(weights) == version.adapter_sha256:
            return msgspec.structs.replace(version, precisions={})
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise ModelCorrupt(f"The version {name} in {path} is damaged; nothing was imported.", "Export it again.")


# --- the journal -------------------------------------------------------------------------------------


def _allowed(path: Path, kept_out: ForgottenTexts) -> Iterator[JournalEvent]:
    """The events of an unpacked journal without those that were forgotten here."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            event = events.event_of(line)
            if event is not None and not kept_out.knows_edit(event.id) and not _holds(event, kept_out):
                yield event


def _holds(event: JournalEvent, kept_out: ForgottenTexts) -> bool:
    if kept_out.knows_document(getattr(event, "document", "")):
        return True
    texts = (getattr(event, name, "") for name in ("context", "suggested", "taken", "typed", "text"))
    return bool(kept_out) and any(kept_out.covers(text) for text in texts if text)


# --- unpacking ---------------------------------------------------------------------------------------


def _contents(folder: Path, path: Path) -> ArchiveContents:
    try:
        found = msgspec.json.decode(store.read_bounded(folder / contents.CONTENTS), type=ArchiveContents)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateUnusable(f"{path} is damaged; nothing was imported.", "Export it again.") from error
    if found.schema != contents.SCHEMA:
        raise StateUnusable(f"{path} was written by an incompatible version of Shadowpen.", "Update Shadowpen.")
    return found


@contextmanager
def _unpacked(layout: store.Layout, path: Path, passphrase: str) -> Iterator[Path]:
    """A folder beside the state with all members of the file; gone at the end."""
    store.private_directory(layout.data)
    for left in store.left_of_imports(layout):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=layout.data, prefix=store.UNPACKED))
    try:
        size = path.stat().st_size if path.is_file() else 0
        if shutil.disk_usage(folder).free < size + _ROOM_BYTES:
            raise StateUnusable(
                f"There is too little space on the disk: the import takes {size / 1e9:.1f} GB.",
                "Free some space and try again.",
            )
        sealed.open_sealed(path, passphrase, lambda stream: _unpack(stream, folder, path))
        yield folder
    except OSError as error:
        raise store.unusable(folder, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(stream: IO[bytes], folder: Path, path: Path) -> None:
    """Only files of the names that an export has; what is decrypted was sealed by who knows the passphrase."""
    left = contents.MOST_BYTES
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            left -= member.size
            if not member.isfile() or not contents.MEMBER.fullmatch(member.name) or left < 0:
                raise StateUnusable(
                    f"{path} contains something that no export contains; nothing was imported.", "Export it again."
                )
            place = store.private_directory((folder / member.name).parent) / Path(member.name).name
            content = archive.extractfile(member)
            assert content is not None
            with place.open("xb") as file:
                shutil.copyfileobj(content, file, _PIECE_BYTES)
            place.chmod(0o600)
    while stream.read(_PIECE_BYTES):  # to the very end: only there it is known that nothing is missing
        pass
