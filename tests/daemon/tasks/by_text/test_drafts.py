"""daemon/tasks/by_text/drafts.py: what is left of a text while its letters are typed."""

from __future__ import annotations

import math

import pytest
from support.models.text_engine import token

from shadowpen.daemon.engine.text_engine import TextPiece
from shadowpen.daemon.tasks.by_text.drafts import Drafts, TextDraft


def draft(*pieces: TextPiece, before: str = "The", ended: bool = True) -> TextDraft:
    return TextDraft(before, list(pieces), ended)


def probabilities(found: TextDraft, prefix: str) -> list[tuple[str, float]]:
    return [(step.data.decode(), round(math.exp(step.log_probability), 2)) for step in found.steps(prefix)]


def test_tokens_become_steps() -> None:
    found = draft(token(" sea", 0.5), token(" was", 0.5))
    assert probabilities(found, "The") == [(" sea", 0.5), (" sea was", 0.25)]


def test_what_is_typed_is_certain() -> None:
    found = draft(token(" sea", 0.5, _sea=0.5, _see=0.25, _house=0.25), token(" was", 0.5))
    assert probabilities(found, "The s") == [("ea", 0.67), ("ea was", 0.33)]
    assert probabilities(found, "The sea") == [(" was", 0.5)]


def test_what_goes_another_way_leaves_nothing() -> None:
    found = draft(token(" sea", 0.5))
    assert [found.steps(prefix) for prefix in ("The h", "A", "Th", "The sea!")] == [[], [], [], []]


def test_a_word_ends_where_the_next_token_is_none_of_it() -> None:
    found = draft(token(" sea", 0.5), token(" was", 0.75, _was=0.75, side=0.25), ended=False)
    assert [step.word_end_probability for step in found.steps("The")] == pytest.approx([0.75, 0.0])


def test_a_margin_is_over_the_next_likeliest_that_fits() -> None:
    found = draft(token(" sea", 0.6, _sea=0.6, _house=0.4))
    assert [round(found.steps(prefix)[0].margin, 2) for prefix in ("The", "The s")] == [0.2, 1.0]


def test_without_probabilities_a_word_is_the_likelier_the_more_of_it_is_typed() -> None:
    found = draft(TextPiece(" seaside"), TextPiece(" was"))
    likely = [math.exp(found.steps(prefix)[0].log_probability) for prefix in ("The", "The s", "The seasi")]
    assert likely == sorted(likely) and likely[0] < 0.5 < likely[-1]


def test_one_draft_a_document_and_not_of_all_documents_there_were() -> None:
    drafts = Drafts()
    for number in range(200):
        drafts.begin(str(number), "x")
    assert drafts.of("0") is None and drafts.of("199") is not None
    drafts.close("199")
    assert drafts.of("199") is None
