"""The one condition that everything a test of an editor may wait for notifies; nothing polls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

WAIT_S = 20.0


class Happenings:
    """What is drawn and what arrives, as one condition."""

    def __init__(self) -> None:
        self.changed = threading.Condition()

    def wait(self, ready: Callable[[], Any], what: str, show: Callable[[], str] = str) -> Any:
        """The first true value of `ready`, looked at after each change; AssertionError after WAIT_S."""
        with self.changed:
            value = self.changed.wait_for(ready, WAIT_S)
        assert value, f"waited in vain for {what}\n{show()}"
        return value
