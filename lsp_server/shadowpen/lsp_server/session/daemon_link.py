"""Ask the daemon for an editor: patiently where the user waits, quietly where nobody does.

`daemon.wire.async_client.AsyncClient` finds, starts and finds again the daemon; what is added here is a second try
when it dies under a request, a limit on every wait, and a growing pause after a failed start, so that
each key is not a new process. This file knows neither documents nor what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from shadowpen.daemon.base.errors import DaemonUnreachable, ShadowpenError
from shadowpen.daemon.wire.protocol import Event, Partial, Reply, Request

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class DaemonClient(Protocol):
    """The part of `AsyncClient` that the session uses."""

    @property
    def connected(self) -> bool: ...

    async def request(
        self,
        message: Request,
        timeout_ms: float | None = None,
        on_partial: Callable[[Partial], None] | None = None,
    ) -> Reply: ...

    def events(self) -> AsyncIterator[Event]: ...

    async def close(self) -> None: ...


class StillWaiting(DaemonUnreachable):
    """No answer within the limit: it may be starting, loading a model, or hung."""


class DaemonLink:
    """Sends requests to the daemon; every failure is a ShadowpenError."""

    def __init__(self, client: DaemonClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._failure: ShadowpenError | None = None
        self._pause_s = 0.0
        self._not_before = 0.0
        self._notices: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        return self._client.connected

    async def ask(
        self,
        message: Request,
        timeout_s: float,
        *,
        patient: bool = False,
        on_partial: Callable[[Partial], None] = lambda _: None,
    ) -> Reply:
        """The final reply. Raises the error the daemon names, StillWaiting after `timeout_s`, DaemonUnreachable.

        `patient`: the user asked for it, so a daemon is started even in the pause after a failed start.
        """
        if patient:
            self._not_before = 0.0
        self._respect_pause()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._twice(message, on_partial)
        except TimeoutError:
            raise StillWaiting(
                f"The daemon did not answer within {timeout_s:g} s.", "`shadowpen status` shows whether it is running."
            ) from None

    async def _twice(self, message: Request, on_partial: Callable[[Partial], None]) -> Reply:
        """Ask, and ask once more where the daemon was lost under the first try."""
        for last in (False, True):
            had = self._client.connected
            try:
                reply = await self._client.request(message, on_partial=on_partial)
            except DaemonUnreachable as error:
                if last or not had:
                    self._remember(error)
                    raise
            except ShadowpenError as error:
                self._remember(error)
                raise
            else:
                self._failure, self._pause_s = None, 0.0
                return reply
        raise AssertionError("the last try returns or raises")

    def tell(self, message: Request, timeout_s: float) -> None:
        """Send what nobody waits for; its failure is left to the next one who asks."""

        async def quietly() -> None:
            with contextlib.suppress(ShadowpenError):
                await self.ask(message, timeout_s)

        task = asyncio.ensure_future(quietly())
        self._notices.add(task)
        task.add_done_callback(self._notices.discard)

    def events(self) -> AsyncIterator[Event]:
        """As `AsyncClient.events`."""
        return self._client.events()

    async def close(self) -> None:
        for notice in list(self._notices):
            notice.cancel()
        await asyncio.gather(*self._notices, return_exceptions=True)
        await self._client.close()

    def _respect_pause(self) -> None:
        if self._failure is not None and not self._client.connected and self._clock() < self._not_before:
            raise type(self._failure)(self._failure.message, self._failure.hint)

    def _remember(self, error: ShadowpenError) -> None:
        """Pause after a failure to reach a daemon at all; one it reports itself needs no pause."""
        if self._client.connected:
            return
        self._failure = error
        self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
        self._not_before = self._clock() + self._pause_s
