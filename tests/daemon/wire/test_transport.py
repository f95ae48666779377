"""daemon/wire/transport.py: endpoints, the connection file, keys, limits."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zmq
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonError, StateUnusable
from shadowpen.daemon.wire import transport
from shadowpen.daemon.wire.protocol import MAX_FRAME_BYTES

_PATIENCE_MS = 10_000


@pytest.fixture
def context() -> Iterator[zmq.Context]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture(params=["ipc", "tcp"])
def listener(
    request: pytest.FixtureRequest, context: zmq.Context, layout: store.Layout
) -> Iterator[transport.Listener]:
    listener = transport.Listener(context, layout, request.param, "1.2")
    yield listener
    listener.close()


def _echo(listener: transport.Listener, client: zmq.Socket) -> bytes:
    client.send(b"hi")
    assert listener.requests.poll(_PATIENCE_MS)
    listener.requests.send_multipart(listener.requests.recv_multipart())
    assert client.poll(_PATIENCE_MS)
    return client.recv()


def test_a_client_finds_both_sockets_by_the_file(
    listener: transport.Listener, context: zmq.Context, layout: store.Layout
) -> None:
    connection = transport.read_connection(layout)
    assert connection == listener.connection
    assert connection.pid == os.getpid() and connection.version == "1.2"
    with transport.dial(context, zmq.DEALER, connection) as client:
        client.connect(connection.requests)
        assert _echo(listener, client) == b"hi"
    with transport.dial(context, zmq.SUB, connection) as subscriber:
        subscriber.subscribe(b"")
        subscriber.connect(connection.events)
        assert listener.events.poll(_PATIENCE_MS)
        listener.events.send(b"news")
        assert subscriber.poll(_PATIENCE_MS)
        assert subscriber.recv() == b"news"


def test_the_file_is_private_and_goes_with_the_daemon(listener: transport.Listener, layout: store.Layout) -> None:
    assert layout.connection_file.stat().st_mode & 0o777 == 0o600
    paths = [layout.socket_path(name) for name in ("requests", "events")]
    assert [path.exists() for path in paths] == [listener.transport == "ipc"] * 2
    listener.close()
    assert not layout.connection_file.exists()
    assert not any(path.exists() for path in paths)


def test_one_peer_over_the_limit_is_disconnected_and_the_other_is_not(
    listener: transport.Listener, context: zmq.Context
) -> None:
    clients = [transport.dial(context, zmq.DEALER, listener.connection) for _ in range(2)]
    monitor = clients[0].get_monitor_socket(zmq.EVENT_DISCONNECTED)
    for client in clients:
        client.connect(listener.connection.requests)
        assert _echo(listener, client) == b"hi"
    clients[0].send(bytes(MAX_FRAME_BYTES + 1))
    wait_until(lambda: listener.requests.poll(10) or monitor.poll(0))
    assert not listener.requests.poll(0)
    assert _echo(listener, clients[1]) == b"hi"
    clients[0].disable_monitor()
    monitor.close()
    for client in clients:
        client.close(linger=0)


def _wrong_client_key(connection: transport.Connection) -> transport.Connection:
    public, secret = zmq.curve_keypair()
    return msgspec.structs.replace(connection, client_key=public.decode(), client_secret=secret.decode())


def _wrong_server_key(connection: transport.Connection) -> transport.Connection:
    return msgspec.structs.replace(connection, server_key=zmq.curve_keypair()[0].decode())


def _no_key(connection: transport.Connection) -> transport.Connection:
    return msgspec.structs.replace(connection, server_key="", client_key="", client_secret="")


@pytest.mark.parametrize("tampered", [_wrong_client_key, _wrong_server_key, _no_key])
@pytest.mark.parametrize("kind", [zmq.DEALER, zmq.SUB])
def test_over_tcp_only_the_listed_key_is_admitted(
    tampered: object, kind: int, context: zmq.Context, layout: store.Layout
) -> None:
    listener = transport.Listener(context, layout, "tcp", "")
    stranger = transport.dial(context, kind, tampered(listener.connection))  # type: ignore[operator]
    monitor = stranger.get_monitor_socket(
        zmq.EVENT_HANDSHAKE_SUCCEEDED | transport.LOST_EVENTS | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    )
    stranger.connect(listener.connection.requests if kind == zmq.DEALER else listener.connection.events)
    if kind == zmq.DEALER:
        with contextlib.suppress(zmq.Again):  # it may have been thrown out already
            stranger.send(b"let me in", zmq.NOBLOCK)
    # A friend's round trip, later, shows that the stranger's message had every chance to come through.
    assert monitor.poll(_PATIENCE_MS)
    assert int.from_bytes(monitor.recv_multipart()[0][:2], "little") != zmq.EVENT_HANDSHAKE_SUCCEEDED
    with transport.dial(context, zmq.DEALER, listener.connection) as friend:
        friend.connect(listener.connection.requests)
        assert _echo(listener, friend) == b"hi"
    assert not listener.requests.poll(0)
    assert not listener.events.poll(0)
    stranger.disable_monitor()
    monitor.close()
    stranger.close(linger=0)
    listener.close()


def test_tcp_listens_on_loopback_alone(context: zmq.Context, layout: store.Layout) -> None:
    listener = transport.Listener(context, layout, "tcp", "")
    assert listener.connection.requests.startswith("tcp://127.0.0.1:")
    assert listener.connection.events.startswith("tcp://127.0.0.1:")
    listener.close()


def test_keys_are_fresh_each_time(layout: store.Layout) -> None:
    seen = set()
    for _ in range(2):
        with zmq.Context() as context:
            listener = transport.Listener(context, layout, "tcp", "")
            seen |= {listener.connection.server_key, listener.connection.client_key, listener.connection.client_secret}
            listener.close()
    assert len(seen) == 6


def test_a_stale_socket_is_replaced(context: zmq.Context, layout: store.Layout) -> None:
    path = layout.socket_path("requests")
    store.private_directory(path.parent)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    listener = transport.Listener(context, layout, "ipc", "")
    with transport.dial(context, zmq.DEALER, listener.connection) as client:
        client.connect(listener.connection.requests)
        assert _echo(listener, client) == b"hi"
    listener.close()


def test_a_folder_where_the_socket_belongs_is_said(context: zmq.Context, layout: store.Layout) -> None:
    path = layout.socket_path("events")
    (path / "something").mkdir(parents=True)
    with pytest.raises(StateUnusable, match=r"events\.sock blocks the daemon") as caught:
        transport.Listener(context, layout, "ipc", "")
    assert "Remove it" in caught.value.hint
    assert not layout.connection_file.exists()


def test_a_port_in_use_is_said(context: zmq.Context) -> None:
    with socket.socket() as taken, context.socket(zmq.ROUTER) as router:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        endpoint = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(DaemonError, match="in use"):
            transport.bind(router, endpoint)


def test_auto_is_a_unix_socket_where_the_path_fits(layout: store.Layout) -> None:
    assert transport.choose("auto", layout) == "ipc"
    assert transport.choose("tcp", layout) == "tcp"


def test_auto_is_tcp_where_no_path_fits(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp/" + 100 * "x")
    deep = dataclasses.replace(layout, runtime=layout.runtime / (100 * "y"))
    assert transport.choose("auto", deep) == "tcp"
    with pytest.raises(DaemonError, match="not available here"):
        transport.choose("ipc", deep)


def test_a_long_home_gets_a_short_private_folder(context: zmq.Context, layout: store.Layout) -> None:
    deep = dataclasses.replace(layout, runtime=layout.runtime / (100 * "y"))
    listener = transport.Listener(context, deep, "ipc", "")
    folder = deep.socket_path("requests").parent
    try:
        assert folder != deep.runtime
        assert folder.stat().st_mode & 0o777 == 0o700
        with transport.dial(context, zmq.DEALER, listener.connection) as client:
            client.connect(listener.connection.requests)
            assert _echo(listener, client) == b"hi"
    finally:
        listener.close()
        folder.rmdir()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b"\xff\xfe"])
def test_a_damaged_connection_file_is_none(content: bytes, layout: store.Layout) -> None:
    layout.connection_file.parent.mkdir(parents=True)
    layout.connection_file.write_bytes(content)
    assert transport.read_connection(layout) is None


def test_no_connection_file_is_none(layout: store.Layout) -> None:
    assert transport.read_connection(layout) is None


# --- whom a client believes --------------------------------------------------------------------------


def _plant(layout: store.Layout, **changes: object) -> None:
    keys = {"server_key": "s" * 40, "client_key": "c" * 40, "client_secret": "x" * 40}
    planted = {"requests": "tcp://127.0.0.1:9", "events": "tcp://127.0.0.1:9", "pid": 1, **keys, **changes}
    store.write_atomic(layout.connection_file, msgspec.json.encode(planted))


def _as_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is on the disk now belongs to somebody else."""
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)


