"""Wait for something to become true, never for time to pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

_LOOK_EVERY_S = 0.005


def wait_until(condition: Callable[[], Found], what: str = "", timeout_s: float = 20.0) -> Found:
    """Look until `condition()` is true and return it; AssertionError naming `what` after `timeout_s`."""
    until = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain for {what or condition}")
        time.sleep(_LOOK_EVERY_S)
    return found


async def until(condition: Callable[[], Found], what: str = "", timeout_s: float = 20.0) -> Found:
    """`wait_until` that lets the event loop run."""
    end = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain for {what or condition}")
        await asyncio.sleep(_LOOK_EVERY_S)
    return found
