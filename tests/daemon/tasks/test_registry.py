from __future__ import annotations

from importlib import metadata
from typing import Any

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks import registry
from shadowpen.daemon.tasks.verbs.correct import CorrectVerb
from shadowpen.daemon.wire.protocol import Prepare, RunVerb

OURS = metadata.entry_points(group=registry.GROUP)


class ShoutVerb:
    """A verb as another package would bring it."""

    request_type = RunVerb
    title = summary = "Shout"
    reads_model = False
    measured = unavailable = ""

    def steps(self, request: RunVerb, context: Any, deadline_s: float) -> Any:
        yield None


class NamelessVerb:
    request_type = RunVerb


class SecondPrepare:
    request_type = Prepare


def entry(name: str, value: str) -> metadata.EntryPoint:
    return metadata.EntryPoint(name, value, registry.GROUP)


@pytest.fixture
def with_others(monkeypatch: pytest.MonkeyPatch) -> registry.Tasks:
    here = f"{__name__}:"
    others = [
        entry("shout", here + "ShoutVerb"),
        entry("correct", here + "ShoutVerb"),
        entry("second", here + "SecondPrepare"),
        entry("nameless", here + "NamelessVerb"),
        entry("broken", "no.such.module:Verb"),
    ]
    monkeypatch.setattr(metadata, "entry_points", lambda group: [*others, *OURS])
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("sys").modules[ShoutVerb.__module__])
    return registry.load()


def test_ours_are_all_there_without_a_problem() -> None:
    tasks = registry.load()
    assert tasks.problems == []
    assert {"correct", "summarize", "outline", "reformat", "rewrite", "reply", "translate"} <= set(tasks.verbs)


def test_a_verb_of_another_package_answers_to_its_name(with_others: registry.Tasks) -> None:
    assert type(with_others.of(RunVerb(id="1", document="d", verb="shout", text="a"))).__name__ == "ShoutVerb"


def test_what_is_broken_or_would_replace_ours_is_left_out_alone_and_named(with_others: registry.Tasks) -> None:
    assert isinstance(with_others.verbs["correct"], CorrectVerb)
    for name in ("correct", "second", "nameless", "broken"):
        assert sum(f"'{name}'" in problem for problem in with_others.problems) == 1
    assert len(with_others.problems) == 4


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(RequestInvalid, match="no task 'dance'"):
        registry.load().of(RunVerb(id="1", document="d", verb="dance", text="a"))


@pytest.mark.parametrize("verb", ["rewrite", "reply", "translate"])
def test_what_a_small_model_cannot_do_says_so(verb: str) -> None:
    task = registry.load().verbs[verb]
    with pytest.raises(RequestInvalid) as raised:
        next(iter(task.steps(RunVerb(id="1", document="d", verb=verb, text="a"), None, 0.0)))  # type: ignore[arg-type]
    assert raised.value.message == task.unavailable and "stronger engine" in raised.value.message
    assert raised.value.hint
