"""Runs start by themselves when they may, and only then; how they stand is told."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.waiting import wait_until

from shadowpen.daemon.base import config, sections, store
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.learning.conditions.activity import ActivityMark, activity_file
from shadowpen.daemon.learning.status import TrainingStatus, read_status, status_file, write_status
from shadowpen.daemon.learning.watcher import Watcher
from shadowpen.daemon.wire.protocol import Event


class Scene:
    """A watcher with a clock, a battery and settings of the test's choosing, and what it did."""

    def __init__(self, layout: store.Layout, texts: Path) -> None:
        self.layout, self.texts = layout, texts
        self.started: list[Sequence[str]] = []
        self.events: list[Event] = []
        self.changes: list[str] = []
        self.now = 0.0
        self.battery = False
        self.learning = sections.LearningSettings(enabled="on", folders=[str(texts)], idle_s=60)
        self.watcher = Watcher(
            layout,
            self.events.append,
            lambda: config.Config(learning=self.learning),
            self.started.append,
            lambda: self.battery,
            lambda: self.now,
            lambda: self.changes.append("text"),
        )


@pytest.fixture
def scene(layout: store.Layout, tmp_path: Path) -> Iterator[Scene]:
    texts = tmp_path / "texts"
    texts.mkdir()
    made = Scene(layout, texts)
    yield made
    made.watcher.stop()


