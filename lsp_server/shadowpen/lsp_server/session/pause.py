"""The pause and manual mode, which the daemon keeps for all editors.

What is ordered here holds at once in this editor, whether a daemon can be told or not; what a daemon says holds as soon
as it has been told everything. A pause ends by the wall clock. This file knows neither the editor nor the daemon.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import date, datetime

from shadowpen.daemon.showing.silence.attention import tomorrow
from shadowpen.daemon.wire.protocol import AttentionReport, PauseWish
from shadowpen.daemon.wire.reports import AttentionState

_LONGEST_TIMER_S = 60.0  # timers stand still while the machine sleeps
MANUAL = "Ghost text waits for its key."


class Pause:
    """The pause and the manual mode, as the daemon keeps them.

    `on_change` is called when something of it may have changed; `clock` gives epoch seconds.

    `until` is the pause's end, None without one. `untold` names what of it ("pause", "manual") no daemon was told yet.
    """

    def __init__(self, on_change: Callable[[], None], clock: Callable[[], float] = time.time) -> None:
        self._on_change, self._clock = on_change, clock
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self.until: float | None = None
        self.manual = False
        self.untold: frozenset[str] = frozenset()

    @property
    def active(self) -> bool:
        return self._paused and (self.until is None or self._clock() < self.until)

    @property
    def sentence(self) -> str:
        """What the author is told of a pause; "" without one."""
        if not self.active:
            return ""
        return "Suggestions are paused." if self.until is None else f"Suggestions are paused until {self._end()}."

    def silences(self, *, explicit: bool) -> bool:
        """Whether nothing is to be asked; who presses a key for it gets text always."""
        return not explicit and (self.active or self.manual)

    def order(self, pause: PauseWish | None = None, manual: bool | None = None) -> None:
        """The author's word, as protocol.Attend says it."""
        if pause is not None:
            self._paused, self.until = pause == "on" or pause == "tomorrow" or pause > 0, self._until(pause)
            self.untold |= {"pause"}
        if manual is not None:
            self.manual = manual
            self.untold |= {"manual"}
        self._changed()

    def wish(self) -> tuple[PauseWish | None, bool | None]:
        """What is `untold`, in the words of protocol.Attend."""
        pause: PauseWish | None = None
        if "pause" in self.untold:
            left_s = 0.0 if self.until is None else self.until - self._clock()
            pause = "on" if self.active and self.until is None else max(0.0, left_s / 60) if self.active else 0
        return pause, self.manual if "manual" in self.untold else None

    def heed(self, told: AttentionState | AttentionReport | None) -> None:
        """The daemon's word; None, said nothing, changes nothing.

        Not heard while there is something that the daemon does not know.
        """
        if self.untold or told is None:
            return
        self._paused, self.until, self.manual = told.paused, told.paused_until, told.manual_only
        self._changed()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _until(self, pause: PauseWish) -> float | None:
        if pause == "tomorrow":
            return tomorrow(self._clock())
        return None if pause == "on" or pause == 0 else self._clock() + 60 * float(pause)

    def _changed(self) -> None:
        """Tell of it, and look again when the pause should be over."""
        self.close()
        if not self.active:
            self._paused, self.until = False, None
        elif self.until is not None:
            wait_s = min(_LONGEST_TIMER_S, max(0.0, self.until - self._clock()))
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._changed)
        self._on_change()

    def _end(self) -> str:
        """Format a time, with the day unless that is today."""
        assert self.until is not None
        then = datetime.fromtimestamp(self.until)
        return then.strftime("%H:%M" if then.date() == date.fromtimestamp(self._clock()) else "%A, %H:%M")
