"""All prompt wording: how notes are put to the model.

The wording is what the shipped base was tuned on (see exporters.checkpoints.base_adapter); changing it here without
tuning again makes expansions worse. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence


def expansion_prompt(notes: Sequence[str]) -> str:
    """The prompt for an expansion of `notes`."""
    return "Notes:\n" + "".join(f"- {note}\n" for note in notes) + "\nText:\n"
