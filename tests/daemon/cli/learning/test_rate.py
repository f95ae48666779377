"""The suggestion taken last is marked good or bad, by a daemon or without one."""

from __future__ import annotations

import pytest
from support import daemons
from support.command_line import Shadowpen
from support.journal.events import as_events
from support.models.fake_model import FakeModel

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.storage import journal
from shadowpen.daemon.storage.consented_journal import ConsentedJournal


@pytest.fixture
def layout(layout: store.Layout) -> store.Layout:
    """Two suggestions were taken."""
    config_file.write(layout.config_file, "learning", "enabled", "on")
    ConsentedJournal(layout).append(
        as_events(*[
            {"type": "accepted", "id": id, "time": 1.0e9 + number, "context": "She went ", "suggested": "home late",
             "taken": "home late", "document": "untitled:1", "language": "markdown"}
            for number, id in enumerate("ab")
        ])
    )  # fmt: skip
    return layout


def ratings(layout: store.Layout) -> list[float | None]:
    return [edit.rating for edit in journal.read(layout.edits).edits]


def test_the_last_one_is_rated_and_may_be_rated_again(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert "home late" in shadowpen("rate", "good", "--last").out
    assert ratings(layout) == [None, 5]
    assert shadowpen("rate", "bad", "--json").json == {"id": "b", "rating": 1}
    assert shadowpen("rate", "good").status == 0
    assert ratings(layout) == [None, 5]


def test_a_rating_may_be_a_number_from_1_to_5(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert shadowpen("rate", "2").status == 0
    assert ratings(layout) == [None, 2]
    assert shadowpen("rate", "6").status == 2
    assert shadowpen("rate", "0").status == 2
    assert ratings(layout) == [None, 2]


def test_a_running_daemon_writes_it(shadowpen: Shadowpen, layout: store.Layout) -> None:
    with daemons.in_thread(layout, lambda *_: FakeModel(), ConsentedJournal(layout)):
        assert shadowpen("rate", "bad").status == 0
    assert ratings(layout) == [None, 1]


def test_without_anything_taken_it_says_so(shadowpen: Shadowpen, home: object) -> None:
    config_file.write(store.layout().config_file, "learning", "enabled", "on")

    assert "yet" in shadowpen("rate", "good").err


def test_without_consent_nothing_is_kept(shadowpen: Shadowpen, layout: store.Layout) -> None:
    config_file.write(layout.config_file, "learning", "enabled", "off")

    assert shadowpen("rate", "good").status == 2
    assert ratings(layout) == [None, None]
