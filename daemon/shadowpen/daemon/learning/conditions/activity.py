"""Whether the user is typing, by the modification time of one empty file.

The daemon touches it, the trainer waits for it to grow old. Nothing else passes between the two on the way, so
neither depends on the other being alive.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable

_TOUCH_EVERY_S = 1.0
_LOOK_EVERY_S = 0.25


def activity_file(layout: store.Layout) -> Path:
    return layout.runtime / "activity"


class ActivityMark:
    """Records that the user is typing.

    The daemon's side: `touch` at every key costs a comparison, and a system call once a second.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._touched = float("-inf")

    def touch(self) -> None:
        now = self._clock()
        if now - self._touched < _TOUCH_EVERY_S:
            return
        self._touched = now
        # Where it cannot be touched training may disturb typing; typing must not fail for that.
        with contextlib.suppress(OSError, StateUnusable):
            if self._path.exists():
                os.utime(self._path)
            else:
                store.write_atomic(self._path, b"")


def idle_s(path: Path, now: Callable[[], float] = time.time) -> float:
    """Seconds since the last key; infinite if there was none yet. A clock set back counts as idle."""
    try:
        changed = path.stat().st_mtime
    except OSError:
        return float("inf")
    age = now() - changed
    return age if age >= 0 else float("inf")


class PauseWhileTyping:
    """Makes the trainer wait while the user types.

    Called often by the trainer: returns at once while nobody types, else when nobody has for `needed_idle_s`.

    `on_change` hears True when a pause begins and False when it ends; `stop` ends the waiting early.
    """

    def __init__(
        self,
        path: Path,
        needed_idle_s: float,
        on_change: Callable[[bool], None] = lambda paused: None,
        stop: Callable[[], bool] = lambda: False,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._needed_idle_s = needed_idle_s
        self._on_change = on_change
        self._stop = stop
        self._wait = wait
        self.paused_s = 0.0

    def __call__(self) -> None:
        if self._quiet():
            return
        started = time.monotonic()
        self._on_change(True)
        while not self._quiet() and not self._stop():
            self._wait(_LOOK_EVERY_S)
        self.paused_s += time.monotonic() - started
        self._on_change(False)

    def _quiet(self) -> bool:
        return self._needed_idle_s <= 0 or idle_s(self._path) >= self._needed_idle_s
