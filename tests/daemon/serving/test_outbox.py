"""daemon/serving/outbox.py: from any thread to the one that polls."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator

import pytest

from shadowpen.daemon.serving.outbox import Outbox
from shadowpen.daemon.wire.protocol import Done, Event, Partial


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    outbox = Outbox()
    yield outbox
    outbox.close()


def _rung(outbox: Outbox, patience_s: float = 0) -> bool:
    return bool(select.select([outbox.descriptor], [], [], patience_s)[0])


def test_what_is_put_comes_out_in_order(outbox: Outbox) -> None:
    event, done = Event(kind="x"), Done(id="1")
    outbox.announce(event)
    outbox.post(b"client", done)
    assert list(outbox.take()) == [event, (b"client", done)]
    assert list(outbox.take()) == []


def test_a_newer_partial_takes_the_place_of_one_that_waits(outbox: Outbox) -> None:
    for length in range(100_000):
        outbox.post(b"one", Partial(id="1", text=f"{length} words"))
    outbox.post(b"two", Partial(id="1", text="somebody else's"))
    outbox.post(b"one", Done(id="2"))
    outbox.post(b"one", Partial(id="1", text="the last"))
    others = [(b"two", Partial(id="1", text="somebody else's")), (b"one", Done(id="2"))]
    assert list(outbox.take()) == [(b"one", Partial(id="1", text="the last")), *others]
    outbox.post(b"one", Partial(id="1", text="later"))
    assert list(outbox.take()) == [(b"one", Partial(id="1", text="later"))]


def test_what_is_put_while_sending_waits_for_the_next_turn(outbox: Outbox) -> None:
    outbox.post(b"one", Done(id="1"))
    for sent in outbox.take():
        outbox.post(b"one", Done(id="2"))
        assert sent == (b"one", Done(id="1"))
    assert list(outbox.take()) == [(b"one", Done(id="2"))]


def test_putting_wakes_another_thread(outbox: Outbox) -> None:
    thread = threading.Thread(target=outbox.post, args=(b"client", Done(id="1")))
    thread.start()
    assert _rung(outbox, 10)
    thread.join()
    outbox.calm()
    assert not _rung(outbox)
    outbox.calm()  # not rung: returns at once


def test_a_full_bell_blocks_nobody(outbox: Outbox) -> None:
    for _ in range(100_000):
        outbox.ring()
    outbox.calm()
    assert not _rung(outbox)


def test_a_byte_on_the_bell_rings(outbox: Outbox) -> None:
    os.write(outbox.bell, b"\x0f")
    assert _rung(outbox)


def test_ringing_after_the_end_is_harmless(outbox: Outbox) -> None:
    outbox.close()
    outbox.post(b"client", Done(id="1"))
