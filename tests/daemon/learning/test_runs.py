"""The lock of training: one run at a time, and looking at it is not a run. How much a run learns in its minutes."""

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


@pytest.mark.parametrize(("minutes", "tokens"), [(30, 30_000), (8, 4_800), (120, 138_000), (1, 3_000)])
def test_a_run_is_as_long_as_the_minutes_it_may_take(layout: store.Layout, minutes: float, tokens: int) -> None:
    runs.measured_speed(layout, 20.0)

    assert runs.tokens_a_run(layout, minutes) == tokens


def test_a_speed_that_cannot_be_read_is_guessed(layout: store.Layout) -> None:
    guessed = runs.tokens_a_run(layout, 30)
    runs.measured_speed(layout, 20.0)
    (layout.training / "speed.json").write_text("soon")

    assert runs.tokens_a_run(layout, 30) == guessed > 30_000
