"""daemon/evaluation/expansions.py: plain figures for paragraphs made of notes."""

from __future__ import annotations

import pytest

from shadowpen.daemon.evaluation.expansions import Expanded, choose, markdown, measure, summarise

PARAGRAPH = (
    "The harbour lay still that morning, and the pilot told us that no ship had left for three days because the wind "
    "had turned against the town. We drank our coffee on the wall, counted the gulls, and waited for the news from "
    "Marseille which the postman had promised to bring before noon of the {day} day."
)
TEXTS = [
    "# A heading\n\nToo short.\n\n" + "\n\n".join(PARAGRAPH.format(day=day) for day in ("first", "second", "third"))
]


def test_only_prose_of_a_paragraphs_length_is_chosen_and_by_the_seed() -> None:
    chosen = choose(TEXTS, 2, seed=1)
    assert len(chosen) == 2 == len(set(chosen))
    assert all(paragraph.startswith("The harbour") for paragraph in chosen)
    assert chosen == choose(TEXTS, 2, seed=1) and len(choose(TEXTS, 9, seed=1)) == 3


def test_who_writes_the_paragraph_itself_tells_everything() -> None:
    paragraphs = choose(TEXTS, 3, seed=0)
    answers = iter(paragraphs)
    made = list(measure(paragraphs, lambda notes, seed: next(answers), seed=0))
    summary = summarise(made)
    assert (summary.paragraphs, summary.told, summary.in_length) == (3, 1.0, 1.0)
    assert all(2 <= len(one.notes) <= 6 for one in made)


def test_who_returns_the_notes_is_found_out() -> None:
    made = list(measure(choose(TEXTS, 3, seed=0), lambda notes, seed: " ".join(notes), seed=0))
    summary = summarise(made)
    assert summary.told == 1.0 and summary.in_length == 0.0
    assert summary.longest_copied == max(one.words for one in made)


def test_nothing_is_counted_too() -> None:
    (one,) = measure(choose(TEXTS, 1, seed=0), lambda notes, seed: "", seed=0)
    assert (one.told, one.copied, one.words) == (0.0, 0, 0)
    with pytest.raises(ValueError, match="nothing"):
        summarise([])


def test_examples_are_shown_as_they_came() -> None:
    text = markdown([Expanded(("wind turned", "no ship left"), "No ship left.", 0.5, 3), Expanded(("x",), "", 0, 0)])
    assert "- wind turned\n- no ship left\n\n> No ship left.\n\n50% of the notes told, 3 words" in text
    assert "> (nothing)" in text
