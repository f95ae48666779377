"""The user's pause and manual mode: whether ghost text may appear automatically.

One state for all editors and the terminal, kept in a small file, so that it outlives the daemon. A pause ends by the
wall clock, which goes on while the machine sleeps. Whoever asks by a key is answered all the same, which is the
asker's matter. This file knows no text and no request for any.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from shadowpen.daemon.base import power
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.base.store import read_bounded, write_atomic
from shadowpen.daemon.wire.protocol import Attend, PauseWish
from shadowpen.daemon.wire.reports import AttentionState

_FORMAT = 1
_MORNING = time_of_day(5)
_LAST_S = datetime(9999, 1, 1).timestamp()  # no later moment can be shown
_BATTERY_KNOWN_S = 10.0  # the system is asked no more often


@dataclass(frozen=True)
class _State:
    """`until` is in epoch seconds, None: until resumed. `manual_only` None: as the settings say."""

    paused: bool = False
    until: float | None = None
    manual_only: bool | None = None


class Attention:
    """The user's pause and manual mode.

    `path` is where the state is kept, None: nowhere; `manual_only` what holds until the author says otherwise.

    Changed by one thread and read by any.
    """

    def __init__(
        self, path: Path | None = None, *, manual_only: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._path, self._manual_only, self._clock = path, manual_only, clock
        self._state = _read(path) if path is not None else _State()
        self._battery, self._battery_asked_s = False, -math.inf

    def change(self, wish: Attend) -> None:
        """Carry out what `wish` names. It holds at once; StateUnusable when it cannot be kept for the next start."""
        state = self._state
        if wish.pause is not None:
            until = self._end(wish.pause)
            state = replace(state, paused=until is None or until > self._clock(), until=until)
        if wish.manual is not None:
            state = replace(state, manual_only=wish.manual)
        self._state = state
        if self._path is not None:
            kept = {"format": _FORMAT, "paused": state.paused, "until": state.until, "manual_only": state.manual_only}
            write_atomic(self._path, json.dumps(kept).encode(), durable=False)

    def report(self) -> AttentionState:
        """The state as it is now."""
        paused = self.is_paused
        until = self._state.until if paused else None
        return AttentionState(paused=paused, paused_until=until, manual_only=self.is_manual_only)

    @property
    def is_paused(self) -> bool:
        state = self._state
        return state.paused and (state.until is None or self._clock() < state.until)

    @property
    def is_manual_only(self) -> bool:
        own = self._state.manual_only
        return self._manual_only if own is None else own

    def left_s(self) -> float | None:
        """Seconds until a pause ends by itself, 0 when it has and nobody `noticed_end`; None while none will."""
        state = self._state
        return max(0.0, state.until - self._clock()) if state.paused and state.until is not None else None

    def noticed_end(self) -> bool:
        """Whether a pause has run out since this was asked last."""
        if self.left_s() != 0.0:
            return False
        self._state = replace(self._state, paused=False, until=None)
        return True

    def why_silent(self, *, on_battery: bool) -> str:
        """Why nothing comes by itself, "" when it may; `on_battery`: whether it may there."""
        if self.is_paused:
            return "paused"
        if self.is_manual_only:
            return "manual_only"
        return "on_battery" if not on_battery and self._is_on_battery() else ""

    def _is_on_battery(self) -> bool:
        now_s = self._clock()
        if not 0 <= now_s - self._battery_asked_s < _BATTERY_KNOWN_S:
            self._battery, self._battery_asked_s = power.on_battery(), now_s
        return self._battery

    def _end(self, wish: PauseWish) -> float | None:
        if wish == "on":
            return None
        now_s = self._clock()
        return tomorrow(now_s) if wish == "tomorrow" else now_s + 60 * float(wish)


def tomorrow(now_s: float) -> float:
    """Five in the morning of the next day here, in epoch seconds: at midnight some still write."""
    return datetime.combine(date.fromtimestamp(now_s) + timedelta(days=1), _MORNING).timestamp()


def _read(path: Path) -> _State:
    """The state as it was kept; nothing is paused where that cannot be read."""
    try:
        kept = json.loads(read_bounded(path))
        until, manual_only = kept["until"], kept["manual_only"]
        sound = (
            kept["format"] == _FORMAT
            and isinstance(kept["paused"], bool)
            and (until is None or (isinstance(until, int | float) and 0 <= until <= _LAST_S))
            and manual_only in (True, False, None)
        )
    except FileNotFoundError:
        return _State()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        LOGGER.warning("the saved state of pause and manual mode is invalid; nothing is paused")
        return _State()
    return _State(kept["paused"], until, manual_only)
