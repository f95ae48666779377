"""The server: whom it answers, what it refuses, and that work ends when nobody waits for it."""

from __future__ import annotations

import asyncio
import codecs
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from support import daemons
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.http import app, bodies, listening
from shadowpen.daemon.http.app import make_app
from shadowpen.daemon.wire.protocol import Status

from .conftest import TOKEN, Running, serving

PATHS = [("GET", "/v1/models"), ("POST", "/v1/completions"), ("POST", "/v1/chat/completions"), ("GET", "/")]


def test_nobody_without_the_token_is_answered(running: Running) -> None:
    for method, path in PATHS:
        for token in (None, "", "sp-wrong", TOKEN[:-1]):
            answer = running.ask(method, path, {"prompt": "x"}, token=token)
            assert answer.status == 401 and "shadowpen serve --token" in answer.json["error"]["message"]
    assert running.ask("GET", "/v1/models").status == 200


def test_another_name_of_this_machine_is_refused_as_in_dns_rebinding(running: Running) -> None:
    for host in ("evil.example", f"evil.example:{running.port}", "127.0.0.1.evil.example", "[::1].evil", ""):
        assert running.ask("GET", "/v1/models", headers={"Host": host}).status == 400
    for host in ("localhost", f"127.0.0.1:{running.port}", "localhost:1"):
        assert running.ask("GET", "/v1/models", headers={"Host": host}).status == 200


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}
FOREIGN = ["https://evil.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example:80", "null"]
FOREIGN += ["http://evil.example:8888", "http://localhost:8888.evil.example", "http://192.168.0.2:8888", "file://"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_page_of_another_machine_is_allowed_anything(running: Running, origin: str) -> None:
    asks = PREFLIGHT | {"Origin": origin}
    preflight = running.ask("OPTIONS", "/v1/completions", token=None, headers=asks)
    assert preflight.status == 400
    answers = [preflight, running.ask("OPTIONS", "/v1/completions", headers=asks)]
    answers.append(running.ask("POST", "/v1/completions", {"prompt": "x"}, headers={"Origin": origin}))
    assert not [answer for answer in answers if "access-control-allow-origin" in answer.headers]


@pytest.mark.parametrize("origin", ["http://localhost:8888", "http://127.0.0.1:8889", "https://localhost"])
def test_a_page_of_this_machine_may_ask_with_the_token(running: Running, origin: str) -> None:
    preflight = running.ask("OPTIONS", "/v1/completions", token=None, headers=PREFLIGHT | {"Origin": origin})
    assert preflight.status == 200 and preflight.headers["access-control-allow-origin"] == origin
    for token, status in ((TOKEN, 200), (None, 401), ("sp-wrong", 401)):
        answer = running.ask("POST", "/v1/completions", {"prompt": "x"}, token=token, headers={"Origin": origin})
        assert answer.status == status and answer.headers["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in answer.headers and "Origin" in answer.headers["vary"]


async def test_packets_leave_at_once() -> None:
    """asyncio sets TCP_NODELAY on what it takes for TCP alone."""
    found: asyncio.Queue[int] = asyncio.Queue()

    def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected = writer.get_extra_info("socket")
        found.put_nowait(connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listening.listen(0) as listener:
        async with await asyncio.start_server(look, sock=listener):
            socket.create_connection(listener.getsockname()).close()
            assert await found.get()


def test_only_the_loopback_address_is_listened_on() -> None:
    with listening.listen(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        with pytest.raises(ConfigInvalid, match="cannot be used") as caught:
            listening.listen(listener.getsockname()[1])
    assert "--port" in caught.value.hint


BAD_BODIES: list[tuple[object, str]] = [
    (b"", "such a request"),
    (b"{", "such a request"),
    (b"\xff", "such a request"),
    (b"[" * 100_000, "such a request"),
    ({}, "prompt"),
    ({"prompt": 3}, "prompt"),
    ({"prompt": ["a", "b"]}, "2 texts"),
    ({"prompt": [1, 2]}, "prompt"),
    ({"prompt": "x", "max_tokens": -1}, "max_tokens"),
    ({"prompt": "x", "stop": ["x"] * 1000}, "stop"),
    ({"prompt": "x", "temperature": 99}, "temperature"),
    ({"prompt": "x", "model": "shadowpen-none"}, "shadowpen-quiet"),
]


def test_a_bad_request_is_one_sentence(running: Running) -> None:
    for body, words in BAD_BODIES:
        answer = running.ask("POST", "/v1/completions", body)
        assert answer.status == 400, body
        error = answer.json["error"]
        assert words in error["message"] and error["code"] == "request_invalid"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('"\\ude00 late"', "\ufffd late"),
        ('"late \\ud83d"', "late \ufffd"),
        ('"\\ud83d\\ud83d\\ude00"', "\ufffd😀"),
        ('"\\ud83d\\u0061"', "\ufffda"),
        (r'"\\ud83d \n \uD83D\uDE00"', "\\ud83d \n 😀"),
    ],
)
def test_half_a_character_is_none_and_the_rest_is_read(sent: str, read: str) -> None:
    body = codecs.BOM_UTF8 + f'{{"prompt": {sent}}}'.encode()
    assert bodies.completion_body(body).text == read


def test_what_is_not_served_is_said(running: Running) -> None:
    unknown = running.ask("GET", "/v1/other")
    assert unknown.status == 404 and unknown.json["error"]["message"].startswith("Not Found. See ")
    assert running.ask("GET", "/v1/completions").status == 405
    assert running.ask("GET", "/v1/models/none").json["error"]["message"].startswith("There is no model none.")
    images = [{"type": "image_url", "image_url": {"url": "data:"}}]
    body = {"messages": [{"role": "user", "content": images}]}
    assert "text only" in running.ask("POST", "/v1/chat/completions", body).json["error"]["message"]


def test_a_body_that_is_too_large_is_refused(running: Running) -> None:
    answer = running.complete(prompt="x" * bodies.MOST_BODY_BYTES)
    assert answer.status == 413 and "bytes" in answer.json["error"]["message"]
    assert running.complete(prompt="x" * 200_000).status == 200, "a long text is cut to what the model reads"


def test_a_head_that_is_too_large_is_refused(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as endless:
        endless.sendall(b"GET /v1/models HTTP/1.1\r\nX: " + b"x" * 8 * listening.MOST_HEAD_BYTES)
        assert b" 400 " in endless.recv(1000)


def test_who_says_nothing_or_drips_is_cut_off(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SILENCE_S", 0.2)
    monkeypatch.setattr(app, "BODY_TIMEOUT_S", 0.2)
    for begun in (b"", b"GET /v1/models HTTP/1.1\r\nHo"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as silent:
            silent.sendall(begun)
            assert silent.recv(100) == b""
    lines = ["POST /v1/completions HTTP/1.1", "Host: localhost", f"Authorization: Bearer {TOKEN}", "Content-Length: 9"]
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as dripping:
        dripping.sendall("\r\n".join([*lines, "", "{"]).encode())
        assert b" 408 " in dripping.recv(1000)


async def test_a_client_that_goes_before_the_end_of_its_body_is_no_fault() -> None:
    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {TOKEN}".encode())]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/v1/completions", "headers": headers}
    come: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return next(come)

    async def send(message: Any) -> None:
        sent.append(message)

    await make_app(TOKEN)(scope, receive, send)
    assert sent[0]["status"] == 409


def _hanging(running: Running, **more: object) -> http.client.HTTPConnection:
    """A request that is never answered by itself."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    body = json.dumps({"prompt": "!hang", "model": "shadowpen-continue", **more})
    connection.request("POST", "/v1/completions", body, {"Authorization": f"Bearer {TOKEN}"})
    return connection


def _under_way(layout: store.Layout) -> int:
    """How many requests the daemon has begun and not cancelled."""
    with daemons.connect(layout) as client:
        report = client.request(Status(id="s")).report  # type: ignore[union-attr]
    return report.requests.get("continue", 0) - report.failures.get("request_cancelled", 0)


def test_more_texts_at_once_than_places_are_refused_and_a_client_that_goes_makes_room(
    running: Running, layout: store.Layout
) -> None:
    held = [_hanging(running) for _ in range(app.TEXTS_AT_ONCE)]
    wait_until(lambda: _under_way(layout) == app.TEXTS_AT_ONCE, "the texts under way")
    refused = running.complete(prompt="x")
    assert refused.status == 429 and refused.headers["retry-after"] == "1"
    streamed = running.complete(prompt="x", stream=True)
    assert b"written already" in streamed.body and b"[DONE]" not in streamed.body
    for connection in held:
        connection.close()
    wait_until(lambda: _under_way(layout) == 0, "the end of their work in the daemon")
    assert running.complete(prompt="x").status == 200


def test_a_stream_whose_reader_goes_ends_in_the_daemon(running: Running, layout: store.Layout) -> None:
    connection = _hanging(running, stream=True)
    wait_until(lambda: _under_way(layout) == 1, "the text under way")
    connection.close()
    wait_until(lambda: _under_way(layout) == 0, "the end of its work in the daemon")


def test_a_failure_of_the_daemon_is_told_whole_and_in_a_stream(running: Running) -> None:
    answer = running.complete(prompt="!raise")
    assert answer.status == 500 and answer.json["error"]["message"]
    streamed = running.complete(prompt="!raise", stream=True)
    assert streamed.status == 200 and b'"error"' in streamed.body and b"[DONE]" not in streamed.body


def test_no_model_is_a_sentence_with_what_to_do(layout: store.Layout) -> None:
    with serving(layout) as running:
        answer = running.complete(prompt="x")
    assert answer.status == 503 and answer.json["error"]["code"] == "model_missing"
