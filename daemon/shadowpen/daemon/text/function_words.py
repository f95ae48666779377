"""Tell whether a text is a single function word: "the", "und", "que".

The words of six languages are in function_words.txt, one list for all: which language a text is in is not asked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_LIST = Path(__file__).parent / "function_words.txt"
_MARKS = " \t\n.,;:!?…\"'“”‘’()[]"


def is_function_word(text: str) -> bool:
    """Whether `text`, but for marks and blanks around it, is one of the words."""
    return text.strip(_MARKS).casefold() in _words()


@cache
def _words() -> frozenset[str]:
    lines = _LIST.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
