"""The real daemon is killed at random moments under typing: whatever it acknowledged is in the journal."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.waiting import wait_until

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.errors import DaemonUnreachable
from shadowpen.daemon.storage import journal
from shadowpen.daemon.wire import lock
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Complete, Record

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")


_TYPED = "The harbour was quiet in the morning, and the boats lay where they had been left. " * 3


@pytest.fixture
def learning(layout: store.Layout, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "automatic", False)
    return store.layout()


def _edit(id: str) -> Iterator[dict[str, Any]]:
    common = {"id": id, "time": 1_700_000_000.0}
    yield common | {
        "type": "accepted",
        "context": "The harbour was " * 30,
        "suggested": "quiet today",
        "taken": "quiet",
        "document": "untitled:1",
        "language": "markdown",
    }
    yield common | {"type": "kept", "when": "2min", "text": "quiet"}


def _record_until_killed(layout: store.Layout, name: str, moment: random.Random) -> set[str]:
    """Type, and record edits as fast as they are acknowledged, until the daemon is killed; the ids acknowledged.

    Another thread does that, at some moment of the work that follows a number of acknowledged edits.
    """
    acknowledged: set[str] = set()
    enough = threading.Event()
    wanted, delay_s = moment.randrange(1, 30), moment.random() * 0.02

    def kill() -> None:
        enough.wait(60)
        time.sleep(delay_s)
        pid = lock.holder(layout)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with contextlib.suppress(DaemonUnreachable), Client("test", layout=layout) as client:
            for number in itertools.count():
                ids = [f"{name}-{number}-{part}" for part in range(1 + number % 3)]
                events = [event for id in ids for event in _edit(id)]
                client.request(Record(id=client.next_id(), events=events), timeout_ms=20_000)
                acknowledged.update(ids)
                typed = _TYPED[: 20 + number % 200]
                client.request(Complete(id=client.next_id(), document="untitled:1", prefix=typed), timeout_ms=20_000)
                if len(acknowledged) >= wanted:
                    enough.set()
    finally:
        enough.set()
        killer.join()
    wait_until(lambda: lock.holder(layout) is None, "the daemon's death")
    return acknowledged


def _nothing_acknowledged_is_lost(layout: store.Layout, kills: int) -> None:
    moment = random.Random(kills)
    promised: set[str] = set()
    for kill in range(kills):
        promised |= _record_until_killed(layout, f"kill{kill}", moment)
    with Client("test", layout=layout) as client:
        client.request(Record(id="last", events=list(_edit("last"))), timeout_ms=20_000)
    contents = journal.read(layout.edits)
    found = {edit.id: edit for edit in contents.edits}
    assert len(promised) > kills
    assert promised | {"last"} <= set(found)
    assert all(found[id].kept == {"2min": "quiet"} for id in promised)
    assert contents.unreadable_lines == 0


@pytest.mark.slow
def test_ten_kills(learning: store.Layout) -> None:
    _nothing_acknowledged_is_lost(learning, 10)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_hundred_kills(learning: store.Layout) -> None:
    _nothing_acknowledged_is_lost(learning, 200)
