"""The client of a command: blocking, for one thread, quick to import. Editors use `client.AsyncClient`.

Finds or starts the daemon once, when it is made. See docs/protocol.md.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any, Self

import zmq

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.wire import launch
from shadowpen.daemon.wire.protocol import (
    Cancel,
    Failure,
    Hello,
    Partial,
    Reply,
    Request,
    Welcome,
    decode_reply,
    encode,
    encode_request,
)
from shadowpen.daemon.wire.transport import LOST_EVENTS, Connection, dial

_HELLO_ID = "hello"


class Client:
    """A blocking client of the daemon.

    Connected when made: DaemonUnreachable or ProtocolMismatch otherwise. Options as AsyncClient's.

    `any_folders`: also a daemon with other folders than the layout's will do, see launch.Search.
    """

    def __init__(
        self,
        name: str = "",
        *,
        start: bool = True,
        layout: store.Layout | None = None,
        command: Sequence[str] = launch.COMMAND,
        start_timeout_s: float = launch.START_TIMEOUT_S,
        any_folders: bool = False,
    ) -> None:
        self._name = name
        self._ids = itertools.count(1)
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] | None = None
        self._monitor: Any = None
        search = launch.Search(
            layout or store.layout(),
            start=start,
            command=command,
            timeout_s=start_timeout_s,
            any_folders=any_folders,
        )
        try:
            self.welcome = self._reach(search)
        except BaseException:
            self.close()
            raise

    def next_id(self) -> str:
        """An id no other request of this client has."""
        return str(next(self._ids))

    def request(
        self,
        message: Request,
        timeout_ms: float | None = None,
        on_partial: Callable[[Partial], None] | None = None,
    ) -> Reply:
        """The final reply; `on_partial` gets each Partial before it.

        Raises the error a Failure names; DaemonUnreachable when the connection ends or `timeout_ms` pass. Leaving
        early, by an exception of `on_partial` or Ctrl-C, cancels the request in the daemon.
        """
        frame = encode_request(message)
        until = None if timeout_ms is None else time.monotonic() + timeout_ms / 1000
        self._send(frame)
        try:
            while True:
                reply = self._receive(until)
                if reply is None:
                    raise launch.too_late(timeout_ms or 0)
                if reply.id != message.id:
                    continue
                if not isinstance(reply, Partial):
                    break
                if on_partial is not None:
                    on_partial(reply)
        except BaseException:
            self.cancel(message.id)
            raise
        if isinstance(reply, Failure):
            raise reply.error()
        return reply

    def cancel(self, request_id: str) -> None:
        """Drop an outstanding request. Does not wait, and never fails."""
        with contextlib.suppress(zmq.ZMQError, DaemonUnreachable):
            self._send(encode(Cancel(id=self.next_id(), target=request_id)))

    def close(self) -> None:
        """Close the connection; the daemon goes on."""
        self._drop()
        self._context.destroy()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reach(self, search: launch.Search) -> Welcome:
        while True:
            connection = search.candidate()
            if connection is None:
                time.sleep(launch.PAUSE_S)
                continue
            try:
                return self._greet(connection)
            except DaemonUnreachable as error:
                self._drop()
                search.reject(connection, error)

    def _greet(self, connection: Connection) -> Welcome:
        self._socket = dial(self._context, zmq.DEALER, connection)
        self._monitor = self._socket.get_monitor_socket(LOST_EVENTS)
        self._socket.connect(connection.requests)
        self._send(encode(Hello(id=_HELLO_ID, client=self._name, version=metadata.version("shadowpen"))))
        reply = self._receive(time.monotonic() + launch.HELLO_TIMEOUT_S)
        if reply is None:
            raise launch.silent(connection)
        if isinstance(reply, Failure):
            raise reply.error()
        assert isinstance(reply, Welcome), reply
        return reply

    def _send(self, frame: bytes) -> None:
        if self._socket is None:
            raise launch.lost()
        self._socket.send(frame)

    def _receive(self, until: float | None) -> Reply | None:
        """The next reply, whoever waits for it; None at `until`; DaemonUnreachable at the connection's end."""
        if self._socket is None:
            raise launch.lost()
        poller = zmq.Poller()
        for socket in (self._socket, self._monitor):
            poller.register(socket, zmq.POLLIN)
        while True:
            left_ms = None if until is None else max(0, round((until - time.monotonic()) * 1000))
            ready = dict(poller.poll(left_ms))
            if not ready:
                return None
            # After the end, too, what came before it is read first.
            if self._socket not in ready and not self._socket.poll(0):
                self._drop()
                raise launch.lost()
            frame = self._socket.recv()
            if frame:  # an empty one only asks who is still there
                return decode_reply(frame)

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.disable_monitor()
            self._monitor.close()
            self._socket.close()
        self._socket = self._monitor = None
