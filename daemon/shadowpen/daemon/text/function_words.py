"""Whether a text is a single function word: "the", "und", "que".

The words of six languages are in function_words.txt, one list for all: which language a text is in is not asked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shadowpen.daemon.text.content_words import STOP_WORDS
from shadowpen.daemon.text.shortenings import full_forms

_LAST_LATIN_LETTER = "\u024f"
_FOREIGN_LETTERS = 0.2  # of all
_FEWEST_SMALL_WORDS = 2
_LIST = Path(__file__).parent / "function_words.txt"
_MARKS = " \t\n.,;:!?…\"'“”‘’()[]"


def is_function_word(text: str) -> bool:
    """Whether `text`, but for marks and blanks around it, is one of the words."""
    return text.strip(_MARKS).casefold() in _words()


@cache
def _words() -> frozenset[str]:
    lines = _LIST.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _of_others() -> frozenset[str]:
    """Those of other languages than English, whether English has them too or not."""
    others = _LIST.read_text("utf-8").partition("\n# de\n")[2]
    return frozenset(word for line in others.splitlines() if not line.startswith("#") for word in line.split())


def is_english(text: str) -> bool:
    """Whether nothing speaks against English: no other script, nor more small words of other languages than of it."""
    return not _is_in_another_script(text) and _foreign(text) <= sum(word in STOP_WORDS for word in _small(text))


def is_english_part(part: str, *, of_english: bool) -> bool:
    """Whether a part of a text is English, where the whole is, or is not.

    A part is in another language than the whole only where its small words say so: two of them, and no other speaks
    against it.
    """
    if of_english:
        return not _is_in_another_script(part) and (_foreign(part) < _FEWEST_SMALL_WORDS or is_english(part))
    english = sum(word in STOP_WORDS and word not in _of_others() for word in _small(part))
    return is_english(part) and not _foreign(part) and english >= _FEWEST_SMALL_WORDS


def _foreign(text: str) -> int:
    """How many small words are of other languages alone; "Mon" is a day."""
    words = [word.strip(_MARKS) for word in text.split()]
    return sum(
        word.casefold() in _words() and word.casefold() not in STOP_WORDS and not full_forms(word) for word in words
    )


def _small(text: str) -> list[str]:
    return [word.strip(_MARKS).casefold() for word in text.split()]


def _is_in_another_script(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(c > _LAST_LATIN_LETTER for c in letters) > _FOREIGN_LETTERS * len(letters)
