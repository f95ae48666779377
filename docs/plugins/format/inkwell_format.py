"""Subtitles (.srt) as a text to learn from: a reader yields the pieces of a file.

It runs in a process of its own, within the limits of time and size that Shadowpen sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from shadowpen.daemon.formats.pieces import Piece, Terms, Unreadable

_NUMBER_OR_TIME = re.compile(r"\d+|\d\d:\d\d:\d\d,\d{3} --> .*")


def read(path: Path, terms: Terms) -> Iterator[Piece]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8") from error
    spoken = (line.strip() for line in lines if not _NUMBER_OR_TIME.fullmatch(line.strip()))
    yield Piece(" ".join(filter(None, spoken)), suffix=".txt")
