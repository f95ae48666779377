"""Detect slurs and swearwords.

The words are in profane_words.txt, taken from a list that is kept in the open; whoever writes such words lifts the
rule with `completion.profanity`. Whole words only: nothing is found inside of another word.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_LIST = Path(__file__).parent / "profane_words.txt"


def is_profane(text: str) -> bool:
    """Whether a word of the list, or one that goes on as the list allows, stands in `text`."""
    return _pattern().search(text) is not None


@cache
def _pattern() -> re.Pattern[str]:
    lines = (line.strip() for line in _LIST.read_text("utf-8").splitlines())
    words = [re.escape(line).replace(r"\*", r"\w*") for line in lines if line and not line.startswith("#")]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