def test_a_run_is_tried_once_until_something_changes(scene: Scene) -> None:
    scene.watcher.look()
    assert scene.started == [[*runs.COMMAND, "--if-ready"]]
    scene.now += 10_000
    scene.watcher.look()
    assert len(scene.started) == 1

    scene.watcher.changed(str(scene.texts / "a.md"))
    scene.watcher.look()
    assert len(scene.started) == 2
    scene.watcher.changed(str(scene.layout.edits / "2026-05-01-0001.jsonl"))
    scene.watcher.look()
    assert len(scene.started) == 2  # a quarter of an hour has to pass
    scene.now += 1_000
    scene.watcher.look()
    assert len(scene.started) == 3
    assert scene.changes == ["text"]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether torch is there is not what these tests are about."""
    monkeypatch.setattr(packages, "missing", lambda: "")


def test_without_torch_nothing_is_tried(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda: "torch")
    scene.watcher.look()

    assert scene.started == []


def _typing(scene: Scene) -> None:
    ActivityMark(activity_file(scene.layout)).touch()


def _on_battery(scene: Scene) -> None:
    scene.battery = True


def _switched_off(scene: Scene) -> None:
    scene.learning = sections.LearningSettings(enabled="off")


def _not_asked(scene: Scene) -> None:
    scene.learning = sections.LearningSettings()


def _by_hand_only(scene: Scene) -> None:
    scene.learning = sections.LearningSettings(enabled="on", automatic=False)


def _failed_lately(scene: Scene) -> None:
    write_status(scene.layout, TrainingStatus(state="failed"))


def _stopped_lately(scene: Scene) -> None:
    write_status(scene.layout, TrainingStatus(state="stopped"))


@pytest.mark.parametrize(
    "obstacle",
    [_typing, _on_battery, _switched_off, _not_asked, _by_hand_only, _failed_lately, _stopped_lately],
)
def test_what_keeps_a_run_from_starting(scene: Scene, obstacle: Callable[[Scene], None]) -> None:
    obstacle(scene)

    scene.watcher.look()

    assert scene.started == []


def test_a_failure_in_the_future_is_of_a_clock_that_was_wrong(scene: Scene) -> None:
    write_status(scene.layout, TrainingStatus(state="failed"))
    status = read_status(scene.layout)
    status.updated += 90_000_000.0
    store.write_atomic(status_file(scene.layout), msgspec.json.encode(status))

    scene.watcher.look()

    assert len(scene.started) == 1


def test_no_second_run_beside_one(scene: Scene) -> None:
    with runs.only_run(scene.layout):
        write_status(scene.layout, TrainingStatus(state="running", pid=os.getpid()))
        scene.watcher.look()

    assert scene.started == []
    scene.watcher.look()  # the run was cut short: it goes on
    assert len(scene.started) == 1


def test_how_a_run_stands_is_told_once_a_change(scene: Scene) -> None:
    with runs.only_run(scene.layout):
        write_status(scene.layout, TrainingStatus(state="running", phase="Learning", done=3, total=40))
        scene.watcher.look()
        scene.watcher.look()
        write_status(scene.layout, TrainingStatus(state="promoted", version="v0001-20260501"))
        scene.watcher.look()

    told = [event.data.training for event in scene.events]
    assert [(event.state, event.phase, event.done) for event in told] == [
        ("running", "Learning", 3),
        ("promoted", "", 0),
    ]
    assert {event.kind for event in scene.events} == {"training"}


@pytest.mark.parametrize(("age_s", "told"), [(10.0, 1), (90_000.0, 0)])
def test_going_back_is_news_for_an_hour(scene: Scene, age_s: float, told: int) -> None:
    write_status(scene.layout, TrainingStatus(state="rolled_back", message="You accepted fewer."))
    status = read_status(scene.layout)
    status.updated -= age_s
    store.write_atomic(status_file(scene.layout), msgspec.json.encode(status))

    scene.watcher.look()

    assert [event.data.training.message for event in scene.events] == ["You accepted fewer."] * told


def test_files_written_in_both_kinds_of_folder_are_noticed(scene: Scene) -> None:
    noticed: list[str] = []
    arrived = threading.Event()
    scene.watcher.changed = lambda path: (noticed.append(Path(path).name), arrived.set())  # type: ignore
    scene.watcher.look()
    (scene.texts / "deep").mkdir()

    def seen(name: str) -> Callable[[], Any]:
        return lambda: name in noticed

    (scene.texts / "a.md").write_text("words")
    wait_until(seen("a.md"), "the text")
    (scene.layout.edits / "2026-05-01-0001.jsonl").write_text("{}\n")
    wait_until(seen("2026-05-01-0001.jsonl"), "the edit")


def test_where_changes_cannot_be_noticed_everything_counts_as_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog.observers import Observer

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "start", full)
    for _ in range(2):
        scene.watcher.look()
        scene.now += 1_000

    assert len(scene.started) == 2


def test_the_thread_ends_when_told(scene: Scene) -> None:
    scene.watcher.start()
    wait_until(lambda: scene.started, "the first look")
    scene.watcher.stop()

    assert not any(thread.name == "training-watcher" for thread in threading.enumerate())


def test_a_folder_that_is_gone_does_not_end_the_watching(scene: Scene) -> None:
    scene.learning = sections.LearningSettings(enabled="on", folders=[str(scene.texts / "nowhere")], idle_s=0)
    scene.watcher.look()

    assert len(scene.started) == 1


def test_a_state_that_cannot_be_used_for_a_while_does_not_end_the_watching(scene: Scene) -> None:
    store.private_directory(scene.layout.data)
    scene.layout.training.write_text("in the way")
    looked = threading.Event()
    look = scene.watcher.look

    def noticed() -> None:
        try:
            look()
        finally:
            looked.set()

    scene.watcher.look = noticed  # type: ignore[method-assign]
    scene.watcher.start()
    wait_until(looked.is_set, "a look that fails")
    scene.layout.training.unlink()
    scene.watcher.changed(str(scene.layout.training / "status.json"))
    wait_until(lambda: scene.started, "a look that succeeds")
    (scene.texts / "a.md").write_text("words")
    wait_until(lambda: scene.changes, "the text that was noticed")


def test_the_folder_of_an_unknown_user_does_not_end_the_watching(scene: Scene) -> None:
    folders = ["~nobody-of-that-name/texts", str(scene.texts)]
    scene.learning = sections.LearningSettings(enabled="on", folders=folders, idle_s=0)
    scene.watcher.look()

    assert len(scene.started) == 1


def test_a_closed_folder_does_not_keep_the_others_from_being_watched(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.stat

    def closed(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
        if str(path) == str(scene.texts / "closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, *arguments, **named)

    monkeypatch.setattr(os, "stat", closed)
    folders = [str(scene.texts / "closed"), str(scene.texts)]
    scene.learning = sections.LearningSettings(enabled="on", folders=folders, idle_s=0)
    scene.watcher.look()

    assert len(scene.started) == 1


def test_a_folder_that_comes_later_is_watched_from_then_on(scene: Scene) -> None:
    later = scene.texts / "disk"
    scene.learning = sections.LearningSettings(enabled="on", folders=[str(later)], idle_s=0)
    scene.watcher.look()
    later.mkdir()
    scene.watcher.look()
    (later / "a.md").write_text("words")
    wait_until(lambda: scene.changes, "the text that was noticed")
