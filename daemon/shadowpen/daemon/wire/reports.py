"""What the daemon says of itself: the state that goes with every published event.

Every field has a default, so that what an older daemon does not say, and what a newer one adds, is no error. Knows
neither requests nor sockets.
"""

from __future__ import annotations

import msgspec

from shadowpen.daemon.base.errors import ShadowpenError, from_code


class ErrorDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An error in words; `code` names a class of daemon.base.errors."""

    code: str = ""
    message: str = ""
    hint: str = ""

    @classmethod
    def of(cls, error: ShadowpenError) -> ErrorDetails:
        return cls(code=error.code, message=error.message, hint=error.hint)

    def error(self) -> ShadowpenError:
        return from_code(self.code, self.message, self.hint)


class AttentionState(msgspec.Struct, frozen=True, kw_only=True):
    """The user's pause and manual mode; `paused_until` in epoch seconds, None: until told otherwise."""

    paused: bool = False
    paused_until: float | None = None
    manual_only: bool = False


class TrainingNews(msgspec.Struct, frozen=True, kw_only=True):
    """How a training run stands: `state` as in daemon.learning.status, `done` of `total` in its phase."""

    state: str = ""
    phase: str = ""
    done: float = 0.0
    total: float = 0.0
    version: str = ""
    message: str = ""


class ModelState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`state` is loading, ready, unloaded or failed, or "" where nothing is said; `model` or `error` goes with it."""

    state: str = ""
    model: str = ""
    error: ErrorDetails | None = None


class DaemonState(ModelState, frozen=True, omit_defaults=True, kw_only=True):
    """The state that goes with a published event; None where nothing is said. `version` is the daemon's own.

    `alarms` are sentences for the user, with an event of the kind "alarm" alone.
    """

    attention: AttentionState | None = None
    training: TrainingNews | None = None
    version: str = ""
    alarms: list[str] = []
