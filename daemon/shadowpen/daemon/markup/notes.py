"""Split selected notes: a line, a bullet, a task, a phrase between commas.

This file knows nothing of what is made of notes.
"""

from __future__ import annotations

import re

_BULLET = re.compile(r"^\s*(?:(?:[-*+•–—]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+|>\s?)+")
_SEPARATORS = re.compile(r"[;\n]+|(?<=\S),\s+|\s+/\s+")


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
