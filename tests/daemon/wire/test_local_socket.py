"""daemon/wire/local_socket.py: libzmq's clients are served, and whoever goes beyond a bound is cut off alone."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq
from support.waiting import wait_until

from shadowpen.daemon.wire import local_socket, zmtp
from shadowpen.daemon.wire.local_socket import Events, Router


@pytest.fixture
def path(home: Path) -> Path:
    home.mkdir(mode=0o700)
    return home / "s"


@pytest.fixture
def departures() -> list[str]:
    """One entry for each connection that ended."""
    return []


@pytest.fixture
def router(path: Path, departures: list[str]) -> Iterator[Router]:
    router = Router(path, most=4, on_departure=lambda: departures.append("gone"))
    yield router
    router.close()


class Dialled:
    """libzmq's sockets, connected to a path and closed with the test."""

    def __init__(self) -> None:
        self._context = zmq.Context()
        self._made: list[zmq.Socket] = []
        self._bare: list[socket.socket] = []

    def __call__(self, path: Path, kind: int = zmq.DEALER, topic: bytes = b"") -> zmq.Socket:
        made = self._context.socket(kind)
        self._made.append(made)
        if kind == zmq.SUB:
            made.subscribe(topic)
        made.connect(f"ipc://{path}")
        return made

    def bare(self, path: Path) -> socket.socket:
        """A connection that has said nothing."""
        bare = socket.socket(socket.AF_UNIX)
        self._bare.append(bare)
        bare.connect(str(path))
        return bare

    def greeted(self, path: Path) -> socket.socket:
        """A connection that is through with its handshake, and then in the hands of the test."""
        bare = self.bare(path)
        bare.sendall(zmtp.GREETING + zmtp.ready(b"DEALER"))
        return bare

    def close(self) -> None:
        for bare in self._bare:
            bare.close()
        for made in self._made:
            made.close(0)
        self._context.destroy(linger=0)


@pytest.fixture
def dial() -> Iterator[Dialled]:
    dial = Dialled()
    yield dial
    dial.close()


def _echoes(router: Router, dealer: zmq.Socket, frame: bytes) -> bool:
    dealer.send(frame)
    client, got = router.recv_multipart()
    assert got == frame
    router.send_multipart([client, got])

    def answered() -> bool:
        router.poll(5)
        return bool(dealer.poll(5))

    wait_until(answered)
    return dealer.recv() == frame


def _is_cut_off(router: Router, bare: socket.socket) -> bool:
    bare.setblocking(False)

    def gone() -> bool:
        router.poll(5)
        try:
            while bare.recv(65_536):
                pass
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True

    return wait_until(gone)


def test_messages_of_every_size_go_both_ways(router: Router, dial: Dialled, path: Path) -> None:
    dealers = [dial(path) for _ in range(3)]
    for size in (0, 1, 255, 256, 100_000, 3_000_000):
        for dealer in dealers:
            assert _echoes(router, dealer, os.urandom(size))


def test_nothing_there_and_nobody_there(router: Router, dial: Dialled, path: Path, departures: list[str]) -> None:
    with pytest.raises(zmq.Again):
        router.recv_multipart(zmq.NOBLOCK)
    dealer = dial(path)
    dealer.send(b"x")
    client, _ = router.recv_multipart()
    dealer.close(0)
    wait_until(lambda: router.poll(5) or departures)
    with pytest.raises(zmq.ZMQError) as raised:
        router.send_multipart([client, b"y"])
    assert raised.value.errno == zmq.EHOSTUNREACH


def test_a_message_without_end_cuts_its_sender_off(router: Router, dial: Dialled, path: Path) -> None:
    dealer = dial(path)
    assert _echoes(router, dealer, b"before")
    endless = dial.greeted(path)
    endless.setblocking(False)
    part = memoryview(b"\x03" + (1 << 20).to_bytes(8, "big") + bytes(1 << 20))
    sent = at = 0

    def refused() -> bool:
        nonlocal sent, at
        router.poll(1)
        try:
            written = endless.send(part[at:])
        except BlockingIOError:
            return False
        except OSError:
            return True
        sent, at = sent + written, (at + written) % len(part)
        return False

    wait_until(refused)
    assert sent < 20 << 20
    assert _echoes(router, dealer, b"after")


