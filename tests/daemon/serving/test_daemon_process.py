"""The daemon as a process: its beginnings, its ends, and what must not harm it. With real processes and sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support import daemons, fake_daemon
from support.models import fake_model
from support.raw_client import RawClient
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, RequestCancelled
from shadowpen.daemon.wire import launch, lock, transport
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import (
    Cancel,
    Complete,
    Completion,
    Continue,
    Done,
    Failure,
    Hello,
    Record,
    Reload,
    Reply,
    Shutdown,
    Status,
    StatusReport,
    encode,
)
from shadowpen.daemon.wire.reports import DaemonReport


@pytest.fixture(params=["ipc", "tcp"])
def over(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each transport in turn, for the daemons the test starts."""
    monkeypatch.setenv("SHADOWPEN_DAEMON_TRANSPORT", request.param)
    return request.param


@pytest.fixture
def model(layout: store.Layout) -> None:
    fake_model.install(layout)


def complete(client: Client, prefix: str = "Hello", document: str = "d") -> Reply:
    return client.request(Complete(id=client.next_id(), document=document, prefix=prefix), timeout_ms=20_000)


def report(client: Client) -> DaemonReport:
    reply = client.request(Status(id=client.next_id()))
    assert isinstance(reply, StatusReport)
    return reply.report


def leftovers(layout: store.Layout) -> set[str]:
    return {path.name for path in layout.runtime.iterdir()} - {layout.lock.name}


# --- beginnings --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model")
def test_it_serves(layout: store.Layout, over: str) -> None:
    process = daemons.start(layout)
    with daemons.connect(layout) as client:
        assert isinstance(complete(client), Completion)
        about = report(client)
        assert about.pid == process.pid and about.transport == over
        assert isinstance(client.request(Record(id="r", events=[{"type": "accepted"}])), Done)
    assert daemons.stop(layout, process) == 0


def test_a_second_daemon_is_refused_in_a_sentence(layout: store.Layout) -> None:
    first = daemons.start(layout)
    second = subprocess.run(fake_daemon.COMMAND, capture_output=True, text=True)
    assert second.returncode == launch.ALREADY_RUNNING_STATUS
    assert second.stderr == f"A daemon is already running (process {first.pid}).\n"
    assert daemons.stop(layout, first) == 0


@pytest.mark.usefixtures("model", "over")
def test_after_a_kill_another_takes_over_what_was_left(layout: store.Layout) -> None:
    killed = daemons.start(layout)
    daemons.kill(killed)
    assert {"connection.json", "daemon.pid"} <= leftovers(layout)
    with Client(command=fake_daemon.COMMAND) as client:
        assert isinstance(complete(client), Completion)
        assert report(client).pid == lock.holder(layout) != killed.pid


@pytest.mark.usefixtures("model")
def test_what_others_left_in_its_places_is_no_obstacle(layout: store.Layout) -> None:
    store.private_directory(layout.runtime)
    layout.lock.write_text("rubbish")
    lock.pid_file(layout).write_text("1\n")
    layout.connection_file.write_text('{"requests": "ipc:///nowhere", "events": "ipc:///nowhere", "pid": 1}')
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(layout.socket_path("requests")))
    layout.socket_path("events").write_text("not even a socket")
    with Client(command=fake_daemon.COMMAND) as client:
        assert isinstance(complete(client), Completion)


@pytest.mark.usefixtures("model")
def test_clients_that_start_at_once_share_one_daemon(layout: store.Layout) -> None:
    code = (
        "import sys; from shadowpen.daemon.wire.blocking_client import Client\n"
        "from shadowpen.daemon.wire.protocol import Status\n"
        "with Client(command=sys.argv[1:]) as c: print(c.request(Status(id='s')).report.pid)"
    )
    asking = [
        subprocess.Popen([sys.executable, "-c", code, *fake_daemon.COMMAND], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    pids = {process.communicate(timeout=60)[0] for process in asking}
    assert pids == {f"{lock.holder(layout)}\n"}


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("now", 2)])
def test_its_command_line_takes_nothing(argument: str, status: int) -> None:
    done = subprocess.run([*launch.COMMAND, argument], capture_output=True, text=True)
    assert done.returncode == status and done.stderr.startswith("usage: ")


