"""One asynchronous connection to the daemon, from its hello to its end.

Joins replies with requests by id and notices the end at once, by the socket's own events: what was outstanding
then fails with DaemonUnreachable. It is handed an address: who finds or starts the daemon is `client`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from importlib import metadata
from typing import Any, NamedTuple

import zmq
import zmq.asyncio

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.wire import launch
from shadowpen.daemon.wire.protocol import (
    Cancel,
    Event,
    Failure,
    Hello,
    Partial,
    Reply,
    Welcome,
    decode_event,
    decode_reply,
    encode,
)
from shadowpen.daemon.wire.transport import LOST_EVENTS, Connection, dial

_HELLO_ID = "hello"


class _Waiting(NamedTuple):
    future: asyncio.Future[Reply]
    on_partial: Callable[[Partial], None] | None


class Link:
    """A connection to the daemon.

    `lost` stays true for good; `on_lost` is called when a connection that was greeted ends.
    """

    def __init__(self, context: zmq.asyncio.Context, connection: Connection, on_lost: Callable[[], None]) -> None:
        self.lost = False
        self.welcome: Welcome | None = None
        self._context, self._connection, self._on_lost = context, connection, on_lost
        self._waiting: dict[str, _Waiting] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._subscriber: Any = None
        self._socket: Any = dial(context, zmq.DEALER, connection)
        self._monitor: Any = self._socket.get_monitor_socket(LOST_EVENTS)
        self._socket.connect(connection.requests)
        self._run(self._read())
        self._run(self._watch())

    async def greet(self, client: str) -> Welcome:
        """Exchange hello; raises the error the daemon answers with, or DaemonUnreachable."""
        hello = Hello(id=_HELLO_ID, client=client, version=metadata.version("shadowpen"))
        try:
            async with asyncio.timeout(launch.HELLO_TIMEOUT_S):
                reply = await self.send(_HELLO_ID, encode(hello))
        except TimeoutError:
            raise launch.silent(self._connection) from None
        assert isinstance(reply, Welcome), reply
        self.welcome = reply
        return reply

    def send(
        self, request_id: str, frame: bytes, on_partial: Callable[[Partial], None] | None = None
    ) -> asyncio.Future[Reply]:
        """The final reply to come, or the error it names; or what `on_partial` raises.

        A future that is cancelled cancels the request, and so does an exception of `on_partial`.
        """
        if request_id in self._waiting:
            raise RequestInvalid(f"The id {request_id} is already in use.", "Use a unique id for every request.")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self.lost:
            future.set_exception(launch.lost())
            return future
        self._waiting[request_id] = _Waiting(future, on_partial)
        future.add_done_callback(lambda done: self._settled(request_id, done))
        self.tell(frame)
        return future

    def tell(self, frame: bytes) -> None:
        """Send without waiting for a reply; a message that cannot leave shows itself as a lost connection."""
        if not self.lost:
            self._socket.send(frame).add_done_callback(_ignore_failure)

    def subscribe(self, publish: Callable[[Event], None]) -> None:
        """Hand every event from now on to `publish`, "state" first; once a link."""
        if self._subscriber is None and self.welcome is not None:
            self._subscriber = dial(self._context, zmq.SUB, self._connection)
            self._subscriber.subscribe(b"")
            self._subscriber.connect(self.welcome.events)
            self._run(self._relay(publish))

    async def close(self) -> None:
        self._fail()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket.disable_monitor()
        for socket in (self._monitor, self._subscriber, self._socket):
            if socket is not None:
                socket.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _read(self) -> None:
        while True:
            self._deliver(await self._socket.recv())

    async def _relay(self, publish: Callable[[Event], None]) -> None:
        while True:
            with contextlib.suppress(RequestInvalid):  # of a daemon that says it otherwise: the next may be understood
                publish(decode_event(await self._subscriber.recv()))

    async def _watch(self) -> None:
        """Wait for the connection's end, read what came before it, and fail the rest."""
        await self._monitor.recv_multipart()
        await asyncio.sleep(0)  # what the reader has taken already is delivered by now
        plain: Any = zmq.Socket.shadow(self._socket.underlying)
        with contextlib.suppress(zmq.ZMQError):
            while True:
                self._deliver(plain.recv(zmq.NOBLOCK))
        self._fail()

    def _deliver(self, frame: bytes) -> None:
        if not frame:
            return  # the daemon looks who is still there
        try:
            reply = decode_reply(frame)
        except RequestInvalid:
            self._fail()
            return
        waiting = self._waiting.get(reply.id)
        if waiting is None or waiting.future.done():
            return
        if isinstance(reply, Partial):
            self._show(reply, waiting)
        elif isinstance(reply, Failure):
            waiting.future.set_exception(reply.error())
        else:
            waiting.future.set_result(reply)

    def _show(self, partial: Partial, waiting: _Waiting) -> None:
        """What the caller's function raises ends its own request and no other."""
        if waiting.on_partial is None:
            return
        try:
            waiting.on_partial(partial)
        except Exception as error:  # the caller's, whatever it is
            waiting.future.set_exception(error)
            self._cancel(partial.id)

    def _settled(self, request_id: str, future: asyncio.Future[Reply]) -> None:
        self._waiting.pop(request_id, None)
        if future.cancelled():
            self._cancel(request_id)

    def _cancel(self, request_id: str) -> None:
        self.tell(encode(Cancel(id=f"cancel {request_id}", target=request_id)))

    def _fail(self) -> None:
        if self.lost:
            return
        self.lost = True
        for waiting in list(self._waiting.values()):
            if not waiting.future.done():
                waiting.future.set_exception(launch.lost())
        if self.welcome is not None:
            self._on_lost()


def _ignore_failure(sent: asyncio.Future[Any]) -> None:
    if not sent.cancelled():
        sent.exception()
