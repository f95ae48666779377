"""Floods, crowds, few descriptors and stray signals: the daemon lives, and an honest client goes on being answered."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from support import daemons, fake_daemon
from support.models import fake_model
from support.raw_client import RawClient
from support.waiting import wait_until

from shadowpen.daemon.base import limits, store
from shadowpen.daemon.wire import transport, zmtp
from shadowpen.daemon.wire.protocol import Complete, Completion, Status, StatusReport


@pytest.fixture
def process(layout: store.Layout) -> Iterator[subprocess.Popen[bytes]]:
    fake_model.install(layout)
    process = daemons.start(layout)
    yield process
    assert daemons.stop(layout, process) == 0


def _place(layout: store.Layout) -> str:
    connection = transport.read_connection(layout)
    assert connection is not None
    return connection.requests.removeprefix("ipc://")


@contextlib.contextmanager
def _crowd(size: int, place: str) -> Iterator[Iterator[socket.socket]]:
    """`size` connections to `place`, made one after the other; each waits for room in the listener's queue."""
    with contextlib.ExitStack() as stack:

        def arrive() -> Iterator[socket.socket]:
            for _ in range(size):
                one = stack.enter_context(socket.socket(socket.AF_UNIX))
                with contextlib.suppress(ConnectionError):  # it may be refused
                    one.connect(place)
                one.settimeout(20)
                yield one

        yield arrive()


def _is_answered(client: RawClient) -> bool:
    return isinstance(client.ask(Complete(id=os.urandom(8).hex(), document="d", prefix="The")), Completion)


def test_a_message_without_end_costs_no_memory(layout: store.Layout, process: subprocess.Popen[bytes]) -> None:
    with RawClient(layout) as honest, socket.socket(socket.AF_UNIX) as endless:
        honest.greet()
        assert _is_answered(honest)
        before = psutil.Process(process.pid).memory_info().rss
        endless.connect(_place(layout))
        endless.settimeout(20)
        endless.sendall(zmtp.GREETING + zmtp.ready(b"DEALER"))
        part = b"\x03" + (8 << 20).to_bytes(8, "big") + bytes(8 << 20)
        with pytest.raises(OSError):
            for _ in range(40):
                endless.sendall(part)
        assert _is_answered(honest)
        assert psutil.Process(process.pid).memory_info().rss - before < 60 << 20


def test_five_hundred_clients_and_as_many_half_open_ones(
    layout: store.Layout, process: subprocess.Popen[bytes]
) -> None:
    limits.more_descriptors()
    with RawClient(layout) as honest:
        honest.greet()
        with _crowd(1000, _place(layout)) as crowd:
            for number, one in enumerate(crowd):
                if number % 2:
                    one.sendall(zmtp.GREETING + zmtp.ready(b"DEALER"))
            for _ in range(5):
                assert _is_answered(honest)
        with RawClient(layout) as late:
            late.greet()
            assert _is_answered(late)


@pytest.mark.parametrize("descriptors", [64, 256])
def test_few_descriptors_and_more_connections_than_those(layout: store.Layout, descriptors: int) -> None:
    limits.more_descriptors()
    fake_model.install(layout)
    lower = f"resource.setrlimit(resource.RLIMIT_NOFILE, ({descriptors},) * 2)"
    code = f"import os, resource, sys; {lower}; os.execv(sys.argv[1], sys.argv[1:])"
    process = daemons.start(layout, command=(sys.executable, "-c", code, *fake_daemon.COMMAND))
    with RawClient(layout) as honest:
        honest.greet()
        with _crowd(descriptors + 100, _place(layout)) as crowd:
            for one in crowd:
                with contextlib.suppress(OSError):  # it may have been refused
                    one.sendall(zmtp.GREETING + zmtp.ready(b"DEALER"))
                assert process.poll() is None
            for _ in range(3):
                assert _is_answered(honest)
    assert daemons.stop(layout, process) == 0


def test_signals_that_nobody_handles_are_passed_over(layout: store.Layout, process: subprocess.Popen[bytes]) -> None:
    with RawClient(layout) as client:
        client.greet()
        for name in ("SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPIPE", "SIGRTMIN"):
            if hasattr(signal, name):
                process.send_signal(getattr(signal, name))
                assert isinstance(client.ask(Status(id=name)), StatusReport)


def test_quit_is_an_order_to_end(layout: store.Layout) -> None:
    process = daemons.start(layout)
    process.send_signal(signal.SIGQUIT)
    assert process.wait(20) == 0
    wait_until(lambda: not layout.connection_file.exists())


def test_it_leaves_no_core_dump(layout: store.Layout, process: subprocess.Popen[bytes]) -> None:
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux tells the limits of another process")
    assert resource.prlimit(process.pid, resource.RLIMIT_CORE)[0] == 0
