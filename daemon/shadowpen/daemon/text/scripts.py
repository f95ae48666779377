"""Scripts without spaces between words, where text may end after any character."""

from __future__ import annotations

import re

_CHARACTERS = re.compile(  # Thai, Lao, Burmese, Khmer, kana, Han
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_FIRST_BYTES = range(0xE3, 0xEA)  # of kana and Han in UTF-8, with what else lies between U+3000 and U+9FFF


def without_blanks(text: str) -> bool:
    """Whether any of `text` is written so."""
    return bool(_CHARACTERS.search(text))


def begins_without_blanks(data: bytes) -> bool:
    """Whether `data`, UTF-8 that may stop within a character, begins with one written so."""
    text = data[:4].decode("utf-8", errors="ignore")
    return without_blanks(text[:1]) if text else data[:1] != b"" and data[0] in _FIRST_BYTES
