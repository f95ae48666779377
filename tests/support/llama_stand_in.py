"""A local server that answers like llama-server, by rule, and tells what it was asked.

    with LlamaStandIn(lambda text: " and so on") as server:
        ... server.url ...

`offered` are the endpoints it knows; others are answered with 404. While `held` is set nothing is answered until the
client goes; `cut_off` counts those that went.
"""

from __future__ import annotations

import contextlib
import json
import select
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from support.local_server import LocalServer
from support.waiting import wait_until


class LlamaStandIn(LocalServer):
    """`answer` gets all text before the cursor, however the endpoint splits it."""

    def __init__(self, answer: Callable[[str], str], offered: Iterable[str] = ("/completion",)) -> None:
        self.answer, self.offered = answer, set(offered)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.held = threading.Event()
        self.cut_off = 0
        stand_in = self

        class Handler(_Handler):
            server_of = stand_in

        super().__init__(Handler)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held.clear()
        super().__exit__(kind, error, trace)


class _Handler(BaseHTTPRequestHandler):
    server_of: LlamaStandIn

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server_of.asked.append((self.path, body))
        if self.path not in self.server_of.offered:
            self._reply(404, {"error": {"message": "not here"}})
            return
        if self.server_of.held.is_set():
            wait_until(lambda: not self.server_of.held.is_set() or self._client_went(), "the end of a held request")
            if self.server_of.held.is_set():
                self.server_of.cut_off += 1
                return
        text = self.server_of.answer(body.get("input_prefix", "") + body["prompt"])
        self._reply(200, {"choices": [{"text": text}]} if self.path.startswith("/v1") else {"content": text})

    def _client_went(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        with contextlib.suppress(ConnectionError):  # a client that did not wait
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on standard error."""
