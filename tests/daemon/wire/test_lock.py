"""daemon/wire/lock.py: one holder, stale files, the pid in the message."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonRunning, StateUnusable
from shadowpen.daemon.wire import lock

_HOLD = """
from shadowpen.daemon.wire import lock
from shadowpen.daemon.base import store
with lock.single_instance(store.layout()):
    print("held", flush=True)
    input()
"""


def _other_holder() -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_one_is_refused_with_the_pid_of_the_first(layout: store.Layout) -> None:
    with _other_holder() as process:
        with pytest.raises(DaemonRunning, match=f"process {process.pid}"), lock.single_instance(layout):
            raise AssertionError("two daemons")
        assert lock.holder(layout) == process.pid
        process.communicate("\n")
    with lock.single_instance(layout):
        assert lock.holder(layout) == os.getpid()


def test_the_end_of_the_other_is_waited_for(layout: store.Layout) -> None:
    with _other_holder() as process:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        with lock.single_instance(layout, wait_s=20):
            assert lock.holder(layout) == os.getpid()
        process.communicate()


def test_a_killed_holder_leaves_no_lock(layout: store.Layout) -> None:
    with _other_holder() as process:
        process.kill()
    assert layout.lock.exists() and lock.pid_file(layout).exists()
    assert lock.holder(layout) is None
    with lock.single_instance(layout):
        pass


def test_nobody_holds_it_before_and_after(layout: store.Layout) -> None:
    assert lock.holder(layout) is None
    with lock.single_instance(layout):
        pass
    assert lock.holder(layout) is None
    assert not lock.pid_file(layout).exists()


def test_asking_writes_nothing(layout: store.Layout) -> None:
    lock.holder(layout)
    assert not layout.runtime.exists()


def test_files_are_private(layout: store.Layout) -> None:
    with lock.single_instance(layout):
        for path in (layout.lock, lock.pid_file(layout)):
            assert path.stat().st_mode & 0o777 == 0o600
        assert layout.runtime.stat().st_mode & 0o777 == 0o700


def test_a_folder_in_its_place_is_said(layout: store.Layout) -> None:
    layout.lock.mkdir(parents=True)
    with pytest.raises(StateUnusable, match=str(layout.lock)), lock.single_instance(layout):
        pass
    layout.lock.rmdir()


def test_a_holder_without_a_pid_is_a_holder(layout: store.Layout) -> None:
    with _other_holder() as process:
        lock.pid_file(layout).write_text("?")
        assert lock.holder(layout) == 0
        with pytest.raises(DaemonRunning, match=r"^A daemon is already running\.$"), lock.single_instance(layout):
            raise AssertionError("two daemons")
        process.communicate("\n")
