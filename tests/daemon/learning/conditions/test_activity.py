"""The daemon marks every key, cheaply; the trainer waits until nobody types."""

from __future__ import annotations

import os
import time
from pathlib import Path

from shadowpen.daemon.learning.conditions.activity import ActivityMark, PauseWhileTyping, idle_s


def _age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def test_a_key_marks_the_file_once_a_second(tmp_path: Path) -> None:
    path = tmp_path / "run" / "activity"
    now = 0.0
    mark = ActivityMark(path, clock=lambda: now)

    assert idle_s(path) == float("inf")
    mark.touch()
    assert idle_s(path) < 60
    _age(path, 1_000)
    now = 0.5
    mark.touch()
    assert idle_s(path) > 900
    now = 1.5
    mark.touch()
    assert idle_s(path) < 60


def test_typing_survives_an_activity_file_that_cannot_be_touched(tmp_path: Path) -> None:
    path = tmp_path / "file" / "activity"
    path.parent.write_text("not a folder")

    ActivityMark(path).touch()


def test_the_trainer_waits_until_nobody_types(tmp_path: Path) -> None:
    path = tmp_path / "activity"
    path.touch()
    heard: list[bool] = []
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            _age(path, 100)

    pause = PauseWhileTyping(path, 50, heard.append, wait=wait)
    pause()
    assert heard == [True, False]
    assert len(waited) == 3
    pause()
    assert len(waited) == 3


def test_a_stop_ends_the_waiting(tmp_path: Path) -> None:
    path = tmp_path / "activity"
    path.touch()
    heard: list[bool] = []

    PauseWhileTyping(path, 50, heard.append, stop=lambda: True)()

    assert heard == [True, False]


def test_without_a_wait_nothing_pauses(tmp_path: Path) -> None:
    path = tmp_path / "activity"
    path.touch()
    heard: list[bool] = []

    PauseWhileTyping(path, 0, heard.append)()

    assert heard == []


def test_a_clock_set_back_does_not_pause_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "activity"
    path.touch()
    _age(path, -10_000)

    assert idle_s(path) == float("inf")
