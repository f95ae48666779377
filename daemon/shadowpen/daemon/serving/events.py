"""Publisher of the daemon's events.

Every event carries the daemon's present state (`state`, and what goes with it), so that a client that comes late
or misses one is right again with the next; a new subscriber makes a "state" event. Knows no requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import zmq

from shadowpen.daemon.wire.protocol import Event, encode
from shadowpen.daemon.wire.reports import DaemonState

_READ_AT_ONCE = 100  # then others have their turn
STATE = "state"
MODEL_LOADED = "model_loaded"
MODEL_SWAPPED = "model_swapped"
MODEL_UNLOADED = "model_unloaded"
MODEL_FAILED = "model_failed"
ATTENTION = "attention"
STOPPING = "stopping"


class Publisher:
    """Publishes on an XPUB socket (libzmq's or local_socket's), from the one thread that polls it.

    `state` is what every event carries.
    """

    def __init__(self, socket: Any, state: Callable[[], DaemonState]) -> None:
        self._socket, self._state = socket, state

    def publish(self, event: Event) -> None:
        """Send `event` with the state; a subscriber that does not read misses it."""
        state, news = self._state(), event.data
        error = news.error or state.error
        data = msgspec.structs.replace(state, error=error, training=news.training, alarms=news.alarms)
        self._socket.send(encode(Event(kind=event.kind, data=data)), zmq.NOBLOCK)

    def greet_subscribers(self) -> None:
        """Read what the subscribers said; tell the newly come where things stand."""
        subscribed = False
        for _ in range(_READ_AT_ONCE):
            if not self._socket.poll(0):
                break
            subscribed |= self._socket.recv().startswith(b"\1")
        if subscribed:
            self.publish(Event(kind=STATE))
