"""A plug-in is tried in a process of its own before it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.installed import packages

from shadowpen.daemon.base import store
from shadowpen.daemon.plugins import registry, switched_off, trial


@pytest.fixture(autouse=True)
def tried_anew() -> Iterator[None]:
    trial.problem.cache_clear()
    yield
    trial.problem.cache_clear()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; os._exit(3)", "status 3"),
        ("import threading; threading.Event().wait()", "within 1 seconds"),
        ("thing = 7", "it is not a click command"),
        ("raise ValueError('no ink')", "ValueError: no ink"),
    ],
)
def test_one_that_would_take_this_process_along_is_left_out_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: store.Layout, source: str, words: str
) -> None:
    monkeypatch.setattr(trial, "_LIMIT_S", 1.0 if "wait" in source else 60.0)
    packages.install(tmp_path, monkeypatch, "inkwell", source, commands={"blot": "inkwell:thing"})
    found, problems = trial.loaded("commands", layout)
    assert found == []
    (sentence,) = problems
    assert "The command 'blot' of the package inkwell cannot be used" in sentence and words in sentence


def test_one_that_works_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: store.Layout) -> None:
    source = "import click\n@click.command()\ndef thing():\n    pass\n"
    packages.install(tmp_path, monkeypatch, "penholder", source, commands={"blot": "penholder:thing"})
    ((plugin, command),), problems = trial.loaded("commands", layout)
    assert (plugin.name, command.name, problems) == ("blot", "thing", [])


@pytest.mark.parametrize(
    ("kind", "found", "words"),
    [
        ("tasks", type("T", (), {"request_type": int}), "no steps"),
        ("engines", type("E", (), {"new_cache": None}), "no run"),
        ("sources", type("S", (), {"fetch": None}), "no gave"),
        ("formats", 7, "cannot be called"),
        ("recipes", print, "not a class"),
        ("recipes", type("R", (), {"about": "It learns."}), "no defaults"),
    ],
)
def test_each_kind_has_its_shape(kind: str, found: object, words: str) -> None:
    told = trial.shape_problem(registry.Plugin(kind, "blot", "inkwell:thing", "inkwell", "1"), found)
    assert words in told and bool(words) == bool(told)


def test_one_that_is_switched_off_stays_off_until_its_package_changes(layout: store.Layout) -> None:
    plugin = registry.Plugin("tasks", "blot", "inkwell:Blot", "inkwell", "1")
    assert switched_off.why(layout, plugin) == ""
    switched_off.switch_off(layout, plugin, "it did not return")
    assert switched_off.why(layout, plugin) == "it did not return"
    newer = registry.Plugin("tasks", "blot", "inkwell:Blot", "inkwell", "2")
    assert switched_off.why(layout, newer) == ""
    switched_off.switch_on(layout, plugin)
    assert switched_off.why(layout, plugin) == ""
