"""The record adds up over processes and days, is the user's alone, and takes over what was counted before it."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import BEFORE_DAYS, Counts, bucket, by_day, by_version, since, total
from shadowpen.daemon.monitoring.produced_texts import TaskCounts

OLD, NEW = "default@v0001-20260501", "default@v0002-20260502"
LIVE = f'{{"{OLD}": {{"taken": 40, "passed_over": 60, "looked_at": 100, "kept": 80, "tokens": 10, "nats": 30.0}}}}'


def _some(shown: int = 3) -> Counts:
    return Counts(shown=shown, taken=1, characters=9, rated=2.5, ratings=1, latencies=Counter({bucket(20.0): shown}))


def test_numbers_add_up_by_day_and_version(layout: store.Layout) -> None:
    today, before = record.today(), record.days_ago(3)
    record.add(layout, {(today, NEW): _some(), (before, OLD): _some(5)})
    record.add(layout, {(today, NEW): _some(4)})
    record.read_new_text(layout, NEW, 100, 320.0)

    found = record.read(layout)

    assert found[today, NEW].shown == 7
    assert found[today, NEW].latencies == {bucket(20.0): 7}
    assert found[today, NEW].perplexity == pytest.approx(24.53, abs=0.01)
    assert [one.shown for one in by_version(found).values()] == [5, 7]
    assert list(by_day(found)) == [before, today]
    assert total(since(found, today).values()).rated == 5.0


def test_tasks_and_steps_add_up_in_a_record_of_before_there_were_any_and_go_with_their_version(
    layout: store.Layout,
) -> None:
    record.add(layout, {(record.today(), NEW): _some()})
    with sqlite3.connect(layout.monitoring) as database:
        database.executescript("DROP TABLE tasks; DROP TABLE steps; PRAGMA user_version = 1;")
    database.close()
    assert record.read_tasks(layout) == {} == record.read_steps(layout)
    ours, theirs = ((record.today(), "expand", version) for version in (NEW, OLD))
    record.add_tasks(layout, {ours: TaskCounts(texts=1, chrf=50.5), theirs: TaskCounts(texts=3)})
    record.add_tasks(layout, {ours: TaskCounts(texts=1, chrf=40.0)})
    many = [record.LearnedStep(step, 1.0e9 + step, 3.0, None) for step in range(3_000)]
    record.add_steps(layout, "v0002-20260502", many)

    assert record.read_tasks(layout)[ours] == TaskCounts(texts=2, chrf=90.5)
    (kept,) = record.read_steps(layout).values()
    assert kept[0] == many[0] and 500 < len(kept) <= 1_000
    record.forget(layout, ["v0002-20260502"])
    assert record.read_tasks(layout).keys() == {theirs} and record.read_steps(layout) == {}
    assert by_version(record.read(layout)) == {}


def test_a_record_of_before_there_was_an_encoder_is_read_and_goes_on(layout: store.Layout) -> None:
    key = (record.today(), "expand", NEW)
    record.add_tasks(layout, {key: TaskCounts(texts=1, compared=1, chrf=50.5)})
    with sqlite3.connect(layout.monitoring) as database:
        for name in ("encoded", "bert_score"):
            database.execute(f"ALTER TABLE tasks DROP COLUMN {name}")
        database.execute("PRAGMA user_version = 2")
    database.close()

    assert record.read_tasks(layout) == {key: TaskCounts(texts=1, compared=1, chrf=50.5)}
    record.add_tasks(layout, {key: TaskCounts(texts=1, encoded=1, bert_score=90.0)})

    assert record.read_tasks(layout) == {
        key: TaskCounts(texts=2, compared=1, chrf=50.5, encoded=1, bert_score=90.0),
    }


def test_a_clock_that_ran_far_ahead_costs_nothing(layout: store.Layout) -> None:
    days = [record.days_ago(days) for days in (700, 1)]
    record.add(layout, {(day, NEW): _some() for day in days})
    record.add_steps(layout, "v0002", [record.LearnedStep(1, 1.0e9, 3.0, None)])
    record.add_tasks(layout, {(days[0], "expand", NEW): TaskCounts(texts=1)})

    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(record, "date", _Ahead)
        record.add(layout, {(record.today(), NEW): _some()})
        record.add_steps(layout, "v0003", [record.LearnedStep(1, 1.0e9, 3.0, None)])
        record.add_tasks(layout, {(record.today(), "expand", NEW): TaskCounts(texts=1)})

    assert list(by_day(record.read(layout))) == [*days, "2050-01-01"]
    assert record.read_steps(layout).keys() == {"v0002", "v0003"} and len(record.read_tasks(layout)) == 2


def test_of_many_days_the_newest_are_kept(layout: store.Layout) -> None:
    days = [record.days_ago(days) for days in reversed(range(735))]
    record.add(layout, {(day, NEW): _some() for day in days})

    assert list(by_day(record.read(layout))) == days[-730:]


class _Ahead(date):
    """A clock that runs decades ahead."""

    @classmethod
    def today(cls) -> _Ahead:
        return cls(2050, 1, 1)


def test_it_is_for_the_user_alone_and_is_one_file(layout: store.Layout) -> None:
    record.add(layout, {(record.today(), NEW): _some()})
    record.tell(layout, "taken")

    assert [path.name for path in layout.data.iterdir()] == ["monitoring.db"]
    if os.name == "posix":
        assert layout.monitoring.stat().st_mode & 0o777 == 0o600
    assert record.told(layout) == {"taken": record.today()}


def test_what_was_counted_before_there_were_days_is_taken_over_once(layout: store.Layout) -> None:
    store.private_directory(layout.data)
    layout.live.write_text(LIVE)
    assert record.read(layout)[BEFORE_DAYS, OLD].shown == 100

    record.add(layout, {(record.today(), OLD): _some()})
    assert not layout.live.exists()
    layout.live.write_text(LIVE)  # as if it could not have been removed
    record.add(layout, {(record.today(), OLD): _some()})

    assert by_version(record.read(layout))[OLD].shown == 106
    assert by_version(record.read(layout), dated=True)[OLD].shown == 6  # counted in another way: not to be compared


def test_forgotten_versions_and_days_are_dropped(layout: store.Layout) -> None:
    record.forget(layout, ["v0002-20260502"])
    assert not layout.monitoring.exists()
    days = [record.days_ago(days) for days in (9, 1)]
    record.add(layout, {(day, version): _some() for day in days for version in (OLD, NEW)})

    record.forget(layout, ["v0002-20260502"])
    assert by_version(record.read(layout)).keys() == {OLD}
    record.forget(layout, [], since=record.days_ago(3))

    assert by_day(record.read(layout)).keys() == {days[0]}


def test_a_damaged_record_is_laid_aside_and_begun_anew(layout: store.Layout) -> None:
    store.private_directory(layout.data)
    layout.monitoring.write_bytes(b"no database at all" * 100)
    assert record.read(layout) == {} == record.told(layout)

    record.add(layout, {(record.today(), NEW): _some()})

    assert by_version(record.read(layout))[NEW].shown == 3
    assert layout.monitoring.with_suffix(".damaged").read_bytes().startswith(b"no database")


def test_a_record_that_cannot_be_written_says_so_and_changes_nothing(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(layout, {(record.today(), NEW): _some()})
    monkeypatch.setattr(record, "_WAIT_S", 0.01)
    other = sqlite3.connect(layout.monitoring)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StateUnusable, match="locked"):
        record.add(layout, {(record.today(), NEW): _some()})

    other.rollback()
    other.close()
    assert by_version(record.read(layout))[NEW].shown == 3


def test_a_record_in_the_place_of_a_link_is_refused(layout: store.Layout, tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("links need rights there")
    store.private_directory(layout.data)
    layout.monitoring.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateUnusable):
        record.add(layout, {(record.today(), NEW): _some()})
    assert not (tmp_path / "elsewhere").exists()


def test_percentiles_come_from_buckets_within_five_per_cent() -> None:
    counts = Counts(latencies=Counter(bucket(ms) for ms in range(1, 101)))
    assert counts.latency_ms(0.5) == pytest.approx(50, rel=0.06)
    assert counts.latency_ms(0.9) == pytest.approx(90, rel=0.06)
    assert Counts().latency_ms(0.5) is Counts().taken_share is Counts().kept_share is Counts().perplexity is None
    assert Counts().edited_share is Counts().rating is None


def test_a_record_with_damaged_pages_is_laid_aside_and_goes_with_what_is_forgotten(layout: store.Layout) -> None:
    record.add(layout, {(record.today(), version): _some() for version in map(str, range(200))})
    content = layout.monitoring.read_bytes()
    layout.monitoring.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))

    record.add(layout, {(record.today(), NEW): _some()})

    assert by_version(record.read(layout))[NEW].shown == 3
    assert layout.monitoring.with_suffix(".damaged").exists()
    record.forget(layout, [OLD])
    assert not layout.monitoring.with_suffix(".damaged").exists()
    assert by_version(record.read(layout))[NEW].shown == 3
