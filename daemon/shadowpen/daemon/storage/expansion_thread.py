"""The last expansion of the command line, stored for `shadowpen expand --continue`.

One file for the user alone, of one expansion. It goes when the paragraph is taken, with the next expansion, and after
an hour: whoever reads it looks, and so does the daemon. Knows neither commands nor models.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.wire.protocol import Sampling, Turn

_LASTS_S = 3600.0


class StoredThread(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, and the paragraph that was printed of it. `at_s` is in seconds since 1970."""

    notes: str
    text: str
    at_s: float
    free: bool = False
    max_words: int = 160
    candidates: int | None = None
    seed: int = 0
    sampling: Sampling = Sampling()
    turns: list[Turn] = []


def read(layout: store.Layout) -> StoredThread | None:
    """The thread that can be gone on with; None where there is none, or no more."""
    try:
        thread = msgspec.json.decode(store.read_bounded(_path(layout)), type=StoredThread)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not 0 <= time.time() - thread.at_s < _LASTS_S:
        delete(layout)
        return None
    return thread


def write(layout: store.Layout, thread: StoredThread) -> None:
    """Keep `thread` in the place of the one before; StateUnusable where that cannot be."""
    store.write_atomic(_path(layout), msgspec.json.encode(thread), durable=False)


def delete(layout: store.Layout) -> None:
    with contextlib.suppress(OSError):
        _path(layout).unlink()


def expire(layout: store.Layout) -> None:
    """Delete what is older than an hour, whatever is in it."""
    with contextlib.suppress(OSError):
        if not 0 <= time.time() - _path(layout).stat().st_mtime < _LASTS_S:
            delete(layout)


def _path(layout: store.Layout) -> Path:
    return layout.runtime / "expansion.json"
