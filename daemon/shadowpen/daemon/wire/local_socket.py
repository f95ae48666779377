"""A Unix socket that ZeroMQ's clients connect to, with limits on connections and bytes.

libzmq's own listener bounds a frame, but neither the frames of a message nor the connections, and ends the process when
it runs out of descriptors. Here a client that goes beyond a bound is cut off, and nobody else notices; what clients
send is received by turns, a message of each, so that whoever sends thousands waits for himself. Offers what the
daemon uses of a ROUTER (`Router`) and of an XPUB (`Events`), from the one thread that polls `fileno()`. Knows bytes, no
message.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import zmq

from shadowpen.daemon.wire import zmtp

_READ_BYTES = 32 * 1024  # of a client, then others have their turn
_ACCEPTED_AT_ONCE = 64
_TAKEN_AT_ONCE = 8  # messages, then who else has sent some is looked at
_BACKLOG = 128
_MOST_QUEUED = 1000  # messages, to a client that does not read
_MOST_QUEUED_BYTES = 32 << 20
_MOST_HELD_BYTES = 64 << 20  # of messages that are not whole yet, from all clients together
_TOPICS = 16
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class _LocalPeer:
    """One connection, and what waits to be sent on it."""

    def __init__(self, connection: socket.socket, reader: zmtp.FrameReader) -> None:
        self.connection, self.reader = connection, reader
        self.id = b"\0" + os.urandom(7)
        self.topics: set[bytes] = set()
        self.queue: deque[bytes] = deque()
        self.queued_bytes = 0
        self.arrived: deque[list[bytes]] = deque()

    @property
    def is_full(self) -> bool:
        return len(self.queue) >= _MOST_QUEUED or self.queued_bytes >= _MOST_QUEUED_BYTES


class _LocalSocket:
    """`most` connections are served; one more costs the oldest that has not said what it is, else is refused.

    `on_departure` is called when one has ended, by whoever does something here.
    """

    kind = b""
    kinds: frozenset[bytes] = frozenset()

    def __init__(self, path: Path, most: int, on_departure: Callable[[], None] = lambda: None) -> None:
        self._most, self._on_departure = most, on_departure
        self._peers: dict[bytes, _LocalPeer] = {}
        self._senders: deque[_LocalPeer] = deque()  # of whom something has arrived, in turn
        self._taken = 0  # since the connections were looked at
        self._spare = os.open(os.devnull, os.O_RDONLY)  # given away to refuse a connection when there is no other
        self._selector = selectors.DefaultSelector()
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listening.setblocking(False)
            self._listening.bind(str(path))
            self._listening.listen(_BACKLOG)
            self._selector.register(self._listening, selectors.EVENT_READ)
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """Readable when there is something to do: call `poll`, or receive."""
        return self._selector.fileno()

    @property
    def closed(self) -> bool:
        return self._listening.fileno() < 0

    def poll(self, timeout_ms: float = 0) -> bool:
        """Whether something can be received, after at most `timeout_ms`."""
        until = time.monotonic() + timeout_ms / 1000
        while not self._senders:
            left_s = until - time.monotonic()
            self._turn(max(0.0, left_s))
            if left_s <= 0:
                break
        return bool(self._senders)

    def close(self, linger_s: float = 0.0) -> None:
        """End every connection; what waits to be sent has `linger_s` to leave."""
        until = time.monotonic() + linger_s
        while any(peer.queue for peer in self._peers.values()) and time.monotonic() < until:
            self._turn(max(0.0, until - time.monotonic()), reading=False)
        for peer in list(self._peers.values()):
            self._drop(peer)
        self._listening.close()
        self._selector.close()
        if self._spare >= 0:
            os.close(self._spare)
            self._spare = -1

    # --- the connections ---------------------------------------------------------------------------------

    def _next(self) -> list[bytes]:
        """The message of the client whose turn it is; there must be one."""
        if self._taken >= _TAKEN_AT_ONCE:
            self._turn(0.0)
        self._taken += 1
        sender = self._senders.popleft()
        message = sender.arrived.popleft()
        if sender.arrived:
            self._senders.append(sender)
        return message

    def _arrive(self, peer: _LocalPeer, message: list[bytes]) -> None:
        if not peer.arrived:
            self._senders.append(peer)
        peer.arrived.append(message)

    def _turn(self, wait_s: float, *, reading: bool = True) -> None:
        self._taken = 0
        for key, events in self._selector.select(wait_s):
            peer: _LocalPeer | None = key.data
            if peer is None:
                if reading:
                    self._accept()
            elif peer.id in self._peers:
                if events & selectors.EVENT_WRITE:
                    self._flush(peer)
                if events & selectors.EVENT_READ and reading and not peer.arrived and peer.id in self._peers:
                    self._read(peer)

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                connection, _ = self._listening.accept()
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._refuse_one()
                return
            if len(self._peers) >= self._most and not self._drop_silent():
                connection.close()
                continue
            connection.setblocking(False)
            peer = _LocalPeer(connection, zmtp.FrameReader(self.kinds))
            self._peers[peer.id] = peer
            self._selector.register(connection, selectors.EVENT_READ, peer)
            self._send(peer, zmtp.GREETING + zmtp.ready(self.kind))

    def _refuse_one(self) -> None:
        """No descriptor is left: take a connection with the spare one and end it, so that it does not wait for ever.

        Another thread may take what was spare meanwhile; then there is none until the next time.
        """
        if self._spare >= 0:
            os.close(self._spare)
            self._spare = -1
        with contextlib.suppress(OSError):
            self._listening.accept()[0].close()
        with contextlib.suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY)

    def _drop_silent(self) -> bool:
        """Make room by ending the oldest connection that never finished its handshake; False if all have."""
        silent = next((peer for peer in self._peers.values() if not peer.reader.is_ready), None)
        if silent is not None:
            self._drop(silent)
        return silent is not None

    def _read(self, peer: _LocalPeer) -> None:
        try:
            data = peer.connection.recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError
            for message in peer.reader.feed(data):
                self._take(peer, message)
        except BlockingIOError:
            return
        except (OSError, zmtp.Broken):
            self._drop(peer)
            return
        if peer.reader.nbytes > _MOST_HELD_BYTES // 64:
            self._bound()

    def _bound(self) -> None:
        """Cut off the connection that holds most when all together hold too much."""
        if sum(peer.reader.nbytes for peer in self._peers.values()) > _MOST_HELD_BYTES:
            self._drop(max(self._peers.values(), key=lambda peer: peer.reader.nbytes))

    def _send(self, peer: _LocalPeer, data: bytes) -> None:
        peer.queue.append(data)
        peer.queued_bytes += len(data)
        if len(peer.queue) == 1:
            self._flush(peer)

    def _flush(self, peer: _LocalPeer) -> None:
        try:
            while peer.queue:
                sent = peer.connection.send(peer.queue[0])
                peer.queued_bytes -= sent
                if sent < len(peer.queue[0]):
                    peer.queue[0] = peer.queue[0][sent:]
                else:
                    peer.queue.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self._drop(peer)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.queue else 0)
        if self._selector.get_key(peer.connection).events != wanted:
            self._selector.modify(peer.connection, wanted, peer)

    def _drop(self, peer: _LocalPeer) -> None:
        if self._peers.pop(peer.id, None) is not None:
            self._selector.unregister(peer.connection)
            peer.connection.close()
            self._on_departure()

    def _take(self, peer: _LocalPeer, message: list[bytes]) -> None:
        raise NotImplementedError


class Router(_LocalSocket):
    """The socket for requests: like a ROUTER with ROUTER_MANDATORY."""

    kind = b"ROUTER"
    kinds = frozenset({b"DEALER", b"REQ", b"ROUTER"})

    def recv_multipart(self, flags: int = 0) -> list[bytes]:
        """The next message; zmq.Again if there is none and `flags` say not to wait."""
        while not self._senders:
            if not self.poll(0 if flags & zmq.NOBLOCK else 1000) and flags & zmq.NOBLOCK:
                raise zmq.Again
        return self._next()

    def send_multipart(self, frames: list[bytes], flags: int = 0) -> None:
        """Queue a message; zmq.Again for a client that does not read, ZMQError EHOSTUNREACH for one that has gone."""
        client, frame = frames
        peer = self._peers.get(client)
        if peer is None:
            raise zmq.ZMQError(zmq.EHOSTUNREACH)
        if peer.is_full:
            raise zmq.Again
        self._send(peer, zmtp.framed(frame))

    def _take(self, peer: _LocalPeer, message: list[bytes]) -> None:
        self._arrive(peer, [peer.id, *message])


class Events(_LocalSocket):
    """As an XPUB: what is received are subscriptions (b"\\1" and a topic), what is sent goes to all who subscribed."""

    kind = b"XPUB"
    kinds = frozenset({b"SUB", b"XSUB"})

    def recv(self) -> bytes:
        """The next subscription."""
        while not self._senders:
            self.poll(1000)
        return self._next()[0]

    def send(self, frame: bytes, flags: int = 0) -> None:
        """Queue `frame` for every subscriber; one that does not read misses it."""
        data = zmtp.framed(frame)
        for peer in list(self._peers.values()):
            if not peer.is_full and any(frame.startswith(topic) for topic in peer.topics):
                self._send(peer, data)

    def _take(self, peer: _LocalPeer, message: list[bytes]) -> None:
        (said, *_) = message
        if said[:1] == b"\1" and len(peer.topics) < _TOPICS and len(said) < 256:
            peer.topics.add(said[1:])
            self._arrive(peer, [said])
        elif said[:1] == b"\0":
            peer.topics.discard(said[1:])
