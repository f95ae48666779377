from __future__ import annotations

from shadowpen.daemon.tasks.correction.candidates import CandidateEdit, Kind
from shadowpen.daemon.tasks.correction.choosing import LIMITS, apply, chosen
from shadowpen.daemon.tasks.correction.judging import JudgedEdit


def edit(start: int, end: int, odds: float, kind: Kind = "confusion", text: str = "x") -> JudgedEdit:
    return JudgedEdit(CandidateEdit(start, end, text, kind), odds)


def test_an_edit_needs_the_log_odds_of_its_kind() -> None:
    limit = LIMITS["confusion"]
    assert chosen([edit(0, 1, limit - 0.01)]) == []
    assert len(chosen([edit(0, 1, limit)])) == 1
    assert LIMITS["harper"] < LIMITS["confusion"]


def test_the_surest_of_those_that_meet_is_made_and_all_in_order() -> None:
    made = chosen([edit(10, 12, 50), edit(0, 3, 60), edit(2, 5, 70), edit(5, 6, 40)])
    assert [each.candidate.start for each in made] == [2, 10]


def test_edits_are_applied_together() -> None:
    text = "abcdef"
    edits = [
        CandidateEdit(0, 1, "", "doubled"),
        CandidateEdit(2, 2, "__", "small_word"),
        CandidateEdit(5, 6, "F", "joint"),
    ]
    assert apply(text, edits) == "b__cdeF"
