"""How versions do with their user is counted without text, and a sure fall is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.learning import live
from shadowpen.daemon.learning.live import Live
from shadowpen.daemon.storage.journal import Journal

OLD, NEW = "default@v0001-20260501", "default@v0002-20260502"


@pytest.fixture
def layout(tmp_path: Path) -> store.Layout:
    return store.Layout(tmp_path, tmp_path, tmp_path, tmp_path, tmp_path, tmp_path)


def _event(kind: str, id: str, model: str = NEW, **more: Any) -> dict[str, Any]:
    text = " waited for it all."
    known = {
        "accepted": {"context": "We", "suggested": text, "taken": text, "document": "a", "language": "markdown"},
        "dismissed": {"context": "We", "suggested": text, "document": "a", "language": "markdown", "how": "typed_over"},
        "kept": {"when": "10min", "text": text},
    }[kind]
    about = {} if kind == "kept" else {"model": model}
    return {"type": kind, "id": id, "time": 1.0e9, **known, **about, **more}


def test_taken_and_kept_are_counted_by_version_and_outlive_the_journal(layout: store.Layout) -> None:
    Journal(layout.edits).append(
        as_events(
            _event("accepted", "a"), _event("kept", "a"), _event("accepted", "b"), _event("kept", "b", text=" waited"),
            _event("dismissed", "c"), _event("accepted", "d", OLD))
    )  # fmt: skip

    found = live.look(layout)

    assert found[OLD] == Live(taken=1)
    assert (found[NEW].taken, found[NEW].passed_over, found[NEW].looked_at) == (2, 1, 38)
    assert found[NEW].taken_share == pytest.approx(2 / 3)
    assert found[NEW].kept == 19 + 7
    assert b"waited" not in layout.live.read_bytes()
    for path in layout.edits.glob("*.jsonl"):
        path.unlink()
    assert live.look(layout) == found == live.read(layout)


def test_perplexity_of_new_text_adds_up(layout: store.Layout) -> None:
    live.read_new_text(layout, NEW, 100, 300.0)
    live.read_new_text(layout, NEW, 100, 340.0)
    Journal(layout.edits).append(as_events(_event("accepted", "a")))

    found = live.look(layout)[NEW]

    assert found.perplexity == pytest.approx(24.53, abs=0.01)
    assert found.taken == 1
    assert Live().perplexity is Live().taken_share is Live().kept_share is None


@pytest.mark.parametrize(
    ("now", "before", "back"),
    [
        ((60, 240), (120, 180), True),
        ((110, 190), (120, 180), False),  # chance
        ((180, 120), (120, 180), False),  # better
        ((1, 150), (120, 180), False),  # too little to say
        ((60, 240), (90, 60), False),
        ((0, 300), (0, 300), False),
    ],
)
def test_only_a_sure_fall_speaks_for_going_back(now: tuple[int, int], before: tuple[int, int], back: bool) -> None:
    found = {name: Live(taken=taken, passed_over=passed) for name, (taken, passed) in ((NEW, now), (OLD, before))}

    why = live.why_go_back(found, NEW, OLD)

    assert bool(why) is back
    if back:
        assert why.startswith("You took 20% of 300 suggestions by v0002-20260502, surely less than the 40% of 300")


def test_what_is_damaged_is_nothing_known(layout: store.Layout) -> None:
    layout.live.write_text("{")
    assert live.read(layout) == {}
