"""The client of the language server, on asyncio: `AsyncClient`. Commands use `blocking_client.Client`.

Finds or starts the daemon, and does so again at the next request after it went away. What is outstanding when
the daemon goes fails at once. Nothing here knows documents or models. See docs/protocol.md.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Self

import zmq.asyncio

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.wire import launch
from shadowpen.daemon.wire.link import Link
from shadowpen.daemon.wire.protocol import Cancel, Event, Partial, Reply, Request, Welcome, encode, encode_request
from shadowpen.daemon.wire.reports import DaemonState


class AsyncClient:
    """One editor's line to the daemon, on the running event loop.

    `name` is shown in `shadowpen status`. `start`: start a daemon when none runs, at the first request and after
    each loss. `command` starts it (default: this Python's `shadowpen.daemon`).
    """

    def __init__(
        self,
        name: str = "",
        *,
        start: bool = True,
        layout: store.Layout | None = None,
        command: Sequence[str] = launch.COMMAND,
        start_timeout_s: float = launch.START_TIMEOUT_S,
    ) -> None:
        self._name, self._start, self._command, self._start_timeout_s = name, start, command, start_timeout_s
        self._layout = layout or store.layout()
        self._context = zmq.asyncio.Context()
        self._ids = itertools.count(1)
        self._link: Link | None = None
        self._connecting: asyncio.Task[Link] | None = None
        self._listeners: set[asyncio.Queue[Event]] = set()

    @classmethod
    async def connect(cls, name: str = "", **options: Any) -> Self:
        """A client that has said hello; raises DaemonUnreachable or ProtocolMismatch. Options as the constructor's."""
        client = cls(name, **options)
        try:
            await client._linked()
        except BaseException:
            await client.close()
            raise
        return client

    @property
    def connected(self) -> bool:
        return self._link is not None and not self._link.lost

    @property
    def welcome(self) -> Welcome | None:
        """The daemon's greeting on the present connection."""
        return self._link.welcome if self._link else None

    def next_id(self) -> str:
        """An id no other request of this client has."""
        return str(next(self._ids))

    async def request(
        self,
        message: Request,
        timeout_ms: float | None = None,
        on_partial: Callable[[Partial], None] | None = None,
    ) -> Reply:
        """The final reply; `on_partial` gets each Partial before it, on the event loop.

        Raises the error a Failure names; DaemonUnreachable when the connection ends or `timeout_ms` (all of it,
        connecting too) pass. A caller that is cancelled or gives up, or an exception of `on_partial`, which is raised
        here, cancels the request in the daemon as well.
        """
        frame = encode_request(message)
        try:
            async with asyncio.timeout(None if timeout_ms is None else timeout_ms / 1000):
                link = await self._linked()
                return await link.send(message.id, frame, on_partial)
        except TimeoutError:
            raise launch.too_late(timeout_ms or 0) from None

    async def cancel(self, request_id: str) -> None:
        """Drop an outstanding request: its caller gets RequestCancelled. Does not wait, and never fails."""
        if self._link is not None:
            self._link.tell(encode(Cancel(id=self.next_id(), target=request_id)))

    async def events(self) -> AsyncIterator[Event]:
        """Events from now on, across reconnections, without an end; connects to nothing by itself.

        After each connection the first is "state" (see docs/protocol.md). This client adds "connected" and
        "disconnected" of its own.
        """
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            if self._link is not None:
                self._link.subscribe(self._publish)
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    async def close(self) -> None:
        """Close the connection; outstanding requests fail, the daemon goes on."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._link is not None:
            await self._link.close()
            self._link = None
        self._context.destroy(linger=0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _linked(self) -> Link:
        """The present connection, or a new one; all who wait for it share one attempt, and outlive each other."""
        if self._link is not None and not self._link.lost:
            return self._link
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._connect())
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> Link:
        if self._link is not None:
            await self._link.close()
            self._link = None
        search = launch.Search(self._layout, start=self._start, command=self._command, timeout_s=self._start_timeout_s)
        while True:
            connection = search.candidate()
            if connection is None:
                await asyncio.sleep(launch.PAUSE_S)
                continue
            link = Link(self._context, connection, lambda: self._publish(Event(kind="disconnected")))
            try:
                welcome = await link.greet(self._name)
            except BaseException as error:
                await link.close()
                if not isinstance(error, DaemonUnreachable):
                    raise
                search.reject(connection, error)
                continue
            self._link = link
            self._publish(Event(kind="connected", data=DaemonState(version=welcome.version)))
            if self._listeners:
                link.subscribe(self._publish)
            return link

    def _publish(self, event: Event) -> None:
        for queue in self._listeners:
            queue.put_nowait(event)