def test_a_whole_file_is_believed(layout: store.Layout) -> None:
    _plant(layout)
    assert transport.read_connection(layout) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"server_key": "", "client_key": "", "client_secret": ""},
        {"server_key": ""},
        {"client_secret": "x" * 39},
        {"requests": "tcp://10.0.0.1:9"},
        {"events": "tcp://192.168.1.1:9"},
        {"requests": "tcp://127.0.0.1:9@evil"},
        {"requests": "ipc://relative/path"},
        {"requests": "ipc:///nowhere/requests.sock", "events": "ipc:///nowhere/events.sock"},
        {"requests": "ipc:///a\0b", "events": "ipc:///a\0b"},
        {"requests": "pgm://127.0.0.1:9"},
    ],
)
def test_what_leads_elsewhere_or_has_no_keys_is_none(changes: dict[str, object], layout: store.Layout) -> None:
    _plant(layout, **changes)
    assert transport.read_connection(layout) is None


def test_a_file_in_place_of_a_socket_is_none(layout: store.Layout) -> None:
    store.private_directory(layout.runtime)
    layout.socket_path("requests").touch()
    endpoint = f"ipc://{layout.socket_path('requests')}"
    _plant(layout, requests=endpoint, events=endpoint)
    assert transport.read_connection(layout) is None