def test_what_all_hold_together_is_bounded(dial: Dialled, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_socket, "_MOST_HELD_BYTES", 1_000_000)
    router = Router(path, most=10)
    holders = [dial.greeted(path) for _ in range(3)]
    for number, holder in enumerate(holders):
        holder.setblocking(False)
        half = memoryview(b"\x02" + (900_000).to_bytes(8, "big") + bytes(300_000 + number * 100_000))
        while half:
            router.poll(1)
            try:
                half = half[holder.send(half) :]
            except BlockingIOError:
                continue
            except OSError:
                break
    wait_until(lambda: router.poll(5) or len(router._peers) == 2)  # one of them was cut off, and that is enough
    assert sum(peer.reader.nbytes for peer in router._peers.values()) <= 1_000_000
    router.close()


def test_one_connection_too_many_costs_the_silent_first(router: Router, dial: Dialled, path: Path) -> None:
    dealers = [dial(path) for _ in range(2)]
    for dealer in dealers:
        assert _echoes(router, dealer, b"x")
    silent = [dial.bare(path) for _ in range(2)]
    router.poll(10)
    third = dial(path)
    assert _echoes(router, third, b"x")  # in the place of a silent one
    assert _is_cut_off(router, silent[0])
    fourth = dial(path)
    assert _echoes(router, fourth, b"x")
    refused = dial.greeted(path)
    assert _is_cut_off(router, refused)  # all others are honest
    for dealer in (*dealers, third, fourth):
        assert _echoes(router, dealer, b"y")


def test_without_descriptors_it_refuses_and_goes_on(
    router: Router, dial: Dialled, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    dealer = dial(path)
    assert _echoes(router, dealer, b"x")
    for _ in range(2):
        dial.bare(path)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, limits[1]))
    try:
        assert not router.poll(50)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert _echoes(router, dealer, b"y")


def test_a_spare_descriptor_that_another_thread_takes_does_not_end_the_service(
    router: Router, dial: Dialled, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", taken)
        router._refuse_one()
        router._refuse_one()
    router._refuse_one()
    assert router._spare >= 0 and _echoes(router, dial(path), b"x")


def test_a_client_that_does_not_read_is_full_and_others_are_not(router: Router, dial: Dialled, path: Path) -> None:
    deaf = dial.greeted(path)
    deaf.sendall(zmtp.framed(b"x"))
    client, _ = router.recv_multipart()
    with pytest.raises(zmq.Again):
        for _ in range(10_000):
            router.send_multipart([client, bytes(100_000)])
    assert router._peers[client].queued_bytes < 40 << 20
    assert _echoes(router, dial(path), b"x")


def test_subscribers_are_heard_and_told(dial: Dialled, path: Path) -> None:
    events = Events(path, most=4)
    subscribers = []
    for topic in (b"", b"ab", b"x"):
        subscriber = dial(path, zmq.SUB, topic)
        assert events.recv() == b"\1" + topic
        subscribers.append(subscriber)
    events.send(b"abc")
    assert subscribers[0].poll(10_000) and subscribers[0].recv() == b"abc"
    assert subscribers[1].poll(10_000) and subscribers[1].recv() == b"abc"
    assert not subscribers[2].poll(0)
    subscribers[1].unsubscribe(b"ab")
    wait_until(lambda: events.poll(5) or not any(b"ab" in peer.topics for peer in events._peers.values()))
    events.close()


def test_what_was_sent_leaves_before_the_end(dial: Dialled, path: Path) -> None:
    router = Router(path, most=4)
    dealer = dial(path)
    dealer.send(b"x")
    client, _ = router.recv_multipart()
    router.send_multipart([client, bytes(1_000_000)])
    router.close(linger_s=10)
    assert dealer.poll(10_000) and len(dealer.recv()) == 1_000_000
    assert router.closed


def test_who_sends_thousands_of_messages_does_not_hold_up_the_others(path: Path, router: Router, dial: Dialled) -> None:
    flood, honest = dial.greeted(path), dial.greeted(path)
    flood.sendall(zmtp.framed(b"again") * 2000)
    assert router.poll(20_000)
    honest.sendall(zmtp.framed(b"please"))
    received = [router.recv_multipart()[1] for _ in range(20)]
    assert b"please" in received
    honest.sendall(zmtp.framed(b"again please"))
    received = [router.recv_multipart()[1] for _ in range(20)]
    assert b"again please" in received
    assert [router.recv_multipart()[1] for _ in range(1962)] == [b"again"] * 1962, "and nothing of it is lost"
