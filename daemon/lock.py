"""One daemon a user: an advisory lock that dies with its holder, and the holder's process id for messages.

The lock is the kernel's (flock, or LockFileEx on Windows), so a file left by a crash never blocks anyone.
The id lies in a file beside it, since a lock file must not be written by those who only try it.
Knows nothing of sockets.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import filelock

from shadowpen.daemon import store
from shadowpen.daemon.errors import DaemonRunning


@contextlib.contextmanager
def single_instance(layout: store.Layout, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock for the block; DaemonRunning when another holds it for longer than `wait_s`."""
    store.private_directory(layout.lock.parent)
    lock = filelock.FileLock(layout.lock, mode=0o600, thread_local=False, poll_interval=0.02)
    try:
        lock.acquire(timeout=wait_s)
    except filelock.Timeout:
        raise _running(layout) from None
    except OSError as error:
        raise store.unusable(layout.lock, error) from error
    try:
        store.write_atomic(pid_file(layout), f"{os.getpid()}\n".encode())
        yield
    finally:
        pid_file(layout).unlink(missing_ok=True)
        lock.release()


def pid_file(layout: store.Layout) -> Path:
    """Where the holder's process id is written."""
    return layout.lock.with_suffix(".pid")


def holder(layout: store.Layout) -> int | None:
    """The process id of the daemon that holds the lock, 0 while it has not written it, None when nobody does."""
    lock = filelock.FileLock(layout.lock, mode=0o600, thread_local=False)
    if not layout.lock.exists():
        return None
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return _written_pid(layout)
    except OSError as error:
        raise store.unusable(layout.lock, error) from error
    lock.release()
    return None


def _written_pid(layout: store.Layout) -> int:
    try:
        return int(pid_file(layout).read_text())
    except (OSError, ValueError):
        return 0


def _running(layout: store.Layout) -> DaemonRunning:
    pid = _written_pid(layout)
    who = f" (process {pid})" if pid else ""
    return DaemonRunning(f"A daemon is running already{who}.", "One serves every editor; `shadowpen stop` ends it.")
