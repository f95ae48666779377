"""Watch the editor's process, and end when it is gone.

Another process may have inherited the other end of the pipe. A process that cannot be seen from the beginning (an
editor in a container, or on another machine) is not watched. This file knows neither documents nor messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil

_LOOK_EVERY_S = 2.0


def watch(process_id: int | None, on_gone: Callable[[], None]) -> threading.Thread | None:
    """Call `on_gone` from a thread of its own once the process has ended; None if there is nothing to watch."""
    if process_id is None or process_id <= 0:
        return None
    try:
        process = psutil.Process(process_id)
    except (psutil.Error, OverflowError):
        return None
    thread = threading.Thread(target=_wait, args=(process, on_gone), name="shadowpen-editor", daemon=True)
    thread.start()
    return thread


def _wait(process: psutil.Process, on_gone: Callable[[], None]) -> None:
    pause = threading.Event()
    while _is_alive(process):
        pause.wait(_LOOK_EVERY_S)
    on_gone()


def _is_alive(process: psutil.Process) -> bool:
    """A process that has ended and was not waited for is gone too."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