def test_a_home_that_cannot_be_used_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SHADOWPEN_HOME", str(tmp_path / "file" / "home"))
    done = subprocess.run(launch.COMMAND, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1 and "cannot be used" in done.stderr and "SHADOWPEN_HOME" in done.stderr


def test_settings_that_are_wrong_are_reported_and_kill_nothing(layout: store.Layout) -> None:
    layout.config_dir.mkdir(parents=True)
    layout.config_file.write_text('[daemon]\ntransport = "pigeon"\n')
    process = daemons.start(layout)
    with daemons.connect(layout) as client:
        assert "pigeon" in str(report(client).problems)
    daemons.stop(layout, process)


def test_what_it_imports_is_lean() -> None:
    heavy = {"onnxruntime", "numpy", "click", "rich", "asyncio", "torch", "transformers"}
    code = f"import sys, shadowpen.daemon.__main__; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# --- ends --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model", "over")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_gracefully(layout: store.Layout, number: signal.Signals) -> None:
    process = daemons.start(layout)
    with RawClient(layout) as client:
        client.greet()
        client.send(encode(Continue(id="1", document="d", prefix="!hang")))
        client.ask(Status(id="s"))
        process.send_signal(number)
        reply = client.receive()
        assert isinstance(reply, Failure) and reply.code == "request_cancelled"
    assert process.wait(20) == 0
    assert leftovers(layout) == set()
    assert lock.holder(layout) is None


@pytest.mark.usefixtures("model", "over")
def test_asked_to_end_it_leaves_nothing(layout: store.Layout) -> None:
    process = daemons.start(layout)
    assert daemons.stop(layout, process) == 0
    assert leftovers(layout) == set()


