"""A server on a free port, in a thread, in front of a daemon with the fake model."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from support import daemons
from support.models import fake_model
from support.web.served_app import served

from shadowpen.daemon.base import store
from shadowpen.daemon.http.app import make_app

TOKEN = "sp-" + "t" * 43


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The documents of a stream, without its mark of the end, which must be there."""
        *events, done, rest = self.body.decode().split("\n\n")
        assert (done, rest) == ("data: [DONE]", "")
        return [json.loads(event.removeprefix("data: ")) for event in events]


@dataclass(frozen=True)
class Running:
    """A server that runs, and what a client needs to know."""

    port: int
    token: str = TOKEN

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = TOKEN, headers: Mapping[str, str] = {}
    ) -> Answer:
        """One request; `body` is sent as it is if it is bytes, else as JSON."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        shown = {} if token is None else {"Authorization": f"Bearer {token}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, raw, {**shown, **headers})
            reply = connection.getresponse()
            return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def complete(self, **body: Any) -> Answer:
        return self.ask("POST", "/v1/completions", body)

    def chat(self, text: str, **body: Any) -> Answer:
        return self.ask("POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": text}], **body})


@contextlib.contextmanager
def serving(layout: store.Layout) -> Iterator[Running]:
    """A server with a daemon behind it, which has the fake model if that is installed."""
    with daemons.in_thread(layout, fake_model.load), served(lambda: make_app(TOKEN)) as port:
        yield Running(port)


@pytest.fixture
def running(layout: store.Layout) -> Iterator[Running]:
    """A server that can write."""
    fake_model.install(layout)
    with serving(layout) as running:
        yield running
