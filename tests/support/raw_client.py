"""A client without manners: it sends what bytes it is told and waits for what comes."""

from __future__ import annotations

import msgspec
import zmq

from shadowpen.daemon.base.store import Layout
from shadowpen.daemon.wire.protocol import Failure, Hello, Reply, Request, Welcome, decode_reply, encode
from shadowpen.daemon.wire.transport import Connection, dial, read_connection

_PATIENCE_MS = 10_000


class RawClient:
    def __init__(self, layout: Layout, connection: Connection | None = None) -> None:
        connection = connection or read_connection(layout)
        assert connection is not None
        self._context = zmq.Context()
        self.socket = dial(self._context, zmq.DEALER, connection)
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self.socket.connect(connection.requests)

    def send(self, *frames: bytes) -> None:
        self.socket.send_multipart(frames)

    def receive(self, patience_ms: int = _PATIENCE_MS) -> Reply:
        """The next reply; AssertionError when none comes."""
        frame = b""
        while not frame:
            assert self.socket.poll(patience_ms), "no answer"
            frame = self.socket.recv()
        return decode_reply(frame)

    def ask(self, request: Request) -> Reply:
        """Send and return the first reply with the request's id."""
        self.send(encode(request))
        while (reply := self.receive()).id != request.id:
            pass
        return reply

    def greet(self) -> Welcome:
        welcome = self.ask(Hello(id="hello", client="raw"))
        assert isinstance(welcome, Welcome), welcome
        return welcome

    def failure(self, *frames: bytes) -> Failure:
        """Send and return the failure that comes of it."""
        self.send(*frames)
        reply = self.receive()
        assert isinstance(reply, Failure), reply
        return reply

    def was_disconnected(self) -> bool:
        return bool(self.monitor.poll(_PATIENCE_MS))

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close()
        self.socket.close(linger=0)
        self._context.destroy(linger=0)

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def plain(message: object) -> bytes:
    """Any object as MessagePack, well-formed for the wire or not."""
    return msgspec.msgpack.encode(message)
