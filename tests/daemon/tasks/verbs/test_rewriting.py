"""daemon/tasks/verbs/rewriting.py"""

from __future__ import annotations

import pytest

from shadowpen.daemon.tasks.correction.choosing import apply
from shadowpen.daemon.tasks.verbs.rewriting import proposals


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("It is a really interesting plan.", "It is an interesting plan."),
        ("Actually, the boats came late.", "The boats came late."),
        ("In order to save time we left, due to the fact that it rained.", "To save time we left, because it rained."),
        ("The vast majority of them are able to swim.", "Most of them can swim."),
    ],
)
def test_what_adds_nothing_goes(text: str, shorter: str) -> None:
    assert apply(text, proposals(text, plainer=False)) == shorter


@pytest.mark.parametrize(
    "text",
    [
        "It is not very good.",
        "It wasn't really late.",
        "They do not look like anything very pretty.",
        "It has its very own roof, and is not quite as old.",
        "The very idea.",
        "There are quite a few of them, and very many boats.",
        "He is dressed simply.",
        'She said "it is really late" and `in order to` is code.',
        "Look at [the really old map](very_old.md) of it.",
    ],
)
def test_what_would_say_something_else_or_is_not_the_users_stays(text: str) -> None:
    kept = apply(text, proposals(text, plainer=False))
    assert kept == text.replace("the really old", "the really old")
    assert apply(text, proposals(text, plainer=True)) == text


def test_plainer_changes_words_and_leaves_small_ones() -> None:
    text = "We utilized numerous boats prior to the storm, which was very bad."
    assert apply(text, proposals(text, plainer=True)) == "We used many boats before the storm, which was very bad."
