"""daemon/reporting/own.py: what a journal says, and what it does not say yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from shadowpen.daemon.reporting.own import figures
from shadowpen.daemon.storage.journal import Contents, Edit
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
TAKEN = " along the river and talked"


def taken(day: int, later: str | None = None, model: str = "default@base") -> Edit:
    accepted = Accepted(
        id=f"t{day}", time=START + timedelta(days=day), context="We walked", suggested=TAKEN, taken=TAKEN,
        document="file:///a.md", language="markdown", model=model,
    )  # fmt: skip
    return Edit(accepted, {} if later is None else {"2min": TAKEN, "10min": later})


def passed_over(day: int, model: str = "default@base") -> Dismissed:
    return Dismissed(
        id=f"p{day}", time=START + timedelta(days=day), context="We walked", suggested=" alone",
        document="file:///a.md", language="markdown", how="typed_over", model=model,
    )  # fmt: skip


def contents(edits: list[Edit], dismissed: list[Dismissed]) -> Contents:
    return Contents(tuple(edits), 0, tuple(dismissed))


def test_what_was_taken_and_what_still_stands_is_counted() -> None:
    rewritten = " along the river and sang"
    found = figures(contents([taken(0, TAKEN), taken(1, rewritten), taken(1)], [passed_over(1)])).whole
    assert (found.taken, found.passed_over, found.characters) == (3, 1, 3 * len(TAKEN))
    assert (found.looked_at, found.kept) == (2 * len(TAKEN), len(TAKEN) + len(" along the river and"))
    assert found.taken_share == 0.75
    assert found.keys_saved == 3 * (len(TAKEN) - 1) - 0.25


def test_paragraphs_made_of_notes_are_told_apart_and_their_notes_cost_keys() -> None:
    edit = taken(0, TAKEN)
    edit.accepted = structs.replace(edit.accepted, notes="river, talked")
    edit.rating = 4
    found = figures(contents([edit, taken(1)], []))
    assert (found.expanded.taken, found.expanded.kept, found.rated, found.rating) == (1, len(TAKEN), 1, 4)
    assert found.expanded.keys_saved == len(TAKEN) - len("river, talked") - 1
    assert found.whole.keys_saved == 2 * (len(TAKEN) - 1) - len("river, talked")


def test_it_is_told_by_day_and_by_week_where_there_are_many() -> None:
    short = figures(contents([taken(0), taken(1), taken(1)], []))
    assert [(part.name, part.taken) for part in short.by_time] == [("2026-03-02", 1), ("2026-03-03", 2)]
    long = figures(contents([taken(0), taken(6), taken(7), taken(50)], []))
    assert [(part.name, part.taken) for part in long.by_time] == [
        ("2026-03-02", 2),
        ("2026-03-09", 1),
        ("2026-04-20", 1),
    ]


def test_versions_are_told_apart() -> None:
    found = figures(contents([taken(0), taken(1, model="default@v0001")], [passed_over(1, "default@v0001")]))
    assert [(part.name, part.taken, part.passed_over) for part in found.by_version] == [
        ("default@base", 1, 0),
        ("default@v0001", 1, 1),
    ]


def test_little_is_not_enough_to_say_anything() -> None:
    for found in (figures(contents([], [])), figures(contents([taken(0)], [passed_over(0)]))):
        assert "too early to tell" in found.helps and "too early to tell" in found.better


def test_what_helps_is_said_with_an_interval() -> None:
    found = figures(contents([taken(day, TAKEN if day % 3 else " gone") for day in range(60)], []))
    assert "You accepted 60 suggestions" in found.helps
    assert "67% (95 %: 5" in found.helps or "67% (95 %: 6" in found.helps


@pytest.mark.parametrize(
    ("before", "after", "said"), [(3, 9, "improving"), (9, 3, "getting worse"), (5, 5, "no clear change")]
)
def test_the_last_four_weeks_are_compared_with_all_before(before: int, after: int, said: str) -> None:
    edits, dismissed = [], []
    for day in range(56):
        share = after if day >= 28 else before
        edits += [taken(day)] * share
        dismissed += [passed_over(day)] * (10 - share)
    assert said in figures(contents(edits, dismissed)).better
