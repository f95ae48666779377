"""Advisory lock for one daemon per user, released when its holder exits.

The lock is the kernel's (flock, or LockFileEx on Windows), so a file left by a crash never blocks anyone.
The id lies in a file beside it, since a lock file must not be written by those who only try it.
Knows nothing of sockets.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonRunning

_LOOK_EVERY_S = 0.02
_PID_BYTES = 64


@contextlib.contextmanager
def single_instance(
    layout: store.Layout, wait_s: float = 0.0, hopeless: Callable[[int], bool] = lambda pid: False
) -> Iterator[None]:
    """Hold the lock for the block; DaemonRunning when another holds it.

    A holder that is ending is waited for, up to `wait_s`, unless `hopeless(its pid)` says that it is here to stay.
    """
    store.private_directory(layout.data)
    store.private_directory(layout.lock.parent)
    lock = filelock.FileLock(layout.lock, mode=0o600, thread_local=False)
    until = time.monotonic() + wait_s
    while not _acquired(lock, layout):
        if time.monotonic() >= until or hopeless(_written_pid(layout)):
            raise _running(layout)
        time.sleep(_LOOK_EVERY_S)
    try:
        store.write_atomic(pid_file(layout), f"{os.getpid()}\n".encode(), durable=False)
        yield
    finally:
        pid_file(layout).unlink(missing_ok=True)
        lock.release()


def pid_file(layout: store.Layout) -> Path:
    """Where the holder's process id is written."""
    return layout.lock.with_suffix(".pid")


def holder(layout: store.Layout) -> int | None:
    """The process id of the daemon that holds the lock, 0 while it has not written it, None when nobody does."""
    if not layout.lock.exists():
        return None
    lock = filelock.FileLock(layout.lock, mode=0o600, thread_local=False)
    if not _acquired(lock, layout):
        return _written_pid(layout)
    lock.release()
    return None


def _acquired(lock: filelock.BaseFileLock, layout: store.Layout) -> bool:
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return False
    except OSError as error:
        raise store.unusable(layout.lock, error) from error
    return True


def _written_pid(layout: store.Layout) -> int:
    try:
        written = int(store.read_bounded(pid_file(layout), _PID_BYTES))
    except (OSError, ValueError):
        return 0
    return written if 0 < written < 1 << 31 else 0


def _running(layout: store.Layout) -> DaemonRunning:
    pid = _written_pid(layout)
    who = f" (process {pid})" if pid else ""
    return DaemonRunning(
        f"A daemon is already running{who}.", "One daemon serves every editor; stop it with `shadowpen stop`."
    )
