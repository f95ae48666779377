"""Scripts without spaces between words, where text may end after any character."""

from __future__ import annotations

import re

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana and Han
_SYLLABLES = r"\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1980-\u1aaf"  # Thai, Lao, Tibetan, Burmese, Khmer, Tai
_CHARACTERS = re.compile(f"[{_IDEOGRAPHS}{_SYLLABLES}]")
_IS_IDEOGRAPH, _IS_SYLLABLE = re.compile(f"[{_IDEOGRAPHS}]"), re.compile(f"[{_SYLLABLES}]")
_CHARACTERS_OF_A_WORD = 5  # with its vowels and tones
_FIRST_BYTES = range(0xE3, 0xEA)  # of kana and Han in UTF-8, with what else lies between U+3000 and U+9FFF


def without_blanks(text: str) -> bool:
    """Whether any of `text` is written so."""
    return bool(_CHARACTERS.search(text))


def words_without_blanks(text: str) -> int:
    """About as many words as are written so in `text`: two characters of Chinese or Japanese, five of the others."""
    return len(_IS_IDEOGRAPH.findall(text)) // 2 + len(_IS_SYLLABLE.findall(text)) // _CHARACTERS_OF_A_WORD


def share_without_blanks(text: str) -> float:
    """The share of the characters of `text` that are written so."""
    return len(_CHARACTERS.findall(text)) / len(text) if text else 0.0


def begins_without_blanks(data: bytes) -> bool:
    """Whether `data`, UTF-8 that may stop within a character, begins with one written so."""
    text = data[:4].decode("utf-8", errors="ignore")
    return without_blanks(text[:1]) if text else data[:1] != b"" and data[0] in _FIRST_BYTES
