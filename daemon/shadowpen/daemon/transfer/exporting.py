"""Export everything learned: versions with their ledgers, the journal, and what must not be learned."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.learning import runs
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal, versions
from shadowpen.daemon.storage.versions import MANIFEST, Version
from shadowpen.daemon.transfer import contents, sealed
from shadowpen.daemon.transfer.contents import ArchiveContents


def export(layout: store.Layout, target: Path, passphrase: str, *, with_journal: bool = True) -> ArchiveContents:
    """Put everything learned into the new file `target`; what is in it.

    Without the journal the versions forget which edits they learned from: those can then be forgotten with the whole
    version alone. Raises as `sealed.seal`, TrainingError while a run goes on, ModelCorrupt for a damaged version.
    """
    with runs.only_run(layout):
        known = versions.versions(layout)
        current = versions.current(layout).version
        found = ArchiveContents(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions=[version.id for version in known],
            current=current,
            base=next((version.base.name for version in known if version.id == current), ""),
            journal=with_journal,
        )
        for version in known:
            versions.check_adapter(layout, version)

        def write(stream: IO[bytes]) -> None:
            with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                _write(archive, layout, found, known)

        sealed.seal(target, passphrase, write)
    return found


def _write(archive: tarfile.TarFile, layout: store.Layout, found: ArchiveContents, known: list[Version]) -> None:
    _add(archive, contents.CONTENTS, msgspec.json.encode(found))
    for kind, folder in ((contents.FORGOTTEN, layout.forgotten), (contents.PASTED, layout.pasted)):
        for number, part in enumerate(forgotten.parts(folder)):
            for name in ("key", "prints"):
                _add(archive, f"{kind}/{number}/{name}", (part / name).read_bytes())
    if found.journal:
        lines = [msgspec.json.encode(event) + b"\n" for event in journal.events(layout.edits)]
        _add(archive, contents.EDITS, b"".join(lines))
    if layout.trigger.is_file():
        _add(archive, contents.TRIGGER, layout.trigger.read_bytes())
    for version in known:
        _add_version(archive, layout, version, with_edits=found.journal)


def _add_version(archive: tarfile.TarFile, layout: store.Layout, version: Version, *, with_edits: bool) -> None:
    sources = version.sources
    if not with_edits:  # a version whose edits are not in the journal would be withdrawn
        sources = [msgspec.structs.replace(source, edits=[]) for source in sources]
    travelling = msgspec.structs.replace(version, precisions={}, sources=sources)
    place = f"{contents.ADAPTERS}/{version.id}"
    _add(archive, f"{place}/{MANIFEST}", msgspec.json.encode(travelling))
    for path in versions.learned_files(layout, version):
        member = tarfile.TarInfo(f"{place}/{path.name}")
        member.size, member.mode = path.stat().st_size, 0o600
        with path.open("rb") as file:
            archive.addfile(member, file)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))