@pytest.mark.usefixtures("model")
def test_it_ends_when_nobody_asks(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_DAEMON_EXIT_AFTER_S", "0.2")
    process = daemons.start(layout, ready=False)
    assert process.wait(20) == 0
    assert leftovers(layout) == set()


@pytest.mark.usefixtures("model")
def test_it_unloads_when_idle_and_loads_again(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_DAEMON_UNLOAD_AFTER_S", "0.05")
    daemons.start(layout)
    with daemons.connect(layout) as client:
        wait_until(lambda: report(client).model.state == "unloaded")
        assert isinstance(complete(client), Completion)


# --- the model's absence and change ------------------------------------------------------------------


def test_without_a_model_it_says_so_and_serves_once_there_is_one(layout: store.Layout) -> None:
    daemons.start(layout)
    with daemons.connect(layout) as client:
        with pytest.raises(ModelMissing, match="There is no model"):
            complete(client)
        fake_model.install(layout)

        def answered() -> Reply | None:
            try:
                return complete(client)
            except ModelMissing:  # for a moment it remembers
                return None

        assert isinstance(wait_until(answered), Completion)


@pytest.mark.usefixtures("model")
def test_a_reload_swaps_or_says_why_not(layout: store.Layout) -> None:
    daemons.start(layout)
    with daemons.connect(layout) as client:
        fake_model.install(layout, "fake@2")
        assert complete(client).model == "fake@1"  # type: ignore[union-attr]
        assert isinstance(client.request(Reload(id="r")), Done)
        assert complete(client).model == "fake@2"  # type: ignore[union-attr]
        fake_model.install(layout, "!")
        with pytest.raises(ModelCorrupt):
            client.request(Reload(id="r"))
        assert complete(client).model == "fake@2"  # type: ignore[union-attr]


def test_the_real_one_without_a_model(layout: store.Layout) -> None:
    with Client() as client:
        with pytest.raises(ModelMissing) as caught:
            complete(client)
        assert "shadowpen setup" in caught.value.hint
        assert report(client).model.state == "failed"
        client.request(Shutdown(id="s"))


def test_the_real_one_with_a_tiny_model(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    with Client() as client:
        request = Continue(id="1", document="d", prefix="The harbour lay still", max_words=5)
        continued = client.request(request, timeout_ms=30_000)
        assert "morning" in continued.text  # type: ignore[union-attr]
        client.request(Shutdown(id="s"))


# --- bad company -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model", "over")
def test_an_old_client_is_told_to_update(layout: store.Layout) -> None:
    daemons.start(layout)
    with RawClient(layout) as old:
        failure = old.failure(encode(Hello(id="h", protocol=0)))
    assert failure.code == "protocol_mismatch" and "Update Shadowpen" in failure.hint


@pytest.mark.usefixtures("model", "over")
def test_large_and_giant_messages_leave_others_alone(layout: store.Layout) -> None:
    daemons.start(layout)
    with daemons.connect(layout) as other, RawClient(layout) as rude:
        rude.greet()
        assert rude.failure(bytes(3 * 1024 * 1024)).code == "request_invalid"
        assert isinstance(complete(other), Completion)
        rude.send(bytes(17 * 1024 * 1024))
        assert rude.was_disconnected()
        assert isinstance(complete(other), Completion)


@pytest.mark.usefixtures("model", "over")
def test_a_client_killed_in_the_middle_of_a_stream(layout: store.Layout) -> None:
    daemons.start(layout)
    code = (
        "from shadowpen.daemon.wire.blocking_client import Client\n"
        "from shadowpen.daemon.wire.protocol import Continue\n"
        "Client('mortal', start=False).request(Continue(id='1', document='d', prefix='x', max_words=10_000),"
        " on_partial=lambda part: print('.', flush=True))"
    )
    mortal = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert mortal.stdout is not None
    mortal.stdout.readline()
    with daemons.connect(layout) as other:
        assert isinstance(complete(other), Completion)
        mortal.kill()
        mortal.communicate()
        wait_until(lambda: report(other).waiting == 0, "its work to be dropped")
        wait_until(lambda: len(report(other).clients) == 1, "it to be missed")


@pytest.mark.usefixtures("model", "over")
def test_a_storm_of_cancellations_leaves_another_client_its_answers(layout: store.Layout) -> None:
    daemons.start(layout)
    with RawClient(layout) as storm, daemons.connect(layout) as other:
        storm.greet()
        replies: dict[str, Reply] = {}
        for number in range(1000):
            storm.send(encode(Complete(id=f"{number}", document=f"{number % 10}", prefix="!hang")))
            storm.send(encode(Cancel(id=f"c{number}", target=f"{number}")))
            if number % 100 == 99:  # it storms, but it reads: of a client that does not, answers are dropped
                assert isinstance(complete(other), Completion)
                while len(replies) < 2 * number + 2:
                    reply = storm.receive()
                    assert reply.id not in replies, "a second final answer"
                    replies[reply.id] = reply
        for number in range(1000):
            failure = replies[f"{number}"]
            assert isinstance(failure, Failure) and failure.code == "request_cancelled"
            assert isinstance(replies[f"c{number}"], Done)
        assert report(other).waiting == 0


@pytest.mark.usefixtures("model")
def test_a_request_is_cancelled(layout: store.Layout) -> None:
    daemons.start(layout)
    with RawClient(layout) as client:
        client.greet()
        client.send(encode(Complete(id="1", document="d", prefix="!hang")))
        client.send(encode(Cancel(id="2", target="1")))
        failure = client.receive()
        assert isinstance(failure, Failure) and isinstance(failure.error(), RequestCancelled)


# --- privacy -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model")
def test_what_is_written_reaches_no_file(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_DAEMON_LOG_LEVEL", "debug")
    canary = "my dearest canary"
    with Client(canary, command=fake_daemon.COMMAND) as client:
        complete(client, canary)
        complete(client, canary, document=canary)
        for prefix in (f"!raise {canary}", f"!tail {canary}"):
            request = Continue(id=canary, document="d", prefix=prefix, max_words=3)
            with_or_without = [request, Complete(id=client.next_id(), document="d", prefix=prefix)]
            for one in with_or_without:
                _quietly(client, one)
        _quietly(client, Record(id=canary, events=[{"text": f"!fail {canary}"}]))
        _quietly(client, Record(id=canary, events=[{"text": canary}]))
        pid = lock.holder(layout)
        with RawClient(layout) as rude:
            rude.send(canary.encode())
            rude.greet()
            rude.send(encode(Complete(id="1", document="d", prefix=canary)).replace(b"complete", b"compleat"))
            rude.ask(Status(id="s"))
        client.request(Shutdown(id="s"))
    wait_until(lambda: lock.holder(layout) != pid)
    searched = [path for path in layout.data.rglob("*") if path.is_file()]
    assert layout.log_file in searched
    for path in searched:
        content = path.read_bytes()
        assert b"canary" not in content, f"{path}: {content.decode(errors='replace')}"


def _quietly(client: Client, request: Complete | Continue | Record) -> None:
    try:
        client.request(request)
    except Exception as error:
        assert "canary" not in str(error)


@pytest.mark.usefixtures("model", "over")
def test_every_file_and_folder_is_private(layout: store.Layout) -> None:
    daemons.start(layout)
    with daemons.connect(layout) as client:
        complete(client)
    for path in (layout.runtime, layout.logs, *layout.runtime.iterdir(), *layout.logs.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.usefixtures("model")
def test_over_tcp_the_port_alone_is_of_no_use(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_DAEMON_TRANSPORT", "tcp")
    daemons.start(layout)
    connection = transport.read_connection(layout)
    assert connection is not None
    bare = transport.Connection(requests=connection.requests, events=connection.events, pid=os.getpid())
    with RawClient(layout, bare) as stranger:
        stranger.send(encode(Hello(id="h")))
        assert stranger.was_disconnected()
    with daemons.connect(layout) as client:
        assert report(client).requests == {"hello": 2, "status": 1}  # the helper that waited, and this one
