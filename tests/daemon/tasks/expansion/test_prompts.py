"""daemon/tasks/expansion/prompts.py: how notes are put to the model."""

from __future__ import annotations

from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt


def test_every_note_stands_in_the_prompt() -> None:
    assert expansion_prompt(["a b", "c"]) == "Notes:\n- a b\n- c\n\nText:\n"
