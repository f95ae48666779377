"""daemon/storage/expansion_thread.py"""

from __future__ import annotations

import os
import time

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.learning.watcher import Watcher
from shadowpen.daemon.storage import expansion_thread
from shadowpen.daemon.storage.expansion_thread import StoredThread
from shadowpen.daemon.wire.protocol import Turn


def thread(at_s: float) -> StoredThread:
    return StoredThread(
        notes="ferry late", text="The ferry was late.", at_s=at_s, turns=[Turn(instruction="a", shown="b")]
    )


def test_it_is_read_as_it_was_written_until_it_is_deleted(layout: store.Layout) -> None:
    kept = thread(time.time())
    expansion_thread.write(layout, kept)
    assert expansion_thread.read(layout) == kept
    expansion_thread.delete(layout)
    assert expansion_thread.read(layout) is None


@pytest.mark.parametrize("at_s", [-3601.0, 60.0])
def test_after_an_hour_or_with_a_clock_set_back_it_is_gone(layout: store.Layout, at_s: float) -> None:
    expansion_thread.write(layout, thread(time.time() + at_s))
    assert expansion_thread.read(layout) is None
    assert list(layout.runtime.iterdir()) == []


def test_the_daemon_deletes_it_too_whatever_is_in_it(layout: store.Layout) -> None:
    expansion_thread.write(layout, thread(time.time()))
    (path,) = layout.runtime.iterdir()
    path.write_bytes(b"nonsense")
    watcher = Watcher(layout, lambda event: None)
    watcher.look()
    assert path.exists()
    old = time.time() - 3601
    os.utime(path, (old, old))
    watcher.look()
    assert not path.exists()


@pytest.mark.parametrize("content", [b'{"notes": "\xff"}', b"[" * 100_000])
def test_what_is_damaged_is_none(layout: store.Layout, content: bytes) -> None:
    expansion_thread.write(layout, thread(time.time()))
    (path,) = layout.runtime.iterdir()
    path.write_bytes(content)
    assert expansion_thread.read(layout) is None
