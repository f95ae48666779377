"""The prompts of expansions: how notes are put to the model.

The wording is what the shipped base was tuned on (see exporters.checkpoints.base_adapter); changing it here without
tuning again makes expansions worse. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence

_BEFORE_WORDS = 40
_HEADING_WORDS = 12


def expansion_prompt(notes: Sequence[str], *, heading: str = "", before: str = "") -> str:
    """The prompt for an expansion of `notes` that stand below `heading`, after the paragraph `before`.

    Of both only what the tune has seen goes along: the first 12 words of the heading, the last 40 before the notes.
    """
    context = ""
    if heading := " ".join(heading.split()[:_HEADING_WORDS]):
        context += f"Heading: {heading}\n"
    if before := " ".join(before.split()[-_BEFORE_WORDS:]):
        context += f"Before: {before}\n"
    return f"{context}\n" * bool(context) + "Notes:\n" + "".join(f"- {note}\n" for note in notes) + "\nText:\n"


def prose_prompt(*, heading: str = "", before: str = "") -> str:
    """What a paragraph would follow if there were no notes: never empty, so that a sentence begins."""
    return (f"# {heading}\n\n" if heading else "") + (f"{before}\n\n" if before else "") or "\n"
