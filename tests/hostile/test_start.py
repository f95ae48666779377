"""The daemon starts and answers, whatever the settings are and whatever lies in place of its files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny import LINES

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.wire import launch
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Complete, Completion, Record, Shutdown, Status, StatusReport

_ACCEPTED = {
    "type": "accepted",
    "id": "a",
    "time": 1.7e9,
    "context": "",
    "suggested": "a b",
    "taken": "a",
    "document": "file:///a.md",
    "language": "markdown",
}


@pytest.fixture
def with_model(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))


def _served(prefix: str = " ".join(LINES[0].split()[:4])) -> dict[str, object]:
    """Start a daemon, have it complete, record and report, and end it; its report."""
    with Client(command=launch.COMMAND, start_timeout_s=60) as client:
        complete = Complete(id="c", document="d", prefix=prefix, explicit=True, deadline_ms=10_000)
        assert isinstance(client.request(complete, timeout_ms=60_000), Completion)
        client.request(Record(id="r", events=[_ACCEPTED]), timeout_ms=60_000)
        reply = client.request(Status(id="s"), timeout_ms=60_000)
        assert isinstance(reply, StatusReport)
        client.request(Shutdown(id="e"), timeout_ms=60_000)
    return reply.report


@pytest.mark.usefixtures("with_model")
@pytest.mark.parametrize("end", ["low", "high"])
def test_with_every_setting_at_a_limit(layout: store.Layout, end: str) -> None:
    for section, kind in config.SECTIONS.items():
        for field in dataclasses.fields(kind):
            if field.metadata[end] is not None:
                config_file.write(layout.config_file, section, field.name, field.metadata[end])
    assert _served().problems == []


@pytest.mark.usefixtures("with_model")
def test_with_every_number_beyond_its_limits_it_says_so(layout: store.Layout) -> None:
    numbers = [
        (section, field.name)
        for section, kind in config.SECTIONS.items()
        for field in dataclasses.fields(kind)
        if field.metadata["high"] is not None
    ]
    for place, (section, name) in enumerate(numbers):
        config_file.write(layout.config_file, section, name, (float("inf"), float("nan"), -1, 10**18)[place % 4])
    problems = _served().problems
    assert len(problems) == len(numbers)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    (path / "inside").mkdir(parents=True)


def _deep(path: Path) -> None:
    path.write_bytes(b"[" * 100_000)


def _numbers(path: Path) -> None:
    path.write_bytes(b'{"format":1,"paused":true,"until":1e400,"outcomes":1e400,"pid":' + b"9" * 4000 + b"}")


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2 << 30)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.usefixtures("with_model")
@pytest.mark.parametrize("strange", [_pipe, _folder, _deep, _numbers, _sparse, _device])
def test_with_something_else_in_place_of_its_files(layout: store.Layout, strange: Callable[[Path], None]) -> None:
    store.private_directory(layout.data)
    for folder in (layout.runtime, layout.edits, layout.adapters, layout.training, layout.logs):
        store.private_directory(folder)
    files = [
        layout.config_file,
        layout.attention,
        layout.trigger,
        layout.adapters / "current",
        layout.edits / "2026-01-01-0001.jsonl",
        layout.training / "status.json",
        layout.training / "pending.json",
    ]
    if strange is not _folder:  # a folder there is said in words; see test_transport and test_lock
        files += [layout.connection_file, layout.runtime / "daemon.pid", layout.log_file, layout.logs / "daemon.out"]
    for path in files:
        strange(path)
    report = _served()
    if strange is not _numbers:
        assert report.problems
