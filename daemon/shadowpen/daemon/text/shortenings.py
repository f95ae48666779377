"""Abbreviations that people use in notes, and the words they stand for.

Read from shortenings_en.txt: a line gives a word, or words that mean the same in notes, and their short forms. English
only; other languages have none. Knows no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def short_forms(word: str) -> tuple[str, ...]:
    """The short forms of `word`, none for most words; a capital letter stays one."""
    found = _SHORT.get(word.lower(), ())
    return tuple(form.capitalize() for form in found) if word[:1].isupper() and word[1:].islower() else found


def full_forms(short: str) -> tuple[str, ...]:
    """What `short` stands for in notes, as it is written out; none where it is no shortening.

    "Sun" is a day, "sun" is none: a name's short form must be capital.
    """
    key = short.rstrip(".")
    return _FULL.get(key) or _FULL.get(key[:1].lower() + key[1:], ())


def _read() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    short: dict[str, tuple[str, ...]] = {}
    full: dict[str, tuple[str, ...]] = {}
    for line in (Path(__file__).parent / "shortenings_en.txt").read_text("utf-8").splitlines():
        words, _, forms = line.partition("=")
        for word in (word.strip() for word in words.split(",")):
            short[word.lower()] = tuple(forms.split())
            for form in forms.split():
                key = form.rstrip(".")
                full[key] = (*full.get(key, ()), word)
    return short, full


_SHORT, _FULL = _read()
