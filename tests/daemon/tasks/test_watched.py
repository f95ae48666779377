"""Tasks of other packages: beside ours, never instead of them unless the user says so, and watched."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.installed import packages

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import PluginBroken, RequestInvalid
from shadowpen.daemon.plugins import registry as plugins
from shadowpen.daemon.plugins import switched_off, trial, watch
from shadowpen.daemon.plugins.registry import Plugin
from shadowpen.daemon.plugins.watch import PluginWatch
from shadowpen.daemon.tasks import registry, watched
from shadowpen.daemon.tasks.complete import CompleteTask
from shadowpen.daemon.tasks.continuation import ContinueTask
from shadowpen.daemon.tasks.watched import WatchedTask
from shadowpen.daemon.wire.protocol import Complete, Continue, Done, Reply, Status

_TASK = """
from shadowpen.daemon.wire.protocol import Continue
class Blot:
    request_type = Continue
    def steps(self, request, context, deadline_s):
        yield None
"""
PLUGIN = Plugin("tasks", "blot", "inkwell:Blot", "inkwell", "1")


@pytest.fixture(autouse=True)
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial in a process of its own has tests of its own."""
    monkeypatch.setattr(trial, "problem", lambda plugin: "")


def test_ours_are_there_without_a_layout() -> None:
    tasks = registry.load()
    assert isinstance(tasks.of(Complete(id="1", document="d", prefix="")), CompleteTask)
    with pytest.raises(RequestInvalid):
        tasks.of(Status(id="1"))


def test_one_that_takes_the_place_of_ours_is_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: store.Layout
) -> None:
    packages.install(tmp_path, monkeypatch, "taskwell", _TASK, tasks={"blot": "taskwell:Blot"})
    tasks = registry.load(layout)
    assert isinstance(tasks.by_request[Continue], ContinueTask)
    (problem,) = tasks.problems
    assert "'blot' of the package taskwell" in problem and "model.tasks" in problem

    allowed = registry.load(layout, ["blot"])
    assert isinstance(allowed.by_request[Continue], WatchedTask)
    assert (allowed.problems, allowed.replacements) == ([], ["continue by blot (taskwell)"])


def test_a_broken_one_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: store.Layout
) -> None:
    packages.install(tmp_path, monkeypatch, "brokenwell", "1 / 0", tasks={"blot": "brokenwell:Blot"})
    tasks = registry.load(layout)
    assert Complete in tasks.by_request
    assert "ZeroDivisionError" in tasks.problems[0]


class _Task:
    """Does one thing wrong, as `does` says."""

    request_type = Continue

    def __init__(self, does: str, hangs: threading.Event) -> None:
        self._does, self._hangs = does, hangs

    def steps(self, request: Any, context: Any, deadline_s: float) -> Iterator[Reply | None]:
        yield Done(id="1")
        if self._does == "fail":
            raise ZeroDivisionError("no ink")
        if self._does == "hang":
            assert self._hangs.wait(20)
        while self._does == "go on":
            yield None


def _steps(does: str, layout: store.Layout, hangs: threading.Event) -> Iterator[Reply | None]:
    task = WatchedTask(_Task(does, hangs), PLUGIN, PluginWatch(PLUGIN, layout, hangs.set))
    context: Any = None
    return task.steps(None, context, math.inf)


def test_what_one_raises_is_told_by_its_name(layout: store.Layout) -> None:
    with pytest.raises(PluginBroken, match=r"The task 'blot' of the package inkwell .* ZeroDivisionError: no ink"):
        list(_steps("fail", layout, threading.Event()))


def test_one_that_never_comes_to_an_end_is_ended(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_REQUEST_LIMIT_S", 0.05)
    with pytest.raises(PluginBroken, match="did not finish"):
        list(_steps("go on", layout, threading.Event()))


def test_one_that_does_not_return_is_switched_off_and_the_process_given_up(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LIMIT_S", 0.05)
    hung = threading.Event()
    assert list(_steps("hang", layout, hung)) == [Done(id="1")], "the process that is given up lets it go"
    assert "did not return" in switched_off.why(layout, PLUGIN)
    monkeypatch.setattr(plugins, "others", lambda kind, reserved=(): {"blot": PLUGIN})
    assert "switched off" in registry.load(layout).problems[0]
