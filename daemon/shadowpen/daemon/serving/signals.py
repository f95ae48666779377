"""SIGTERM, SIGINT and SIGHUP as a request to end, that also wakes a thread blocked in a poll."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP")


@contextlib.contextmanager
def calling(stop: Callable[[int], None], bell: int) -> Iterator[None]:
    """Call `stop(number)` at a signal and write a byte to the descriptor `bell`, for the block.

    Outside the main thread, where Python handles no signals, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    bell_before = signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda caught, _: stop(caught)) for number in numbers}
    try:
        yield
    finally:
        signal.set_wakeup_fd(bell_before)
        for number, handler in before.items():
            signal.signal(number, handler)
