"""Tell whether a text is a single function word: "the", "und", "que".

The words of six languages are in function_words.txt, one list for all: which language a text is in is not asked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shadowpen.daemon.text.content_words import STOP_WORDS

_LAST_LATIN_LETTER = "\u024f"
_FOREIGN_LETTERS = 0.2  # of all
_LIST = Path(__file__).parent / "function_words.txt"
_MARKS = " \t\n.,;:!?…\"'“”‘’()[]"


def is_function_word(text: str) -> bool:
    """Whether `text`, but for marks and blanks around it, is one of the words."""
    return text.strip(_MARKS).casefold() in _words()


@cache
def _words() -> frozenset[str]:
    lines = _LIST.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def is_english(text: str) -> bool:
    """Whether nothing speaks against English: no other script, nor more small words of other languages than of it."""
    letters = [c for c in text if c.isalpha()]
    if sum(c > _LAST_LATIN_LETTER for c in letters) > _FOREIGN_LETTERS * len(letters):
        return False
    small = [word.strip(_MARKS).casefold() for word in text.split()]
    foreign = sum(word in _words() and word not in STOP_WORDS for word in small)
    return foreign <= sum(word in STOP_WORDS for word in small)
