"""Silence on the user's word, for some minutes or until further notice.

This file knows neither the editor nor the daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pause:
    """Whether suggestions are paused; `on_change` hears the sentence for it, "" when they go on."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._timer: asyncio.TimerHandle | None = None
        self.active = False

    def set(self, minutes: float | None) -> None:
        """Pause for `minutes`; without a number pause, or go on if paused; 0 goes on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.active = not self.active if minutes is None else minutes > 0
        if self.active and minutes:
            self._timer = asyncio.get_running_loop().call_later(minutes * 60, self.set, 0)
        length = f" for {minutes:g} minutes" if minutes else ""
        self._on_change(f"Suggestions are paused{length}." if self.active else "")
