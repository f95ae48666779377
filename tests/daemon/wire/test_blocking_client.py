"""daemon/wire/blocking_client.py: the same, for commands."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from support import daemons, fake_daemon
from support.models import fake_model
from support.models.fake_model import FakeModel
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DaemonUnreachable, ProtocolMismatch, RequestInvalid, ShadowpenError
from shadowpen.daemon.base.sections import DaemonSettings
from shadowpen.daemon.serving.server import Server
from shadowpen.daemon.wire import lock
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Complete, Completion, Continuation, Continue, Partial, Shutdown


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture(params=["ipc", "tcp"])
def server(request: pytest.FixtureRequest, layout: store.Layout, model: FakeModel) -> Iterator[Server]:
    settings = Config(daemon=DaemonSettings(transport=request.param))
    with daemons.in_thread(layout, lambda *_: model, settings=settings) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client("test", start=False) as client:
        yield client


def complete(client: Client, prefix: str = "Hello") -> Complete:
    return Complete(id=client.next_id(), document="d", prefix=prefix)


def test_a_request(client: Client) -> None:
    reply = client.request(complete(client))
    assert isinstance(reply, Completion) and reply.suggestions[0].text == "Hello"


def test_a_stream(client: Client) -> None:
    parts: list[Partial] = []
    request = Continue(id=client.next_id(), document="d", prefix="x", max_words=2)
    assert isinstance(client.request(request, on_partial=parts.append), Continuation)
    # A part that was overtaken before it was sent is left out; the last is the whole text.
    assert [part.text for part in parts] in ([" word 0", " word 0 word 1"], [" word 0 word 1"])


def test_a_failure_is_the_error_it_names(client: Client) -> None:
    with pytest.raises(ShadowpenError, match="failed inside the daemon"):
        client.request(complete(client, "!raise"))
    assert isinstance(client.request(complete(client)), Completion)


def test_giving_up_cancels_in_the_daemon(client: Client, model: FakeModel) -> None:
    with pytest.raises(DaemonUnreachable, match="within 50 ms"):
        client.request(complete(client, "!hang"), timeout_ms=50)
    wait_until(lambda: not model.running)
    assert isinstance(client.request(complete(client)), Completion)  # and its late answers are not taken for ours


def test_leaving_a_stream_cancels_in_the_daemon(client: Client, model: FakeModel) -> None:
    def leave(part: Partial) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.request(Continue(id="1", document="d", prefix="x", max_words=10_000), on_partial=leave)
    wait_until(lambda: not model.running)


def test_a_message_that_would_be_refused_is_not_sent(client: Client) -> None:
    with pytest.raises(RequestInvalid, match="exceeds the limit"):
        client.request(complete(client, "x" * 3_000_000))
    assert isinstance(client.request(complete(client)), Completion)


def test_after_the_end_every_request_fails_at_once(client: Client) -> None:
    client.request(Shutdown(id="s"))
    for _ in range(3):
        with pytest.raises(DaemonUnreachable):
            client.request(complete(client))
    client.cancel("1")


def test_nobody_there() -> None:
    with pytest.raises(DaemonUnreachable, match="No daemon is running"):
        Client(start=False)


def test_a_daemon_of_another_protocol_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shadowpen.daemon.serving.server.PROTOCOL_VERSION", 2)
    with pytest.raises(ProtocolMismatch, match="protocol 1, the daemon 2"):
        Client(start=False)


def test_a_silent_daemon_is_said_to_be_silent(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shadowpen.daemon.wire.launch.HELLO_TIMEOUT_S", 0.1)
    process = daemons.start(layout)
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(DaemonUnreachable, match=rf"process {process.pid}\) does not answer"):
        Client(start=False)
    process.send_signal(signal.SIGCONT)
    daemons.stop(layout, process)


def test_a_killed_daemon_fails_what_is_outstanding(layout: store.Layout) -> None:
    fake_model.install(layout)
    process = daemons.start(layout)
    with daemons.connect(layout) as client:
        client.request(complete(client))
        killing = threading.Thread(target=daemons.kill, args=(process,))
        killing.start()
        with pytest.raises(DaemonUnreachable, match="was lost"):
            client.request(complete(client, "!hang"))
        killing.join()


def test_a_daemon_is_started_and_outlives_its_client(layout: store.Layout) -> None:
    fake_model.install(layout)
    with Client(command=fake_daemon.COMMAND) as client:
        assert isinstance(client.request(complete(client)), Completion)
    pid = lock.holder(layout)
    with daemons.connect(layout) as client:
        client.request(Shutdown(id="s"))
    wait_until(lambda: lock.holder(layout) is None)
    assert pid


def test_it_imports_neither_asyncio_nor_a_runtime() -> None:
    code = (
        "import sys, shadowpen.daemon.wire.blocking_client as b; "
        "print({'asyncio', 'onnxruntime', 'numpy', 'click', 'rich', 'filelock'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