def test_the_folder_of_somebody_else_is_an_error(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(layout)
    _as_another_user(monkeypatch)
    with pytest.raises(StateUnusable, match="belongs to another user"):
        transport.read_connection(layout)


@pytest.mark.parametrize(("mode", "does"), [(0o640, "read"), (0o604, "read"), (0o620, "read"), (0o666, "read")])
def test_keys_that_others_know_are_an_error(mode: int, does: str, layout: store.Layout) -> None:
    _plant(layout)
    layout.connection_file.chmod(mode)
    with pytest.raises(StateUnusable, match=f"can be {does} by other users"):
        transport.read_connection(layout)


def test_a_folder_that_others_may_write_to_is_an_error(layout: store.Layout) -> None:
    _plant(layout)
    layout.runtime.chmod(0o777)
    with pytest.raises(StateUnusable, match="can be changed by other users"):
        transport.read_connection(layout)


def test_a_socket_in_a_folder_that_others_may_write_to_is_an_error(layout: store.Layout, tmp_path: Path) -> None:
    folder = store.private_directory(tmp_path / "s")
    endpoint = f"ipc://{folder / 'r'}"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "r"))
        keyless = {"server_key": "", "client_key": "", "client_secret": ""}
        _plant(layout, requests=endpoint, events=endpoint, **keyless)
        assert transport.read_connection(layout) is not None
        folder.chmod(0o777)
        with pytest.raises(StateUnusable, match="can be changed by other users"):
            transport.read_connection(layout)


def test_with_any_umask_nothing_is_open_to_others(context: zmq.Context, home: Path) -> None:
    before = os.umask(0)
    try:
        layout = store.layout()
        listener = transport.Listener(context, layout, "ipc", "")
        for path in (home.parent / "h", layout.runtime, layout.connection_file):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        listener.close()
    finally:
        os.umask(before)
