"""daemon/tasks/verbs/rewrite.py"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.correction.choosing import CandidateEdit, apply
from shadowpen.daemon.tasks.verbs.rewrite import RewriteVerb
from shadowpen.daemon.wire.protocol import RunVerb, VerbResult

SHORT = "We left early to see the boats."
LONG = "We left early in order to see the boats."


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, f"\n{SHORT} {LONG}", confidence=0.9)


def rewrite(context: Context, text: str, **options: object) -> VerbResult:
    request = RunVerb(id="1", document="d", verb="rewrite", text=text, options=options)  # type: ignore[arg-type]
    *_, last = RewriteVerb().steps(request, context, math.inf)
    assert isinstance(last, VerbResult)
    edits = [CandidateEdit(edit.start, edit.end, edit.text, "wordy") for edit in last.edits]
    assert apply(text, edits) == last.text
    return last


def test_the_model_judges_what_is_said_in_fewer_words(tmp_path: Path) -> None:
    likes_it = make_context(tmp_path, f"\n{SHORT}", confidence=0.9)
    assert rewrite(likes_it, LONG, to="shorter").text == SHORT
    dislikes_it = make_context(tmp_path, f"\n{LONG}", confidence=0.999)
    result = rewrite(dislikes_it, LONG, to="shorter")
    assert result.text == LONG and "No words were found" in result.notes[0]


def test_contractions_go_both_ways_in_every_block_and_code_stays(context: Context) -> None:
    text = "# It is late\n\n- We do not wait.\n\n```\nit is code\n```\n\nThey will come.\n"
    friendly = rewrite(context, text, to="friendlier")
    assert friendly.text == "# It's late\n\n- We don't wait.\n\n```\nit is code\n```\n\nThey'll come.\n"
    assert rewrite(context, friendly.text, to="formal").text == text


def test_another_language_comes_back_as_it_was(context: Context) -> None:
    text = "Das ist nicht der Hafen, und wir haben die Boote nicht gesehen."
    result = rewrite(context, text, to="friendlier")
    assert result.text == text and "another language" in result.notes[0]


@pytest.mark.parametrize(
    ("text", "options"),
    [("a b", {}), ("a b", {"to": "rude"}), (" ", {"to": "formal"}), ("w " * 2001, {"to": "formal"})],
)
def test_what_makes_no_sense_is_refused(context: Context, text: str, options: dict[str, object]) -> None:
    with pytest.raises(RequestInvalid) as raised:
        rewrite(context, text, **options)
    assert raised.value.hint
