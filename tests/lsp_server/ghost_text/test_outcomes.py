"""lsp_server/ghost_text/acceptance.py tells the daemon: shown once, one end."""

from __future__ import annotations

import pytest

from shadowpen.daemon.wire.protocol import Outcome
from shadowpen.lsp_server.ghost_text.acceptance import Outcomes
from shadowpen.lsp_server.ghost_text.suggestions import End, Suggestions

from .records import a_record

URI = "file:///a.md"


class Desk:
    def __init__(self) -> None:
        self.sent: list[Outcome] = []
        suggestions = Suggestions()
        self.outcomes = Outcomes(suggestions, self.sent.append)
        self.first, self.second = (suggestions.add(a_record(id, uri=URI)) for id in ("g1", "g2"))

    @property
    def told(self) -> list[tuple[str, str, int]]:
        return [(outcome.of, outcome.kind, outcome.characters) for outcome in self.sent]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_suggestion_is_shown_once_however_often_it_is_sent(desk: Desk) -> None:
    for _ in range(3):
        desk.outcomes.shown(desk.first)
    assert desk.told == [("g1", "shown", 0)]
    assert len({outcome.id for outcome in desk.sent}) == 1


def test_each_piece_is_told_with_all_that_was_taken(desk: Desk) -> None:
    desk.outcomes.shown(desk.first)
    for characters in (6, 6, 10):
        desk.outcomes.taken(desk.first, characters)
    assert desk.told[1:] == [("g1", "taken", 6), ("g1", "taken", 10)]


@pytest.mark.parametrize("end", ["typed_over", "typed_out", "left"])
def test_what_was_taken_does_not_end_otherwise(desk: Desk, end: End) -> None:
    desk.outcomes.shown(desk.first)
    desk.outcomes.taken(desk.first, 6)
    desk.outcomes.ended(desk.first, end)
    assert desk.told == [("g1", "shown", 0), ("g1", "taken", 6)]


def test_the_rest_of_what_was_taken_can_be_dismissed(desk: Desk) -> None:
    desk.outcomes.shown(desk.first)
    desk.outcomes.taken(desk.first, 6)
    desk.outcomes.ended(desk.first, "dismissed")
    assert desk.told[-1] == ("g1", "dismissed", 0)


def test_there_is_one_end(desk: Desk) -> None:
    desk.outcomes.shown(desk.first)
    desk.outcomes.ended(desk.first, "typed_over")
    desk.outcomes.ended(desk.first, "dismissed")
    desk.outcomes.closed(URI)
    assert desk.told == [("g1", "shown", 0), ("g1", "typed_over", 0)]


def test_what_came_back_after_its_end_can_be_dismissed_once(desk: Desk) -> None:
    desk.outcomes.shown(desk.first)
    desk.outcomes.ended(desk.first, "left")
    desk.outcomes.shown(desk.first)
    for end in ("left", "dismissed", "dismissed"):
        desk.outcomes.ended(desk.first, end)
    assert [kind for _, kind, _ in desk.told] == ["shown", "left", "dismissed"]


def test_another_suggestion_or_the_end_of_the_document_leaves_it(desk: Desk) -> None:
    desk.outcomes.shown(desk.first)
    desk.outcomes.shown(desk.second)
    desk.outcomes.closed(URI)
    assert desk.told == [("g1", "shown", 0), ("g1", "left", 0), ("g2", "shown", 0), ("g2", "left", 0)]


def test_what_was_never_shown_has_no_end(desk: Desk) -> None:
    desk.outcomes.ended(desk.first, "typed_over")
    assert desk.told == []
