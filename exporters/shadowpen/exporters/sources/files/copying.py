"""Copy or link files into a checkpoint's folder and hash them.

Knows nothing of formats or of where the files came from.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from shadowpen.daemon.base import store
from shadowpen.exporters.progress import Progress

_PIECE_BYTES = 1 << 20
_LOOK_EVERY_S = 0.2


def copy_file(source: Path, target: Path, progress: Progress, step: str) -> str:
    """Copy `source` to `target`, private to the user; returns the hex SHA-256 of what was written."""
    with source.open("rb") as file:
        return copy_stream(file, target, source.stat().st_size, progress, step)


def copy_stream(stream: IO[bytes], target: Path, size: int, progress: Progress, step: str) -> str:
    """Write `stream` to `target`; returns its hex SHA-256. StateUnusable when the disk fails."""
    return copy_pieces(pieces_of(stream), target, size, progress, step)


def pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    """What is left of the stream, a piece of sane size at a time."""
    while piece := stream.read(_PIECE_BYTES):
        yield piece


def copy_pieces(pieces: Iterable[bytes], target: Path, size: int, progress: Progress, step: str) -> str:
    """Write `pieces`, `size` bytes in all, to `target`; returns their SHA-256. StateUnusable when the disk fails."""
    digest, done = hashlib.sha256(), 0
    try:
        with target.open("xb") as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                done += len(piece)
                progress(step, done, size)
        target.chmod(0o600)
    except OSError as error:
        raise store.unusable(target, error) from error
    return digest.hexdigest()


def place(ours: Path, target: Path) -> None:
    """Let `target` be the file `ours` without another copy of its bytes, where the file system can do that."""
    try:
        try:
            os.link(ours, target)
        except OSError:
            shutil.copyfile(ours, target)
        target.chmod(0o600)
    except OSError as error:
        raise store.unusable(target, error) from error


@contextlib.contextmanager
def watched(folder: Path, total_bytes: int, progress: Progress, step: str) -> Iterator[None]:
    """While the block runs, report how much of `total_bytes` (0: unknown) others have written below `folder`."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            progress(step, _bytes_below(folder), total_bytes)

    thread = threading.Thread(target=look, name="download progress", daemon=True)
    progress(step, 0, total_bytes)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    progress(step, total_bytes, total_bytes)


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # renamed or removed since it was listed
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 (os.walk gives texts)
    return total
