import math
from pathlib import Path

import pytest
from support.scripted_model import make_context

from shadowpen.daemon.errors import RequestInvalid
from shadowpen.daemon.protocol import Expand, Expansion, Partial
from shadowpen.daemon.tasks.base import Context
from shadowpen.daemon.tasks.expand import ExpandTask
from shadowpen.daemon.tasks.prompts import expansion_prompt

NOTES = ["meeting moved Friday", "bring budget"]
PARAGRAPH = (
    "The meeting was moved to Friday because the hall is not free before that day and nobody wanted to wait another "
    "week. Please bring the budget with you when you come, since we shall have to go through every line of it together "
    "before the evening is over.\n"
)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, expansion_prompt(NOTES) + PARAGRAPH, confidence=0.9999)


def expand(context: Context, notes: str, **more: int) -> tuple[list[Partial], Expansion]:
    request = Expand(id="1", document="d", notes=notes, **more)
    *partials, last = [r for r in ExpandTask().steps(request, context, math.inf) if r is not None]
    assert isinstance(last, Expansion)
    return [p for p in partials if isinstance(p, Partial)], last


def test_notes_become_the_paragraph_the_model_knows(context: Context) -> None:
    partials, expansion = expand(context, "\n".join(NOTES), candidates=2)
    assert expansion.candidates[0] == PARAGRAPH.strip()
    assert expansion.missing[0] == []
    assert len(partials) > 10
    assert PARAGRAPH.startswith(partials[-1].text)


def test_it_ends_within_the_words_asked_for(context: Context) -> None:
    _, expansion = expand(context, "\n".join(NOTES), max_words=45, candidates=1)
    assert all(len(text.split()) <= 45 for text in expansion.candidates)
    assert expansion.candidates[0].endswith(".")


def test_numbers_that_the_notes_lack_are_not_made(tmp_path: Path) -> None:
    text = expansion_prompt(NOTES) + PARAGRAPH.replace("another week", "12 days")
    _, expansion = expand(make_context(tmp_path, text, confidence=0.9999), "\n".join(NOTES), candidates=1)
    assert not any(c.isdigit() for c in expansion.candidates[0])


@pytest.mark.parametrize("notes", ["", " \n ", "word " * 5000])
def test_nothing_and_too_much_are_refused(context: Context, notes: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        expand(context, notes)
    assert raised.value.hint
