from __future__ import annotations

from pathlib import Path

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.correction.candidates import CandidateEdit
from shadowpen.daemon.tasks.correction.judging import EditJudge, JudgedEdit

TEXT = "The harbour was closed because of the storm.\n"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, TEXT * 2, confidence=0.99)


def judged(context: Context, piece: str, *edits: tuple[int, int, str], before: str = "") -> dict[str, float]:
    judge = EditJudge(context.sessions.engine, context.language.tokenizer, context.begin)
    candidates = [CandidateEdit(start, end, text, "harper") for start, end, text in edits]
    found = [each for each in judge.judged(before, piece, candidates) if isinstance(each, JudgedEdit)]
    return {each.candidate.replacement: each.log_odds for each in found}


def test_what_the_model_knows_is_likelier_and_what_it_does_not_is_not(context: Context) -> None:
    piece = "The harbour was closed becuse of the storm."
    at = piece.index("becuse")
    odds = judged(context, piece, (at, at + 6, "because"), (at, at + 6, "in spite"), (4, 11, "market"))
    assert odds["because"] > 3 > 0 > odds["in spite"]
    assert odds["market"] < -3


def test_many_edits_of_one_piece_do_not_disturb_one_another(context: Context) -> None:
    piece = "The harbur was closed becuse of the storm."
    at, to = piece.index("harbur"), piece.index("becuse")
    alone = judged(context, piece, (at, at + 6, "harbour"))["harbour"]
    together = judged(context, piece, (at, at + 6, "harbour"), (to, to + 6, "because"), (to, to + 6, "before"))
    assert together["harbour"] == pytest.approx(alone)


def test_the_text_before_a_piece_counts(context: Context) -> None:
    piece = "was shut because of the storm."
    edit = (4, 8, "closed")
    assert judged(context, piece, edit, before="The harbour ")["closed"] > judged(context, piece, edit).get(
        "closed", -99
    )


def test_nothing_is_read_where_there_is_nothing_to_judge(context: Context) -> None:
    assert judged(context, TEXT) == {}
    assert context.sessions.engine.calls == []  # type: ignore[attr-defined]
