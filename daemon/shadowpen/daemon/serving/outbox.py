"""Queue of messages from other threads, with a bell that wakes the wire thread.

The bell is a socket pair, since a ZeroMQ socket may be touched by one thread only and a signal handler can ring
nothing else. Any thread may put and ring; the wire thread polls `descriptor`, calms it and takes. A Partial holds the
whole text so far, so a newer one takes the place of one that still waits: however fast a model streams, the wire
thread never has more than one to send for a request, and goes on reading.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from shadowpen.daemon.wire.protocol import Event, Partial, Reply

Outgoing = tuple[bytes, Reply] | Event


class Outbox:
    """Messages of other threads, sent by the thread that owns the sockets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Outgoing] = []
        self._partials: dict[tuple[bytes, str], int] = {}  # where in `_waiting` the partial of a request is
        self._bell, self._ear = socket.socketpair()
        for end in (self._bell, self._ear):
            end.setblocking(False)

    @property
    def descriptor(self) -> int:
        """Readable once rung."""
        return self._ear.fileno()

    @property
    def bell(self) -> int:
        """A byte written here rings; for signal.set_wakeup_fd."""
        return self._bell.fileno()

    def post(self, client: bytes, reply: Reply) -> None:
        with self._lock:
            if isinstance(reply, Partial):
                self._post_partial(client, reply)
            else:
                self._waiting.append((client, reply))
        self.ring()

    def _post_partial(self, client: bytes, partial: Partial) -> None:
        place = self._partials.get((client, partial.id))
        if place is None:
            self._partials[client, partial.id] = len(self._waiting)
            self._waiting.append((client, partial))
        else:
            self._waiting[place] = (client, partial)

    def announce(self, event: Event) -> None:
        with self._lock:
            self._waiting.append(event)
        self.ring()

    def ring(self) -> None:
        # Full: it has been rung already. Closed: nobody is there to wake.
        with contextlib.suppress(OSError):
            self._bell.send(b"\0")

    def calm(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._ear.recv(4096):
                pass

    def take(self) -> Iterator[Outgoing]:
        """What waits now, in order. What is put meanwhile rings again: the wire thread reads before it sends that."""
        with self._lock:
            waiting, self._waiting, self._partials = self._waiting, [], {}
        return iter(waiting)

    def close(self) -> None:
        self._bell.close()
        self._ear.close()
