"""Endpoints, socket options, keys, and the connection file.

A Unix socket in a private folder where there are any, else TCP on 127.0.0.1, always with CURVE and a ZAP
authenticator that admits the listed client key alone: whoever can read the connection file (0600) can talk,
nobody else on the machine. There is no TCP without keys, and a client believes only a file and a socket that nobody
but its user can have made. Knows bytes and sockets, no message.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import zmq

from shadowpen.daemon.base import limits, store
from shadowpen.daemon.base.errors import DaemonError, StateUnusable
from shadowpen.daemon.wire.local_socket import Events, Router
from shadowpen.daemon.wire.protocol import MAX_FRAME_BYTES, PROTOCOL_VERSION

if TYPE_CHECKING:
    from zmq.auth.thread import ThreadAuthenticator

Transport = Literal["ipc", "tcp"]

_ZAP_DOMAIN = b"shadowpen"
_QUEUED_MESSAGES = 1000  # a peer: what a reader that stopped reading may cost
_LINGER_MS = 500  # a last answer may still leave
_NEVER_MS = 10 * 86_400_000  # twice as much must fit an int
_TCP_ENDPOINT = "tcp://127.0.0.1:*"
_SOCKET_PATH_BYTES = 103
_CONNECTION_BYTES = 64 * 1024
_LOOPBACK = re.compile(r"tcp://127\.0\.0\.1:\d{1,5}")
_KEY = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")  # Z85

# What a client's socket monitor reports when nobody listens, the daemon has gone, or it refuses the key.
LOST_EVENTS = zmq.EVENT_CLOSED | zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """The connection file: all a client needs; keys are Z85 text, empty on a Unix socket.

    `folders` are those that the environment may move apart from the data: "settings" and "models".
    """

    requests: str
    events: str
    pid: int
    version: str = ""
    protocol: int = PROTOCOL_VERSION
    server_key: str = ""
    client_key: str = ""
    client_secret: str = ""
    folders: dict[str, str] = {}


class Listener:
    """The daemon's two bound sockets: `requests` (ROUTER) and `events` (XPUB). Bind only while holding the lock.

    `sources` are to be polled. `on_departure` is called when a client's connection has ended; it does not say whose.
    Unix sockets are served by local_socket, TCP by libzmq.
    """

    def __init__(
        self,
        context: zmq.Context,
        layout: store.Layout,
        transport: str,
        version: str,
        on_departure: Callable[[], None] = lambda: None,
    ) -> None:
        self._layout, self._on_departure = layout, on_departure
        self._authenticator: ThreadAuthenticator | None = None
        self.transport = choose(transport, layout)
        self._paths = [_socket_path(layout, name) for name in ("requests", "events")]
        self.requests: Any = None
        self.events: Any = None
        self._departures: Any = None
        try:
            self.connection = self._bind_tcp(context, version) if self.transport == "tcp" else self._bind_ipc(version)
            store.write_atomic(layout.connection_file, msgspec.json.encode(self.connection), durable=False)
        except BaseException:
            self.close()
            raise

    @property
    def sources(self) -> list[Any]:
        """What to poll for something to do: `requests`, `events`, and, with TCP, what calls for `note_departure`."""
        if self._departures is None:
            return [self.requests.fileno(), self.events.fileno()]
        return [self.requests, self.events, self._departures]

    def note_departure(self) -> None:
        """Take in that a connection over TCP has ended."""
        self._departures.recv_multipart()
        self._on_departure()

    def _bind_ipc(self, version: str) -> Connection:
        most = limits.most_clients()
        for path in self._paths:
            clear(path)
        requests, events = self._paths
        with _saying(requests):
            self.requests = Router(requests, most, self._on_departure)
        with _saying(events):
            self.events = Events(events, most)
        return self._described([f"ipc://{path}" for path in self._paths], version, {})

    def _bind_tcp(self, context: zmq.Context, version: str) -> Connection:
        self.requests, self.events = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
        self._departures = self.requests.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        # An answer to a client that has gone raises, so that its work can be dropped; without it, it is silence.
        self.requests.router_mandatory = True
        self.events.xpub_verbose = True  # every subscriber is told the state, not only the first
        for socket in (self.requests, self.events):
            _limit(socket)
        keys = self._require_keys(context)
        return self._described([bind(socket, _TCP_ENDPOINT) for socket in (self.requests, self.events)], version, keys)

    def _described(self, bound: list[str], version: str, keys: dict[str, Any]) -> Connection:
        folders = folders_of(self._layout)
        return Connection(requests=bound[0], events=bound[1], pid=os.getpid(), version=version, folders=folders, **keys)

    def _require_keys(self, context: zmq.Context) -> dict[str, Any]:
        """Fresh keys for both sides, and the authenticator that admits this client key alone."""
        from zmq.auth.thread import ThreadAuthenticator

        server_key, server_secret = zmq.curve_keypair()
        client_key, client_secret = zmq.curve_keypair()
        self._authenticator = ThreadAuthenticator(context)
        self._authenticator.configure_curve_callback(_ZAP_DOMAIN.decode(), _ListedKeys({client_key}))
        self._authenticator.start()
        for socket in (self.requests, self.events):
            socket.curve_server = True
            socket.curve_secretkey = server_secret
            socket.zap_domain = _ZAP_DOMAIN
            # Without an authenticator nobody is admitted; ZeroMQ's default would admit everybody.
            socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
        return {
            "server_key": server_key.decode(),
            "client_key": client_key.decode(),
            "client_secret": client_secret.decode(),
        }

    def close(self) -> None:
        """Take the connection file and the socket files away and close the sockets; what was sent still leaves."""
        for path in (self._layout.connection_file, *self._paths):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        if self._departures is None:
            for local in (self.events, self.requests):
                if local is not None and not local.closed:
                    local.close(_LINGER_MS / 1000)
            return
        if not self.requests.closed:
            self.requests.disable_monitor()
        for socket in (self._departures, self.requests, self.events):
            socket.close()
        if self._authenticator:
            self._authenticator.stop()


class _ListedKeys:
    """Says yes to the listed client keys (Z85) and to nobody else."""

    def __init__(self, keys: set[bytes]) -> None:
        self._keys = keys

    def callback(self, domain: str, key: bytes) -> bool:
        return key in self._keys


def choose(transport: str, layout: store.Layout) -> Transport:
    """The transport that the setting `auto`, `ipc` or `tcp` means here; DaemonError where ipc cannot be had."""
    if transport == "tcp":
        return "tcp"
    fits = len(os.fsencode(layout.socket_path("requests"))) <= _SOCKET_PATH_BYTES
    if os.name != "nt" and zmq.has("ipc") and fits:
        return "ipc"
    if transport == "ipc":
        raise DaemonError("Unix sockets are not available here.", 'Set daemon.transport = "auto".')
    return "tcp"


def bind(socket: zmq.Socket, endpoint: str) -> str:
    """Bind and return the endpoint as bound; DaemonError with the reason in words."""
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        raise DaemonError(
            f"Cannot listen on {endpoint}: {error}.", "Stop the program that uses it and try again."
        ) from error
    bound: Any = socket.last_endpoint
    return bound.rstrip(b"\0").decode()


@contextlib.contextmanager
def _saying(path: Path) -> Iterator[None]:
    """StateUnusable with the reason in words for a socket that cannot be made at `path`."""
    try:
        yield
    except OSError as error:
        raise store.unusable(path, error) from error


def clear(path: Path) -> None:
    """Remove what a daemon that was killed left at `path`; only the holder of the lock may."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StateUnusable(
            f"{path} blocks the daemon's socket: {error.strerror}.", "Remove it and try again."
        ) from error


