"""daemon/tasks/by_text/prompts.py: what a chat is told, and what of its answer is the text."""

from __future__ import annotations

import pytest

from shadowpen.daemon.tasks.by_text import prompts


def test_notes_are_told_with_what_stands_above_them() -> None:
    system, user = prompts.to_expand(["harbour closed", "two boats"], "Diary", "It rained.", 90)
    assert "Tell every note" in system.content and "Add no name, no number" in system.content
    assert "90 words" in system.content
    assert user.content == "Heading: Diary\n\nText before:\nIt rained.\n\nNotes:\n- harbour closed\n- two boats"
    assert prompts.to_expand(["a"], "", "", 90)[1].content == "Notes:\n- a"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("The harbour was closed.", "The harbour was closed."),
        ("<think>\nThe user wants\n</think>\n\nThe harbour.", "The harbour."),
        ("<think>\nThe user wants", ""),
        ("Here is the paragraph:\n\nThe harbour.", "The harbour."),
        ("Sure! Here's your paragraph based on the notes:\nThe harbour.", "The harbour."),
        ("Paragraph: The harbour.", "The harbour."),
        ("```text\nThe harbour.\n```", "The harbour."),
        ('"The harbour was closed."', "The harbour was closed."),
        ('"Closed," she said. "All day."', '"Closed," she said. "All day."'),
        ("Here is where we stood.", "Here is where we stood."),
    ],
)
def test_an_answer_is_freed_of_what_is_around_it(answer: str, text: str) -> None:
    assert prompts.answer_alone(answer) == text


@pytest.mark.parametrize(
    ("before", "answer", "text"),
    [
        ("It rained.", "We stayed.", " We stayed."),
        ("It rained. ", "We stayed.", "We stayed."),
        ("It rained", ", and we stayed.", ", and we stayed."),
        ("It rained all day.", "It rained all day. We stayed.", " We stayed."),
        ("It rained and we", "and we stayed.", " stayed."),
        ("A day", "day by day.", " day by day."),
        ("", "We stayed.", "We stayed."),
        ("It rained.", "", ""),
    ],
)
def test_a_continuation_stands_behind_the_text(before: str, answer: str, text: str) -> None:
    assert prompts.joined(before, answer) == text
