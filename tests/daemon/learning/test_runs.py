"""The lock of training: one run at a time, and looking at it is not a run."""

from __future__ import annotations

import threading

import filelock
import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import TrainingError
from shadowpen.daemon.learning import runs


def test_a_second_run_is_refused(layout: store.Layout) -> None:
    with runs.only_run(layout), pytest.raises(TrainingError, match="already in progress"), runs.only_run(layout):
        pass


def test_who_looks_whether_a_run_goes_on_does_not_keep_one_from_starting(layout: store.Layout) -> None:
    store.private_directory(layout.training)
    looking = filelock.FileLock(layout.training / runs.LOCK, thread_local=False)
    looking.acquire()
    threading.Timer(0.05, looking.release).start()
    with runs.only_run(layout):
        assert runs.is_running(layout)
