"""Turn SIGTERM, SIGINT, SIGHUP and SIGQUIT into a request to stop that wakes a blocked poll.

Signals that nobody here has a use for are passed over: left alone they would end the process without its cleaning up.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGXCPU")
_PASSED_OVER = ("SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGEMT")


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
    # By a function: unlike SIG_IGN it is not inherited by what this process starts.
    before |= {number: signal.signal(number, lambda *_: None) for number in _useless()}
    try:
        yield
    finally:
        signal.set_wakeup_fd(bell_before)
        for number, handler in before.items():
            signal.signal(number, handler)


def _useless() -> list[int]:
    named = [getattr(signal, name) for name in _PASSED_OVER if hasattr(signal, name)]
    if hasattr(signal, "SIGRTMIN"):
        named += range(signal.SIGRTMIN, signal.SIGRTMAX + 1)
    return named
