"""Run the application on 127.0.0.1 until it is stopped, with limits on connections and idle time."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from shadowpen.daemon.base.errors import ConfigInvalid

ADDRESS = "127.0.0.1"
MOST_CONNECTIONS = 64
MOST_HEAD_BYTES = 32 * 1024
SILENCE_S = 30.0
_FAREWELL_S = 3  # for texts that are being written at the end


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 that ends a connection on which no request begins, is begun and not sent, or follows, for SILENCE_S."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._silence = self.loop.call_later(SILENCE_S, self._end_silence)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._silence.cancel()
        self._silence = self.loop.call_later(SILENCE_S, self._end_silence)

    def connection_lost(self, exc: Exception | None) -> None:
        self._silence.cancel()
        super().connection_lost(exc)

    def _end_silence(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def listen(port: int) -> socket.socket:
    """A socket on this port of the loopback address; ConfigInvalid when it cannot be had."""
    # The protocol is named, or asyncio would not see that this is TCP: a second packet of an answer then waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigInvalid(
            f"Port {port} of {ADDRESS} cannot be used: {error.strerror}.",
            "Choose another with --port, or with `shadowpen config set serve.port NUMBER`.",
        ) from error
    return listener


def server(app: ASGIApp, **more: Any) -> uvicorn.Server:
    """The server of `app`; `run(sockets=[listener])` returns when it is told to end."""
    settings: dict[str, Any] = {
        "http": ImpatientProtocol,
        "ws": "none",
        "loop": "asyncio",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "h11_max_incomplete_event_size": MOST_HEAD_BYTES,
        "timeout_keep_alive": int(SILENCE_S),
        "timeout_graceful_shutdown": _FAREWELL_S,
    }
    return uvicorn.Server(uvicorn.Config(app, **settings, **more))
