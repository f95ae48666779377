"""The interface of a reader of a format: what it is given, and what it returns.

A reader is a function `read(path, terms)` that yields `Piece` and `LeftOut`. It may read for as long and as much as it
likes: what runs it ends it at its limits. This file knows no format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """One text. `name` is its place below the file, "" where the file is one text.

    `suffix` says how it is marked up (".md", ".txt", ".fountain"), `date` (ISO 8601, or "") when it was written.
    """

    text: str
    name: str = ""
    suffix: str = ".md"
    date: str = ""


class LeftOut(msgspec.Struct, frozen=True, tag="left out"):
    """Something that is not read, and why: a few words for the report. `name` as that of a Piece."""

    reason: str
    name: str = ""


class Terms(msgspec.Struct, frozen=True):
    """Limits that a reader keeps to, and whose mail counts. Readers may give less; more is cut off by who asks."""

    own_addresses: tuple[str, ...] = ()
    pages: int = 1_000
    texts: int = 20_000
    characters: int = 2_000_000  # of one text
    unpacked_bytes: int = 64_000_000  # of one document's parts, and of one member of an archive


class Unreadable(Exception):
    """The file cannot be read: a few words for the report, "encrypted"."""


Read = Callable[[Path, Terms], Iterable[Piece | LeftOut]]
