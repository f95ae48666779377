"""Daemons for tests: in a thread of the test, or as a real process, both with the fake model."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence

from shadowpen.daemon.base import config, store
from shadowpen.daemon.serving.server import EventSink, Server
from shadowpen.daemon.wire import lock, transport
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Shutdown
from support import fake_daemon
from support.models.fake_model import FakeModel
from support.waiting import wait_until


@contextlib.contextmanager
def in_thread(
    layout: store.Layout,
    load: Callable[..., FakeModel],
    journal: EventSink | None = None,
    settings: config.Config | None = None,
) -> Iterator[Server]:
    """A server that has bound its sockets; it is ended with the block, and what it raised is raised."""
    raised: list[BaseException] = []
    with lock.single_instance(layout):
        server = Server(layout, settings or config.load(layout.config_file), load, journal)

        def run() -> None:
            try:
                server.run()
            except BaseException as error:
                raised.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            wait_until(lambda: layout.connection_file.exists() or raised, "the daemon")
            yield server
        finally:
            server.stop()
            thread.join(20)
            assert not thread.is_alive()
    if raised:
        raise raised[0]


_started: list[subprocess.Popen[bytes]] = []


def start(
    layout: store.Layout, *, ready: bool = True, command: Sequence[str] = fake_daemon.COMMAND
) -> subprocess.Popen[bytes]:
    """A daemon's process, run by `command`; with `ready`, it answers. It ends with the test at the latest."""
    output = store.private_directory(layout.logs) / "daemon.out"
    output.touch(0o600)
    with output.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)
    _started.append(process)
    if ready:
        wait_until(lambda: process.poll() is not None or _serves(process, layout), "the daemon")
        assert process.poll() is None, output.read_text()
        connect(layout).close()
    return process


def _serves(process: subprocess.Popen[bytes], layout: store.Layout) -> bool:
    connection = transport.read_connection(layout)
    return connection is not None and connection.pid == process.pid


def connect(layout: store.Layout) -> Client:
    """A client of the daemon that runs; it starts none."""
    return Client("test", start=False, layout=layout)


def stop(layout: store.Layout, process: subprocess.Popen[bytes]) -> int:
    """Ask it to end; its exit status."""
    with connect(layout) as client:
        client.request(Shutdown(id="stop"))
    return process.wait(20)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(20)


def kill_all() -> None:
    """What `start` began and nobody ended."""
    while _started:
        kill(_started.pop())
