"""`shadowpen serve`: the token, what it needs, and that a process of it answers until it is told to end."""

from __future__ import annotations

import http.client
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import store


def test_the_token_is_printed_alone_and_its_file_beside_it(shadowpen: Shadowpen, layout: store.Layout) -> None:
    first, second = shadowpen("serve", "--token"), shadowpen("serve", "--token")
    assert first.status == 0 and first.out == second.out == layout.serve_token.read_text()
    assert str(layout.serve_token) in first.err


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else real(name))
    done = shadowpen("serve")
    assert done.status == 2 and "needs uvicorn" in done.err and "starlette" in done.err and "install" in done.err


def test_a_port_that_is_taken_is_said(shadowpen: Shadowpen) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = shadowpen("serve", "--port", str(taken.getsockname()[1]))
    assert done.status == 2 and "cannot be used" in done.err and "serve.port" in done.err


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_at_its_port_until_it_is_told_to_end(
    number: signal.Signals, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("SHADOWPEN_SERVE_PORT", str(port))
    command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}/v1" in process.stderr.readline()
        answer = _ask(port, layout.serve_token.read_text().strip())
        process.send_signal(number)
        assert process.wait(20) in (0, -number)
        assert "Traceback" not in process.stderr.read()
    assert answer == 200


def _ask(port: int, token: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status
    finally:
        connection.close()
