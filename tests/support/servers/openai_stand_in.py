"""A local server that speaks OpenAI's protocol, well or in one of the ways in which servers go wrong.

    with OpenAiStandIn(words("The", " sea")) as server:
        ... server.url ...

`asked` holds path, headers and body of every request; `closed` is set when a client went before the end.
"""

from __future__ import annotations

import contextlib
import json
import select
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.local_server import LocalServer

Behaviour = Callable[["Handler", dict[str, Any]], None]
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class OpenAiStandIn(LocalServer):
    """Answers every POST by `behaviour`, and /v1/models with `models`."""

    def __init__(self, behaviour: Behaviour, models: Iterable[str] = ("stand-in",)) -> None:
        self.behaviour, self.models = behaviour, list(models)
        self.asked: list[Asked] = []
        self.closed = threading.Event()
        self.ending = threading.Event()
        stand_in = self

        class Bound(Handler):
            server_of = stand_in

        super().__init__(Bound)

    def __exit__(self, *raised: Any) -> None:
        self.ending.set()
        super().__exit__(*raised)

    @property
    def prompts(self) -> list[str]:
        """What was asked, each request as one text."""
        return [_text(asked.body) for asked in self.asked]


class Handler(BaseHTTPRequestHandler):
    """What a behaviour works with."""

    server_of: OpenAiStandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server_of.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            self.server_of.behaviour(self, body)

    def do_GET(self) -> None:
        self.reply(200, {"object": "list", "data": [{"id": name} for name in self.server_of.models]})

    def reply(self, status: int, document: Any, **headers: str) -> None:
        """One document, as JSON unless it is bytes."""
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in ({"Content_Type": "application/json"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def begin(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, document: Any, times: int = 1) -> None:
        data = document if isinstance(document, bytes) else b"data: " + json.dumps(document).encode() + b"\n\n"
        data *= times
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end(self) -> None:
        self.event(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def part(self, text: str, logprobs: Any = None, finish: str | None = None) -> dict[str, Any]:
        """An event with some text, as this path has it."""
        chat = {"delta": {"content": text}}
        return {
            "choices": [
                {
                    "index": 0,
                    **(chat if "chat" in self.path else {"text": text}),
                    "logprobs": logprobs,
                    "finish_reason": finish,
                }
            ]
        }

    def until_gone(self) -> bool:
        """Wait for the client to go, or the test to end; whether it went."""
        while not self.server_of.ending.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.01)
            if readable:
                self.server_of.closed.set()
                return True
        return False

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on standard error."""


# --- good servers -------------------------------------------------------------------------------------------


def words(*pieces: str, finish: str = "stop") -> Behaviour:
    """Stream these pieces."""

    def behaviour(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        for piece in pieces:
            handler.event(handler.part(piece))
        handler.event(handler.part("", finish=finish))
        handler.end()

    return behaviour


def answering(answer: Callable[[str], str]) -> Behaviour:
    """Stream what `answer` makes of all that was asked, word by word."""

    def behaviour(handler: Handler, body: dict[str, Any]) -> None:
        text = answer(_text(body))
        words(*[f"{' ' if number else ''}{word}" for number, word in enumerate(text.split(" "))])(handler, body)

    return behaviour


def probable(*tokens: tuple[str, float], form: str = "older", rivals: dict[str, float] | None = None) -> Behaviour:
    """Stream tokens with their log-probabilities, in the `older` form of completions or in that of a `chat`."""

    def told(token: str, number: float) -> dict[str, Any]:
        top = {token: number, **(rivals or {})}
        if form == "older":
            return {"tokens": [token], "token_logprobs": [number], "top_logprobs": [top]}
        listed = [{"token": text, "logprob": p} for text, p in top.items()]
        return {"content": [{"token": token, "logprob": number, "top_logprobs": listed}]}

    def behaviour(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        for token, number in tokens:
            handler.event(handler.part(token, told(token, number)))
        handler.end()

    return behaviour


# --- bad ones -----------------------------------------------------------------------------------------------


def hang(handler: Handler, body: dict[str, Any]) -> None:
    """Take the request and never answer."""
    handler.until_gone()


def hang_within(handler: Handler, body: dict[str, Any]) -> None:
    """Write two words, and no more."""
    handler.begin()
    handler.event(handler.part("Some words "))
    handler.until_gone()


def for_ever(text: str) -> Behaviour:
    """Stream the same text until the client goes."""

    def behaviour(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        try:
            while not handler.server_of.ending.is_set():
                handler.event(b"data: " + json.dumps(handler.part(text)).encode() + b"\n\n", times=50)
        except ConnectionError:
            handler.server_of.closed.set()

    return behaviour


def comments_for_ever(handler: Handler, body: dict[str, Any]) -> None:
    """Stream lines that say nothing."""
    handler.begin()
    with contextlib.suppress(ConnectionError):
        while not handler.server_of.ending.is_set():
            handler.event(b": waiting\n" * 1000)


def endless_line(handler: Handler, body: dict[str, Any]) -> None:
    handler.begin()
    handler.event(b"data: ")
    with contextlib.suppress(ConnectionError):
        while not handler.server_of.ending.is_set():
            handler.event(b"x" * 65_536)


def web_page(handler: Handler, body: dict[str, Any]) -> None:
    handler.reply(200, b"<html><body>Welcome!</body></html>", Content_Type="text/html; charset=utf-8")


def half_way(handler: Handler, body: dict[str, Any]) -> None:
    """Close the connection within the answer."""
    handler.begin()
    handler.event(handler.part("Half a"))


def ends_early(handler: Handler, body: dict[str, Any]) -> None:
    """End the stream properly without having finished."""
    handler.begin()
    handler.event(handler.part("Half a"))
    handler.wfile.write(b"0\r\n\r\n")


def lies(handler: Handler, body: dict[str, Any]) -> None:
    """More tokens than asked for, of probabilities that cannot be, and a count of none."""
    handler.begin()
    for _ in range(10 * body["max_tokens"]):
        handler.event(
            handler.part(" lie", {"tokens": [" lie"], "token_logprobs": [5.0], "top_logprobs": [{" lie": "much"}]})
            | {"usage": {"completion_tokens": 0}}
        )
    handler.end()


def redirects_to(address: str) -> Behaviour:
    return lambda handler, body: handler.reply(307, {}, Location=address)


def refuses(status: int, words: str = "") -> Behaviour:
    return lambda handler, body: handler.reply(status, {"error": {"message": words}} if words else {})


def fails_within(handler: Handler, body: dict[str, Any]) -> None:
    """Tell of an error in the stream, as some servers do."""
    handler.begin()
    handler.event({"error": {"message": "out of memory"}})


def packed(handler: Handler, body: dict[str, Any]) -> None:
    """Claim to have packed the answer, though nobody asked for it."""
    handler.reply(200, b"\x1f\x8b" + b"\0" * 100, Content_Encoding="gzip")


def nonsense(handler: Handler, body: dict[str, Any]) -> None:
    handler.begin()
    handler.event(b"data: [[[[[\n\n")


@contextlib.contextmanager
def other_protocol() -> Iterator[str]:
    """The address of a port at which something answers that is no web server."""

    class Greets(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"220 mail.example.org ESMTP\r\n")
            self.request.recv(65_536)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greets) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _text(body: dict[str, Any]) -> str:
    return body.get("prompt") or "\n\n".join(message["content"] for message in body["messages"])
