"""Tasks by their request and verbs by their name: ours, and those of other packages beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.installed import packages

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import PluginBroken, RequestInvalid
from shadowpen.daemon.plugins import trial
from shadowpen.daemon.tasks import registry
from shadowpen.daemon.tasks.verbs.correct import CorrectVerb
from shadowpen.daemon.tasks.watched import WatchedVerb
from shadowpen.daemon.wire.protocol import RunVerb

_VERBS = """
from shadowpen.daemon.wire.protocol import Prepare, RunVerb
class ShoutVerb:
    request_type = RunVerb
    title = summary = "Shout"
    reads_model = False
    measured = unavailable = ""
    def steps(self, request, context, deadline_s):
        yield None
        raise ZeroDivisionError("no ink")
class NamelessVerb:
    request_type = RunVerb
    def steps(self, request, context, deadline_s):
        yield None
class SecondPrepare(NamelessVerb):
    request_type = Prepare
"""
SHOUT = RunVerb(id="1", document="d", verb="shout", text="a")


@pytest.fixture
def with_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: store.Layout) -> registry.Tasks:
    points = {
        "shout": "verbwell:ShoutVerb",
        "correct": "verbwell:ShoutVerb",
        "second": "verbwell:SecondPrepare",
        "nameless": "verbwell:NamelessVerb",
        "broken": "no.such.module:Verb",
    }
    packages.install(tmp_path, monkeypatch, "verbwell", _VERBS, tasks=points)
    monkeypatch.setattr(trial, "problem", lambda plugin: "")  # the trial in a process of its own has its own tests
    return registry.load(layout)


def test_ours_are_all_there_without_a_problem() -> None:
    tasks = registry.load()
    assert tasks.problems == []
    assert {"correct", "summarize", "outline", "reformat", "rewrite", "reply", "translate"} <= set(tasks.verbs)


def test_a_verb_of_another_package_answers_to_its_name_and_is_watched(with_others: registry.Tasks) -> None:
    verb = with_others.verbs["shout"]
    assert with_others.of(SHOUT) is verb and isinstance(verb, WatchedVerb)
    assert (verb.title, verb.reads_model, verb.unavailable) == ("Shout", False, "")
    steps = verb.steps(SHOUT, None, 0.0)  # type: ignore[arg-type]
    assert next(steps) is None
    with pytest.raises(PluginBroken, match=r"'shout' of the package verbwell .* no ink"):
        next(steps)


def test_what_is_broken_or_would_replace_ours_is_left_out_alone_and_named(with_others: registry.Tasks) -> None:
    assert isinstance(with_others.verbs["correct"], CorrectVerb)
    for name in ("correct", "second", "nameless", "broken"):
        assert sum(f"'{name}'" in problem for problem in with_others.problems) == 1
    assert len(with_others.problems) == 4


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(RequestInvalid, match="no task 'dance'"):
        registry.load().of(RunVerb(id="1", document="d", verb="dance", text="a"))


@pytest.mark.parametrize("verb", ["reply", "translate"])
def test_what_a_small_model_cannot_do_says_so(verb: str) -> None:
    task = registry.load().verbs[verb]
    with pytest.raises(RequestInvalid) as raised:
        next(iter(task.steps(RunVerb(id="1", document="d", verb=verb, text="a"), None, 0.0)))  # type: ignore[arg-type]
    assert raised.value.message == task.unavailable and "larger model" in raised.value.message
    assert raised.value.hint
