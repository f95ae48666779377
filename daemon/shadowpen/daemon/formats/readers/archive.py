"""Zip archives within limits: how many members, and how many bytes they unpack to.

A member never gives more than its head declares (`zipfile` stops there), so that the declared sizes can be trusted.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO

from shadowpen.daemon.formats.pieces import Terms, Unreadable

Source = Path | IO[bytes]
MOST_MEMBERS = 200_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Office wraps around an encrypted document
_ENCRYPTED = 0x1


def opened(source: Source) -> zipfile.ZipFile:
    """The archive; Unreadable if it is none, is encrypted, or has too many members."""
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise Unreadable(
            "encrypted, or in an old format" if _head(source) == _OLE else "damaged, or not what its name says"
        ) from error
    if len(archive.infolist()) > MOST_MEMBERS:
        raise Unreadable(f"an archive of more than {MOST_MEMBERS:,} files")
    return archive


def checked(source: Source, terms: Terms, *endings: str) -> zipfile.ZipFile:
    """An archive whose members with these endings, all that will be unpacked, are not too large together."""
    archive = opened(source)
    unpacked = sum(member.file_size for member in archive.infolist() if member.filename.lower().endswith(endings))
    if unpacked > terms.unpacked_bytes:
        raise Unreadable(f"unpacks to more than {terms.unpacked_bytes // 1_000_000} MB")
    if any(member.flag_bits & _ENCRYPTED for member in archive.infolist()):
        raise Unreadable("encrypted")
    return archive


def member(archive: zipfile.ZipFile, name: str, terms: Terms) -> bytes:
    """The content of one member; Unreadable if it is not there, damaged or too large."""
    try:
        info = archive.getinfo(name)
        if info.file_size > terms.unpacked_bytes:
            raise Unreadable(f"unpacks to more than {terms.unpacked_bytes // 1_000_000} MB")
        return archive.read(info)
    except KeyError as error:
        raise Unreadable("damaged, or not what its name says") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise Unreadable("damaged, or not what its name says") from error
    except RuntimeError as error:  # a password is needed
        raise Unreadable("encrypted") from error


def rewound(file: IO[bytes]) -> IO[bytes]:
    """`file` from its beginning, for the next one who reads it."""
    file.seek(0)
    return file


def _head(source: Source) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(len(_OLE))
    return rewound(source).read(len(_OLE))
