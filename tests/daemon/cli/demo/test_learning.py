import importlib.util
import json
from typing import Self

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.demo import learning

RESULT = {
    "event": "promoted",
    "reasons": [],
    "seconds": 90.0,
    "metrics": {"perplexity_served": 44.8, "perplexity": 36.1, "general_ratio": 0.97},
}


class Pad:
    """A screen that remembers the steps."""

    paced = False

    def __init__(self) -> None:
        self.steps: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def title(self, text: str) -> None:
        pass

    def draw(self, text: str, ghost: str = "") -> None:
        pass

    def step(self, what: str, detail: str, ms: float | None = None) -> None:
        self.steps.append(f"{what}: {detail}")


def test_the_diary_is_enough_to_learn_from_and_its_days_are_in_order(layout: store.Layout) -> None:
    days = sorted(learning._days(layout.cache / "diary").glob("*.md"))
    assert len(days) >= 10
    times = [day.stat().st_mtime for day in days]
    assert times == sorted(set(times))
    assert sum(len(day.read_text("utf-8").split()) for day in days) > 5_000


def test_what_was_learned_is_told_and_not_learned_again(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []
    monkeypatch.setattr(learning, "_train", lambda *arguments: runs.append(arguments) or RESULT)
    for _ in range(2):
        pad = Pad()
        learning.learn(pad, layout)
        assert "44.8 before, 36.1 after (-19%)" in pad.steps[1]
        assert "-3.0%" in pad.steps[2]
    assert len(runs) == 1


def test_a_run_that_fails_is_told_and_tried_again_the_next_time(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_train", lambda *_: {"event": "failed", "message": "The disk is full."})
    pad = Pad()
    learning.learn(pad, layout)
    assert pad.steps == ["learning: did not work: The disk is full."]
    assert not list(layout.cache.rglob("result.json"))


def test_without_torch_it_says_what_to_install(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    pad = Pad()
    learning.learn(pad, layout)
    assert "pip install" in pad.steps[0]
    assert json.dumps(pad.steps).count("learning") == 1
