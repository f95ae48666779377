"""The file of monitoring: SQLite, numbers by day and version, without text.

    days       a row of numbers for each day and version (the name that replies carry, model@version)
    tasks      a row for each day, task and version: how texts fared that were made at the user's order
    steps      the loss of a training run step by step; a run bears the name of its version, or of when it began
    latencies  how many answers of a day and version fell into which bucket
    told       when each alarm was told last

Several processes add to it: the daemon what it sees, a training run what new text is worth. It takes over the file
live.json, which held numbers without days. Knows neither the wire nor what the numbers mean.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.monitoring.figures import BEFORE_DAYS, NUMBERS, Counts, Days
from shadowpen.daemon.monitoring.produced_texts import TASK_NUMBERS, Key, TaskCounts

_SCHEMA = 3
_WAIT_S = 5.0  # for another process that writes
_KEPT_DAYS = 730  # on which anything was counted
_MOST_STEPS = 1_000  # of a run: of more, each so many
_LONGEST_NAME = 256
_TABLES = f"""
CREATE TABLE IF NOT EXISTS days (day TEXT, version TEXT, {", ".join(f"{name} NUMERIC DEFAULT 0" for name in NUMBERS)},
    PRIMARY KEY (day, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (day TEXT, task TEXT, version TEXT,
    {", ".join(f"{name} NUMERIC DEFAULT 0" for name in TASK_NUMBERS)}, PRIMARY KEY (day, task, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (run TEXT, day TEXT, step INTEGER, time REAL, loss REAL, validation REAL,
    PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latencies (day TEXT, version TEXT, bucket INTEGER, answers INTEGER,
    PRIMARY KEY (day, version, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (alarm TEXT PRIMARY KEY, day TEXT) WITHOUT ROWID;
"""
_ADD_DAY = (
    f"INSERT INTO days (day, version, {', '.join(NUMBERS)}) VALUES (?, ?{', ?' * len(NUMBERS)}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in NUMBERS)}"
)
_ADD_TASK = (
    f"INSERT INTO tasks (day, task, version, {', '.join(TASK_NUMBERS)}) VALUES (?, ?, ?{', ?' * len(TASK_NUMBERS)}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in TASK_NUMBERS)}"
)
_ADD_LATENCIES = (
    "INSERT INTO latencies VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET answers = answers + excluded.answers"
)


def today() -> str:
    return date.today().isoformat()


def day_of(time_s: float) -> str:
    """The day here of a time in seconds since 1970."""
    return date.fromtimestamp(time_s).isoformat()


def days_ago(days: int) -> str:
    """The day that many days before today."""
    return (date.today() - timedelta(days=days)).isoformat()


def add(layout: store.Layout, found: Mapping[tuple[str, str], Counts]) -> None:
    """Add these numbers to those of their days and versions; StateUnusable, with nothing added, if that fails."""
    rows = [((day, version[:_LONGEST_NAME]), one) for (day, version), one in found.items()]
    with _writing(layout) as database:
        database.executemany(_ADD_DAY, [(*key, *(getattr(one, name) for name in NUMBERS)) for key, one in rows])
        counted = [(*key, number, answers) for key, one in rows for number, answers in one.latencies.items()]
        database.executemany(_ADD_LATENCIES, counted)
        _drop_old(database, "days", "latencies")


def add_tasks(layout: store.Layout, found: Mapping[Key, TaskCounts]) -> None:
    """Add these numbers to those of their days, tasks and versions; errors as `add`."""
    with _writing(layout) as database:
        database.executemany(
            _ADD_TASK,
            [
                (day, task, version[:_LONGEST_NAME], *(getattr(one, name) for name in TASK_NUMBERS))
                for (day, task, version), one in found.items()
            ],
        )
        _drop_old(database, "tasks")


def read_new_text(layout: store.Layout, version: str, tokens: int, nats: float) -> None:
    """The version needed `nats` for so many tokens of text that was new to it."""
    add(layout, {(today(), version): Counts(tokens=tokens, nats=nats)})


class LearnedStep(NamedTuple):
    """A step of a training run at `time_s` since 1970; `validation` is None before the first look at it."""

    step: int
    time_s: float
    loss: float
    validation: float | None


def add_steps(layout: store.Layout, run: str, steps: Sequence[LearnedStep]) -> None:
    """Keep these steps of a run; errors as `add`."""
    kept = steps[:: len(steps) // _MOST_STEPS + 1]
    with _writing(layout) as database:
        database.executemany(
            "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)", [(run, today(), *one) for one in kept]
        )
        _drop_old(database, "steps")


def read_steps(layout: store.Layout) -> dict[str, list[LearnedStep]]:
    """The steps of each run that is known; nothing where none is recorded."""
    found: dict[str, list[LearnedStep]] = {}
    for run, *step in _rows(layout, "SELECT run, step, time, loss, validation FROM steps ORDER BY run, step"):
        found.setdefault(run, []).append(LearnedStep(*step))
    return found


def read(layout: store.Layout) -> Days:
    """All that is known; nothing where there is no readable record."""
    before = _of_live_file(layout)
    if not layout.monitoring.exists():
        return before
    try:
        with _opened(layout, "ro") as database:
            found = {(row[0], row[1]): _counts(row[2:]) for row in database.execute(_all_days())}
            for day, version, number, answers in database.execute("SELECT * FROM latencies"):
                if (day, version) in found:
                    found[day, version].latencies[int(number)] += int(answers)
    except (sqlite3.Error, ValueError, TypeError):
        return before
    return {**before, **found}


def read_tasks(layout: store.Layout) -> dict[Key, TaskCounts]:
    """How texts fared that were made at the user's order; nothing where none is recorded."""
    there = {column[1] for column in _rows(layout, "PRAGMA table_info(tasks)")}
    names = [name for name in TASK_NUMBERS if name in there]  # an older record has fewer
    rows = _rows(layout, f"SELECT {', '.join(('day', 'task', 'version', *names))} FROM tasks")
    return {(row[0], row[1], row[2]): TaskCounts(**dict(zip(names, row[3:], strict=True))) for row in rows}


def forget(layout: store.Layout, versions: Collection[str], since: str = "") -> None:
    """Drop the figures of these versions, whatever model they belong to, and of the day `since` and later.

    What was laid aside as damaged goes as a whole: nobody can say what it holds.
    """
    if not layout.monitoring.exists() and not layout.live.exists():
        return
    with _writing(layout) as database:
        _laid_aside(layout).unlink(missing_ok=True)
        for table in ("days", "latencies", "tasks"):
            for name in versions:
                database.execute(f"DELETE FROM {table} WHERE substr(version, instr(version, '@') + 1) = ?", (name,))
            if since:
                database.execute(f"DELETE FROM {table} WHERE day >= ?", (since,))
        database.executemany("DELETE FROM steps WHERE run = ?", [(name,) for name in versions])
        if since:
            database.execute("DELETE FROM steps WHERE day >= ?", (since,))


def told(layout: store.Layout) -> dict[str, str]:
    """The day on which each alarm was told last."""
    return {str(alarm): str(day) for alarm, day in _rows(layout, "SELECT alarm, day FROM told")}


def tell(layout: store.Layout, alarm: str) -> None:
    """The alarm was told today."""
    with _writing(layout) as database:
        database.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", (alarm, today()))


def _rows(layout: store.Layout, query: str) -> list[tuple[Any, ...]]:
    """What the query finds; nothing where there is no readable record, or one of before there was such a table."""
    if not layout.monitoring.exists():
        return []
    try:
        with _opened(layout, "ro") as database:
            return database.execute(query).fetchall()
    except sqlite3.Error:
        return []


def _drop_old(database: sqlite3.Connection, *tables: str) -> None:
    """Keep the newest days that hold anything, whatever day it is: a clock that ran ahead costs no more than one."""
    for table in tables:
        newest = f"SELECT DISTINCT day FROM {table} WHERE day <> ?1 ORDER BY day DESC LIMIT ?2"
        database.execute(
            f"DELETE FROM {table} WHERE day <> ?1 AND day NOT IN ({newest})",
            (BEFORE_DAYS, _KEPT_DAYS),
        )


def _all_days() -> str:
    return f"SELECT day, version, {', '.join(NUMBERS)} FROM days"


def _counts(row: tuple[float, ...]) -> Counts:
    return Counts(**{name: type(getattr(Counts, name))(value) for name, value in zip(NUMBERS, row, strict=True)})


@contextlib.contextmanager
def _writing(layout: store.Layout) -> Iterator[sqlite3.Connection]:
    """The database in a transaction; what is damaged is laid aside, and a new one begun."""
    store.private_directory(layout.data)
    try:
        try:
            _make(layout)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, full or not writable: nothing is wrong with it
                raise
            LOGGER.warning("the record of monitoring is damaged and was laid aside")
            layout.monitoring.replace(_laid_aside(layout))
            _make(layout)
        with _opened(layout, "rw") as database:
            before = _of_live_file(layout)
            for (day, version), one in before.items():
                values = (day, version, *(getattr(one, name) for name in NUMBERS))
                marks = ", ".join("?" * len(values))
                # Ignored where it was taken over already, and only the file could not be removed.
                database.execute(
                    f"INSERT OR IGNORE INTO days (day, version, {', '.join(NUMBERS)}) VALUES ({marks})", values
                )
            yield database
        layout.live.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise StateUnusable(
            f"{layout.monitoring} cannot be written: {error}.", "Check that the disk is not full."
        ) from error
    except OSError as error:
        raise store.unusable(layout.monitoring, error) from error


def _laid_aside(layout: store.Layout) -> Path:
    return layout.monitoring.with_suffix(".damaged")


def _make(layout: store.Layout) -> None:
    os.close(os.open(layout.monitoring, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
    with _opened(layout, "rw") as database:
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":  # its head may be whole all the same
            raise sqlite3.DatabaseError("damaged")
        if database.execute("PRAGMA user_version").fetchone()[0] == _SCHEMA:
            return
        database.executescript(_TABLES)
        database.execute("BEGIN IMMEDIATE")  # another process may do the same
        there = {column[1] for column in database.execute("PRAGMA table_info(tasks)")}
        for name in TASK_NUMBERS:
            if name not in there:
                database.execute(f"ALTER TABLE tasks ADD COLUMN {name} NUMERIC DEFAULT 0")
        database.execute(f"PRAGMA user_version = {_SCHEMA}")


@contextlib.contextmanager
def _opened(layout: store.Layout, mode: str) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(f"{layout.monitoring.absolute().as_uri()}?mode={mode}", uri=True, timeout=_WAIT_S)
    try:
        with database:  # commits, or takes all of it back
            yield database
    finally:
        database.close()


class _Live(msgspec.Struct, frozen=True, kw_only=True):
    """What live.json held of a version."""

    taken: int = 0
    passed_over: int = 0
    looked_at: int = 0
    kept: int = 0
    tokens: int = 0
    nats: float = 0.0


def _of_live_file(layout: store.Layout) -> dict[tuple[str, str], Counts]:
    """What an earlier version of Shadowpen counted, if it has not been taken over yet."""
    try:
        found = msgspec.json.decode(store.read_bounded(layout.live), type=dict[str, _Live])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {
        (BEFORE_DAYS, version): Counts(
            shown=one.taken + one.passed_over,
            taken=one.taken,
            looked_at=one.looked_at,
            kept=one.kept,
            tokens=one.tokens,
            nats=one.nats,
        )
        for version, one in found.items()
    }
