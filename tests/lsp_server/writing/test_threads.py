"""lsp_server/writing/threads.py: which turns go along with a request, and when a thread ends."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.wire.protocol import MOST_TURNS, Expand, Turn
from shadowpen.lsp_server.writing.threads import ExpansionThreads

FIRST, SECOND = "The ferry was late.", "Late."


def request(document: str = "d", notes: str = "ferry late", seed: int = 0, **more: object) -> Expand:
    return Expand(id="1", document=document, notes=notes, seed=seed, **more)  # type: ignore[arg-type]


def begun(document: str = "d") -> ExpansionThreads:
    threads = ExpansionThreads()
    threads.answered(threads.asked(request(document), "", ""), [FIRST])
    return threads


def test_turns_add_up_and_each_is_about_what_was_shown() -> None:
    threads = begun()
    second = threads.asked(request(), "shorter", FIRST)
    assert second.turns == [Turn(instruction="shorter", shown=FIRST)]
    threads.answered(second, [SECOND])
    third = threads.asked(request(), "less formal", SECOND)
    assert [turn.shown for turn in third.turns] == [FIRST, SECOND]


def test_a_turn_that_came_to_nothing_is_not_part_of_it() -> None:
    threads = begun()
    threads.asked(request(), "sing it", FIRST)
    assert [turn.instruction for turn in threads.asked(request(), "shorter", FIRST).turns] == ["shorter"]


def test_more_of_the_same_keeps_the_turns_and_only_new_paragraphs_count() -> None:
    threads = begun()
    threads.answered(threads.asked(request(), "shorter", FIRST), [SECOND])
    more = threads.asked(request(seed=1), "", "")
    assert [turn.instruction for turn in more.turns] == ["shorter"]
    assert threads.answered(more, [SECOND, FIRST, "It was late."]) == [2]


def test_expanding_anew_begins_anew() -> None:
    threads = begun()
    threads.answered(threads.asked(request(), "shorter", FIRST), [SECOND])
    assert threads.asked(request(), "", "").turns == []
    assert threads.answered(request(), [FIRST]) == [0]


@pytest.mark.parametrize("other", [{"notes": "ferry early"}, {"before": "Monday."}, {"free": True}, {"document": "e"}])
def test_of_other_notes_there_is_nothing_to_go_on_from(other: dict[str, object]) -> None:
    with pytest.raises(RequestInvalid, match="no expansion to change"):
        begun().asked(request(**other), "shorter", FIRST)  # type: ignore[arg-type]


def test_taken_or_an_hour_old_it_is_gone() -> None:
    threads = begun()
    threads.end("d")
    with pytest.raises(RequestInvalid):
        threads.asked(request(), "shorter", FIRST)
    now = [0.0]
    threads = ExpansionThreads(clock=lambda: now[0])
    threads.answered(request(), [FIRST])
    now[0] = 3599.0
    assert threads.asked(request(), "shorter", FIRST).turns
    now[0] = 3601.0
    with pytest.raises(RequestInvalid):
        threads.asked(request(), "shorter", FIRST)


def test_it_is_bounded() -> None:
    threads = begun("old")
    for number in range(16):
        threads.answered(request(f"d{number}"), [FIRST])
    with pytest.raises(RequestInvalid):
        threads.asked(request("old"), "shorter", FIRST)
    for _ in range(MOST_TURNS):
        threads.answered(threads.asked(request("d1"), "shorter", FIRST), [SECOND])
    with pytest.raises(RequestInvalid, match="can be changed"):
        threads.asked(request("d1"), "shorter", FIRST)
    for said, shown in (("x" * 401, FIRST), ("shorter", " "), ("shorter", "x" * 16_001)):
        with pytest.raises(RequestInvalid):
            threads.asked(request("d2"), said, shown)
