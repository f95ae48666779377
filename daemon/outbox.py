"""What other threads want sent, and the bell that wakes the wire thread for it.

The bell is a socket pair, since a ZeroMQ socket may be touched by one thread only and a signal handler can ring
nothing else. Any thread may put and ring; the wire thread polls `descriptor`, calms it and takes.
"""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from collections.abc import Iterator

from shadowpen.daemon.protocol import Event, Reply

Outgoing = tuple[bytes, Reply] | Event


class Outbox:
    def __init__(self) -> None:
        self._waiting: deque[Outgoing] = deque()
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
        self._waiting.append((client, reply))
        self.ring()

    def announce(self, event: Event) -> None:
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
        """Everything that waits, in order."""
        while self._waiting:
            yield self._waiting.popleft()

    def close(self) -> None:
        self._bell.close()
        self._ear.close()
