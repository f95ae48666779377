from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.grammar import process
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.verbs.correct import CorrectVerb
from shadowpen.daemon.wire.protocol import Partial, RunVerb, VerbResult

RIGHT = "The harbour was closed because of the storm. We have received their letter.\n"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A model that knows the right text by heart."""
    return make_context(tmp_path, RIGHT * 3, confidence=0.999)


@pytest.fixture
def without_harper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "installed", lambda: False)


def correct(context: Context, text: str, **more: str) -> VerbResult:
    request = RunVerb(id="1", document="d", verb="correct", text=text, **more)
    *before, last = CorrectVerb().steps(request, context, math.inf)
    assert all(reply is None or isinstance(reply, Partial) for reply in before)
    assert isinstance(last, VerbResult)
    return last


def test_harper_and_the_tables_propose_and_the_model_decides(context: Context) -> None:
    wrong = RIGHT.replace("because", "becuase").replace("their", "there")
    done = correct(context, wrong)
    assert done.text == RIGHT and done.notes == [] and done.model == "scripted"
    assert [(wrong[edit.start : edit.end], edit.text) for edit in done.edits] == [
        ("becuase", "because"),
        ("there", "their"),
    ]
    assert all(edit.log_odds > 0 for edit in done.edits)


@pytest.mark.usefixtures("without_harper")
def test_what_the_model_finds_right_stays(context: Context) -> None:
    done = correct(context, RIGHT)
    assert (done.text, done.edits) == (RIGHT, [])


@pytest.mark.usefixtures("without_harper")
def test_without_harper_the_tables_alone_propose_and_that_is_said(context: Context) -> None:
    done = correct(context, RIGHT.replace("their", "there"))
    assert done.text == RIGHT
    assert len(done.notes) == 1 and "harper-py" in done.notes[0]


@pytest.mark.usefixtures("without_harper")
@pytest.mark.parametrize(
    "kept",
    [
        "`received there letter`",
        "[x](received-there-letter)",
        "[@there]",
        "[^there]",
        "https://a.org/there",
        "$there letter$",
        "{{there letter}}",
        "<b there>",
    ],
)
def test_markup_is_never_touched(context: Context, kept: str) -> None:
    text = RIGHT.replace("their letter", kept)
    assert kept in correct(context, text).text


@pytest.mark.usefixtures("without_harper")
@pytest.mark.parametrize(
    "text",
    [
        "```\nWe have received there letter.\n```\n",
        "def f(there):\n    x = there.letter()\n    return x\n",
        "Wir haben gestern einen langen Brief von unserer Nachbarin bekommen und ihn gelesen.\n",
        "אתמול קיבלנו מכתב ארוך מאוד מהשכנה שלנו וקראנו אותו יחד בערב ליד השולחן.\n",
        "昨天我们收到了邻居的一封长信，晚上一起在桌子旁边读了它，大家都很高兴。\n",
        "letter",
        "?!",
    ],
)
def test_code_other_languages_and_single_words_come_back_as_they_were(context: Context, text: str) -> None:
    done = correct(context, text)
    assert (done.text, done.edits) == (text, [])


def test_a_text_of_another_language_is_named(context: Context) -> None:
    text = "Wir haben gestern einen langen Brief von unserer Nachbarin bekommen und ihn gelesen."
    (note,) = correct(context, text).notes
    assert "another language (de)" in note


@pytest.mark.parametrize("text", ["", " \n\t", "word " * 5000])
def test_nothing_and_too_much_are_refused(context: Context, text: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        correct(context, text)
    assert raised.value.hint


def test_unknown_options_are_refused(context: Context) -> None:
    with pytest.raises(RequestInvalid, match="no option 'harder'"):
        list(
            CorrectVerb().steps(
                RunVerb(id="1", document="d", verb="correct", text="a b", options={"harder": True}), context, math.inf
            )
        )


@pytest.mark.usefixtures("without_harper")
def test_places_count_characters_in_the_whole_text(context: Context) -> None:
    text = "# 🥸 Title\r\n\r\n" + RIGHT.replace("their", "there")
    done = correct(context, text)
    (edit,) = done.edits
    assert text[edit.start : edit.end] == "there" and done.text == text.replace("there", "their")


@pytest.mark.usefixtures("without_harper")
def test_a_caller_who_goes_away_ends_the_work(context: Context) -> None:
    steps: Iterator[object] = CorrectVerb().steps(
        RunVerb(id="1", document="d", verb="correct", text=RIGHT * 20), context, math.inf
    )
    assert next(steps) is None
    steps.close()  # type: ignore[attr-defined]
    assert list(steps) == []
