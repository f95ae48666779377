"""Find and remove files that onnxruntime's telemetry left on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

_QUEUE = ("Microsoft", "DeveloperTools", ".onnxruntime")
_MOST_SESSION_BYTES = 4096


def _caches() -> list[Path]:
    return sorted({Path.home() / ".cache", Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")})


def leftovers() -> Iterator[tuple[Path, str]]:
    """What onnxruntime's telemetry left on this machine while it was on: path and description.

    The folder is shared by all Python programs that load onnxruntime; it holds no text of the user's.
    """
    for cache in _caches():
        folder = cache.joinpath(*_QUEUE)
        if folder.is_dir() and not folder.is_symlink():
            yield folder, "usage events that onnxruntime queued for its maker, and its device id"
    session = Path(tempfile.gettempdir(), ".ses")
    with contextlib.suppress(OSError):
        found = session.lstat()
        if (
            stat.S_ISREG(found.st_mode)
            and found.st_uid == getattr(os, "getuid", lambda: found.st_uid)()
            and found.st_size < _MOST_SESSION_BYTES
        ):
            yield session, "the session id of onnxruntime's telemetry"


def remove_leftovers() -> list[Path]:
    """Remove what `leftovers` names and the folders that are empty then; returns what went."""
    removed = []
    for path, _ in list(leftovers()):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        removed.append(path)
    for cache in _caches():
        with contextlib.suppress(OSError):
            cache.joinpath(*_QUEUE[:2]).rmdir()
            cache.joinpath(*_QUEUE[:1]).rmdir()
    return removed
