"""The only file with prompt wording: how notes are put to the model, and what counts as one note.

The wording is what the shipped base was tuned on (see exporters.base_adapter); changing it here without
tuning again makes expansions worse. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_BULLET = re.compile(r"^\s*(?:(?:[-*+•–—]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+|>\s?)+")
_SEPARATORS = re.compile(r"[;\n]+|(?<=\S),\s+|\s+/\s+")


def expansion_prompt(notes: Sequence[str]) -> str:
    """What stands before an expansion of `notes`."""
    return "Notes:\n" + "".join(f"- {note}\n" for note in notes) + "\nText:\n"


def split_notes(text: str) -> list[str]:
    """The single notes in what an author selected: lines, bullets, tasks, or stubs between commas and semicolons."""
    lines = [_BULLET.sub("", line).strip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and is_sentence(lines[0]):
        return lines
    pieces = [piece for line in lines for piece in ([line] if len(lines) > 2 else _SEPARATORS.split(line))]
    return [piece.strip(" ,.;") for piece in pieces if piece.strip(" ,.;")]


def is_sentence(line: str) -> bool:
    """Whether a note is a whole sentence, to be taken as one."""
    return line[:1].isupper() and line.rstrip()[-1:] in (".", "!", "?") and len(line.split()) > 4
