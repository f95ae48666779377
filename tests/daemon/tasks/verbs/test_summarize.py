from __future__ import annotations

import math
from pathlib import Path

import pytest
from support.models.scripted_model import make_context

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.verbs.outline import outline
from shadowpen.daemon.tasks.verbs.summarize import SummarizeVerb, summary
from shadowpen.daemon.wire.protocol import RunVerb, VerbResult

TEXT = (
    "# Report\n\nYes. The ferry to the island was late because a storm had closed the harbour. It rained.\n\n"
    "```\nThe ferry is code.\n```\n\n## Costs\n\n- an item\n\n"
    "The hotel gave back forty euros (see [the bill. Here](b.md)). Fine.\n"
)
SENTENCES = [
    "Yes.",
    "The ferry to the island was late because a storm had closed the harbour.",
    "It rained.",
    "an item",
    "The hotel gave back forty euros (see [the bill. Here](b.md)).",
    "Fine.",
]


def test_the_fullest_early_sentence_is_the_summary_and_whole() -> None:
    assert summary(TEXT, "markdown") == SENTENCES[1]


@pytest.mark.parametrize("count", [1, 2, 4, 50])
def test_sentences_come_whole_and_in_their_order(count: int) -> None:
    made = summary(TEXT, "markdown", count)
    kept = [sentence for sentence in SENTENCES if sentence in made]
    assert made == " ".join(kept) and len(kept) == min(count, len(SENTENCES))


@pytest.mark.parametrize("text", ["", "# Only a heading\n", "```\ncode\n```", "word " * 11_000])
def test_where_there_is_nothing_to_choose_from_it_says_so(text: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        summary(text, "markdown")
    assert raised.value.hint


def test_other_scripts_have_sentences_too() -> None:
    assert summary("昨天下了很大的雨，码头关闭了。我们等了很久。", "markdown", 1) == "昨天下了很大的雨，码头关闭了。"


def test_the_number_of_sentences_is_an_option(tmp_path: Path) -> None:
    request = RunVerb(id="1", document="d", verb="summarize", text=TEXT, options={"sentences": 2})
    (reply,) = SummarizeVerb().steps(request, make_context(tmp_path), math.inf)
    assert isinstance(reply, VerbResult) and reply.text == summary(TEXT, "markdown", 2)
    for bad in ({"sentences": "two"}, {"words": 3}):
        with pytest.raises(RequestInvalid):
            list(
                SummarizeVerb().steps(
                    RunVerb(id="1", document="d", verb="summarize", text=TEXT, options=bad),
                    make_context(tmp_path),
                    math.inf,
                )
            )


def test_an_outline_has_a_lead_for_each_paragraph_below_its_heading() -> None:
    assert outline(TEXT, "markdown") == (
        "- Report\n  - Yes. The ferry to the island was late because a storm had closed the harbour.\n"
        "  - Costs\n    - The hotel gave back forty euros (see [the bill. Here](b.md))."
    )


def test_items_are_outlined_where_there_is_nothing_else() -> None:
    assert outline("- a\n- b\n", "markdown") == "- a\n- b"
    with pytest.raises(RequestInvalid):
        outline("\n", "markdown")
