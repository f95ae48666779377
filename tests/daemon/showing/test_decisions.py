"""daemon/showing/decisions.py: the last answers without their text."""

from __future__ import annotations

import hashlib

from shadowpen.daemon.showing.decisions import Decisions


def test_a_decision_says_all_but_the_text() -> None:
    decisions = Decisions(lambda: 7.0)
    decisions.add("1", "file:///a.md", reason="unsure", probability=0.21049)
    decisions.add("2", "file:///a.md", reason="", probability=0.9, characters=12, explicit=True)
    decisions.came_of("2", "taken")
    digest = hashlib.sha256(b"file:///a.md").hexdigest()[:8]
    first, second = decisions.last(10)
    assert first == {
        "time": 7.0,
        "document": digest,
        "reason": "unsure",
        "probability": 0.21,
        "characters": 0,
        "explicit": False,
        "outcome": "",
        "model": "",
        "likelihood": 0.0,
        "remembered": 0.0,
    }
    assert (second["reason"], second["characters"], second["explicit"], second["outcome"]) == (
        "offered",
        12,
        True,
        "taken",
    )


def test_the_ring_is_bounded_and_gives_the_newest() -> None:
    decisions = Decisions()
    for n in range(3000):
        decisions.add(str(n), "d", reason=str(n), probability=0)
    decisions.came_of("0", "taken")
    assert len(decisions.last(5000)) == 1000
    assert [kept["reason"] for kept in decisions.last(2)] == ["2998", "2999"]
    assert decisions.last(0) == []
