"""The monitor writes what was gathered, tells each alarm once a day, and holds on to what could not be written."""

from __future__ import annotations

import dataclasses
import time

import pytest
from support.journal.events import as_events
from support.waiting import wait_until

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring import record, similarity
from shadowpen.daemon.monitoring.figures import Counts, by_version
from shadowpen.daemon.monitoring.monitor import Monitor, standing
from shadowpen.daemon.showing.judge import Fared
from shadowpen.daemon.wire.protocol import Event

VERSION = "default@base"
BAD = Counts(shown=300, taken=3)


class Scene:
    def __init__(self, layout: store.Layout, **settings: object) -> None:
        self.layout, self.events, self.taken_up = layout, list[Event](), 0
        self.settings = MonitoringSettings(log_interval_s=3600, **settings)  # type: ignore[arg-type]
        self.monitor = self.anew()

    def anew(self) -> Monitor:
        monitor = Monitor(self.layout, lambda: config.Config(monitoring=self.settings))
        monitor.start(self.events.append, lambda: None)
        return monitor

    def set(self, **changes: object) -> None:
        self.settings = dataclasses.replace(self.settings, **changes)  # type: ignore[arg-type]


@pytest.fixture
def scene(layout: store.Layout):  # noqa: ANN201
    scene = Scene(layout)
    yield scene
    scene.monitor.stop()


def _bad(scene: Scene) -> None:
    for number in range(300):
        scene.monitor.gathered.seen.append(Fared(time.time(), VERSION, "shown"))
        if number < 3:
            scene.monitor.gathered.seen.append(Fared(time.time(), VERSION, "taken", characters=9))


def test_an_alarm_reaches_the_editor_once_a_day_and_stands_in_the_report(scene: Scene) -> None:
    _bad(scene)

    scene.monitor.look()
    scene.monitor.look()

    (event,) = scene.events
    assert event.kind == "alarm"
    assert "You accepted 1% of 300 suggestions" in event.data.alarms[0]
    assert [alarm.name for alarm in scene.monitor.report().alarms] == ["taken"]
    again = scene.anew()  # another daemon, the same day
    again.look()
    again.stop()
    assert len(scene.events) == 1


def test_what_a_task_wrote_is_counted_and_its_text_is_not_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "is_installed", lambda: False)
    about = {"task": "expand", "model": VERSION, "document": "a", "language": "markdown"}
    event = {"type": "produced", "id": "a", "time": 1.0e9, "offered": "Nobody wrote it.", "text": "", **about}
    scene.monitor.produced_texts.produced(as_events(event))

    scene.monitor.look()

    counts = record.read_tasks(scene.layout)[record.today(), "expand", VERSION]
    assert (counts.texts, counts.kept_share, counts.similarity) == (1, 0.0, None)
    assert b"Nobody" not in scene.layout.monitoring.read_bytes()


def test_an_encoder_compares_as_soon_as_it_is_set(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "is_installed", lambda: False)
    asked = list[str]()
    monkeypatch.setattr(scene.monitor.produced_texts, "_encode", lambda pairs, folder: asked.append(folder) or [90.0])
    about = {"task": "expand", "model": VERSION, "document": "a", "language": "markdown"}
    for id in "ab":
        event = {"type": "produced", "id": id, "time": 1.0e9, "offered": "It rained.", "text": "It poured.", **about}
        scene.monitor.produced_texts.produced(as_events(event))
        scene.monitor.look()
        scene.set(encoder="/encoder")

    counts = record.read_tasks(scene.layout)[record.today(), "expand", VERSION]
    assert (counts.texts, counts.encoded, counts.mean_bert_score, asked) == (2, 1, 90.0, ["/encoder"])


def test_an_encoder_that_is_not_there_is_a_problem_as_long_as_it_is_set(scene: Scene) -> None:
    scene.set(encoder="/no/such/folder")
    scene.monitor.look()
    (problem,) = scene.monitor.report().problems
    assert "BERTScore is off: /no/such/folder is no folder" in problem
    scene.set(encoder="")
    scene.monitor.look()
    assert scene.monitor.report().problems == []


def test_nothing_is_told_in_the_editor_where_that_is_off(scene: Scene) -> None:
    scene.set(editor=False)
    _bad(scene)
    scene.monitor.look()
    assert scene.events == [] and scene.monitor.report().alarms


def test_nothing_is_counted_where_that_is_off(scene: Scene) -> None:
    scene.set(enabled=False)
    _bad(scene)
    scene.monitor.look()
    scene.monitor.stop()
    assert not scene.layout.monitoring.exists()
    assert standing(scene.layout, scene.settings) == []


def test_what_was_gathered_is_written_now_and_then_and_at_the_end(layout: store.Layout) -> None:
    scene = Scene(layout)
    scene.set(log_interval_s=0.01)
    second = scene.anew()
    second.gathered.seen.append(Fared(time.time(), VERSION, "shown"))
    wait_until(lambda: record.read(layout), "the record")
    second.stop()
    scene.monitor.gathered.seen.append(Fared(time.time(), VERSION, "shown"))
    scene.monitor.stop()
    assert by_version(record.read(layout))[VERSION].shown == 2


def test_what_cannot_be_written_is_said_and_counts_later(scene: Scene) -> None:
    scene.layout.monitoring.mkdir(parents=True)
    _bad(scene)
    scene.monitor.look()
    assert "monitoring.db" in scene.monitor.report().problems[0]
    scene.layout.monitoring.rmdir()

    scene.monitor.look()

    assert scene.monitor.report().problems == []
    assert by_version(record.read(scene.layout))[VERSION].shown == 300


def test_a_way_that_fails_is_said(scene: Scene) -> None:
    scene.set(command=["/no/such/program"])
    _bad(scene)
    scene.monitor.look()
    assert "monitoring.command" in scene.monitor.report().problems[0]