def dial(context: zmq.Context, kind: int, connection: Connection) -> zmq.Socket:
    """A socket of `kind` (DEALER, SUB) with the keys of `connection`, not yet connected.

    It never reconnects by itself: a daemon that went away is a fact its client must learn at once.
    """
    socket = context.socket(kind)
    _limit(socket)
    # Not -1, "never": that throws away what had arrived but was not read yet, such as the answer to Shutdown.
    socket.reconnect_ivl = _NEVER_MS
    if connection.server_key:
        socket.curve_serverkey = connection.server_key.encode()
        socket.curve_publickey = connection.client_key.encode()
        socket.curve_secretkey = connection.client_secret.encode()
    return socket


def read_connection(layout: store.Layout) -> Connection | None:
    """What the connection file says; None without one, or when it leads nowhere or is not one of ours.

    StateUnusable when the file, the folders or the socket belong to somebody else or could be changed by others: then
    not a word may be sent.
    """
    store.check_owner(layout)
    try:
        content, status = store.read_bounded_with_status(layout.connection_file, _CONNECTION_BYTES)
        connection = msgspec.json.decode(content, type=Connection)
    except PermissionError as error:
        raise store.unusable(layout.connection_file, error) from error
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    store.check_private(layout.connection_file, status, secret=bool(connection.client_secret))
    return connection if _is_believable(connection) else None


def folders_of(layout: store.Layout) -> dict[str, str]:
    """The folders that must be the same for daemon and client, without links; see Connection."""
    return {"settings": os.path.realpath(layout.config_dir), "models": os.path.realpath(layout.models)}


def _is_believable(connection: Connection) -> bool:
    """Whether it leads to two sockets of this user, or to this machine with keys for both sides."""
    endpoints = (connection.requests, connection.events)
    if all(_LOOPBACK.fullmatch(endpoint) for endpoint in endpoints):
        keys = (connection.server_key, connection.client_key, connection.client_secret)
        return all(_KEY.fullmatch(key) for key in keys)
    return all(endpoint.startswith("ipc:///") and _is_own_socket(Path(endpoint[6:])) for endpoint in endpoints)


def _is_own_socket(path: Path) -> bool:
    """Whether there is a socket at `path`; StateUnusable if it, or its folder, is not this user's alone."""
    try:
        status, folder = path.lstat(), path.parent.stat()
    except (OSError, ValueError):
        return False
    if not stat.S_ISSOCK(status.st_mode):
        return False
    store.check_private(path.parent, folder)
    if not store.is_ours(status):
        raise store.foreign(path)
    return True


def _limit(socket: zmq.Socket) -> None:
    socket.maxmsgsize = MAX_FRAME_BYTES
    socket.sndhwm = socket.rcvhwm = _QUEUED_MESSAGES
    socket.linger = _LINGER_MS


def _socket_path(layout: store.Layout, name: str) -> Path:
    path = layout.socket_path(name)
    store.private_directory(path.parent)
    return path
