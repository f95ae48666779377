"""What the daemon sees becomes numbers: each outcome once, what stands after ten minutes, the last rating."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from support.journal.events import as_events

from shadowpen.daemon.monitoring.figures import Counts
from shadowpen.daemon.monitoring.gathering import Gathered
from shadowpen.daemon.showing.judge import Fared

TEXT = " waited for it all."
NEW = "default@v0002-20260502"


def _event(kind: str, id: str = "a", **more: Any) -> dict[str, Any]:
    known = {
        "accepted": {"context": "We", "suggested": TEXT, "taken": TEXT, "document": "a", "language": "markdown"},
        "kept": {"when": "10min", "text": TEXT},
        "rated": {"rating": 2.0},
        "forgotten": {},
    }[kind]
    model = {"model": NEW} if kind == "accepted" else {}
    return {"type": kind, "id": id, "time": 1.0e9, **known, **model, **more}


def _counted(*events: dict[str, Any]) -> Counts:
    gathered = Gathered(lambda time_s: "2026-05-01")
    gathered.journalled(as_events(*events))
    return gathered.take().get(("2026-05-01", NEW), Counts())


def test_outcomes_and_latencies_are_added_and_taken_once() -> None:
    gathered = Gathered(lambda time_s: "2026-05-01")
    gathered.seen += [
        Fared(1.0, NEW, "answered", ms=20.0),
        Fared(2.0, NEW, "shown"),
        Fared(3.0, NEW, "taken", characters=5),
        Fared(4.0, NEW, "taken", characters=3, first=False),
        Fared(5.0, NEW, "left"),
    ]

    found = gathered.take()

    counts = found["2026-05-01", NEW]
    assert (counts.shown, counts.taken, counts.characters, counts.latencies.total()) == (1, 1, 8, 1)
    assert gathered.take() == {}
    gathered.give_back(found)
    assert gathered.take() == found


def test_what_was_seen_counts_for_the_day_when_it_was() -> None:
    gathered = Gathered()
    noon_s = datetime(2026, 4, 30, 12).timestamp()
    gathered.seen += [Fared(noon_s, NEW, "shown"), Fared(noon_s + 86_400, NEW, "shown")]
    assert {day for day, _ in gathered.take()} == {"2026-04-30", "2026-05-01"}


def test_what_stands_after_ten_minutes_is_counted_once_and_the_text_let_go() -> None:
    kept = _event("kept", text=" waited for it aII.")
    counts = _counted(_event("accepted"), _event("kept", when="2min"), kept, kept)
    assert (counts.looked_at, counts.kept, counts.edited) == (len(TEXT), len(" waited for it"), 2)


def test_nothing_left_is_nothing_kept_and_all_changed() -> None:
    counts = _counted(_event("accepted"), _event("kept", text=""))
    assert (counts.looked_at, counts.kept, counts.edited) == (len(TEXT), 0, len(TEXT))


def test_the_last_rating_counts() -> None:
    counts = _counted(_event("accepted"), _event("kept"), _event("rated"), _event("rated", rating=5.0))
    assert (counts.ratings, counts.rated) == (1, 5.0)


def test_ratings_and_looks_at_what_was_forgotten_or_never_taken_count_nothing() -> None:
    assert _counted(_event("accepted"), _event("forgotten"), _event("kept")).looked_at == 0
    assert _counted(_event("rated"), _event("kept")) == Counts()
    gathered = Gathered()
    gathered.journalled(as_events(_event("accepted")))
    gathered.forget()
    gathered.journalled(as_events(_event("kept")))
    assert gathered.take() == {}
