"""The language server's process under clients that frame, order and end their messages wrongly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.editor import SERVER

_AT = {"textDocument": {"uri": "file:///w/a.md"}, "position": {"line": 0, "character": 3}}
_LIMIT_S = 60


class _Client:
    """Writes bytes as told and reads answers; nothing is added."""

    def __init__(self, home: Path, **streams: Any) -> None:
        environment = {**os.environ, "SHADOWPEN_HOME": str(home), "SHADOWPEN_MODELS": str(home / "none")}
        self.process = subprocess.Popen(
            [*SERVER], env=environment, **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, **streams}
        )

    def send(
        self, method: str, id: int | None = None, params: object = None, header: bytes = b"Content-Length: %d"
    ) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params} | ({} if id is None else {"id": id})
        body = json.dumps(message).encode()
        self.write(header % len(body) + b"\r\n\r\n" + body)

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def answer(self, id: int) -> dict[str, Any]:
        assert self.process.stdout is not None
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert length, "the server has ended"
            message: dict[str, Any] = json.loads(self.process.stdout.read(length))
            if message.get("id") == id and "method" not in message:
                return message

    def initialize(self, process_id: int | None = None) -> None:
        self.send("initialize", 1, {"processId": process_id, "capabilities": {}})
        assert "result" in self.answer(1)


@pytest.fixture
def client(home: Path) -> Iterator[_Client]:
    client = _Client(home)
    yield client
    client.process.kill()
    client.process.communicate()


def test_headers_in_any_case_are_answered(client: _Client) -> None:
    client.send("initialize", 1, {"processId": None, "capabilities": {}}, b"content-LENGTH:  %d ")

    assert "result" in client.answer(1)


@pytest.mark.parametrize("off_by", [-5, 5])
def test_one_wrong_length_leaves_nobody_deaf(client: _Client, off_by: int) -> None:
    client.initialize()
    body = b'{"jsonrpc": "2.0", "method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///x"}}}'
    client.write(b"Content-Length: %d\r\n\r\n" % (len(body) + off_by) + body)

    for id in range(2, 5):
        client.send("textDocument/hover", id, _AT)
        assert client.answer(id)["id"] == id


def test_requests_out_of_turn_are_refused_and_say_nothing_of_this_machine(client: _Client) -> None:
    client.send("textDocument/hover", 7, _AT)
    early = client.answer(7)["error"]
    client.initialize()
    client.send("shutdown", 2)
    assert client.answer(2)["result"] is None
    client.send("textDocument/hover", 3, _AT)
    late = client.answer(3)["error"]
    client.send("exit")

    assert (early["code"], late["code"]) == (-32002, -32600)
    assert "/" not in early["message"] + late["message"]
    assert not early.get("data")
    assert client.process.wait(_LIMIT_S) == 0


@pytest.mark.parametrize("is_initialized", [True, False])
def test_an_exit_without_shutdown_is_an_error(client: _Client, is_initialized: bool) -> None:
    if is_initialized:
        client.initialize()

    client.send("exit")

    assert client.process.wait(_LIMIT_S) == 1


def test_the_server_ends_with_its_editor_though_its_input_is_open(client: _Client) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor:
        client.initialize(editor.pid)
        assert client.process.poll() is None

    assert client.process.wait(_LIMIT_S) == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_closed_stream_is_said_in_a_sentence(home: Path, closed: str) -> None:
    command = f'"{sys.executable}" -P -m shadowpen.daemon.cli lsp {closed}'

    ended = subprocess.run(
        ["sh", "-c", command],
        env={**os.environ, "SHADOWPEN_HOME": str(home)},
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
    )

    assert ended.returncode == 1
    assert "is closed." in ended.stderr
    assert "Traceback" not in ended.stderr
