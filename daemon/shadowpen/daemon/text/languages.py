"""Detect cheaply the language at the end of a text: by its script, or by its small words.

Without blanks between, a text is told by its script alone; English, German, French, Spanish, and Italian or Portuguese
by function_words.txt. Other languages in Latin letters are not told. Cheap enough for every key: at most the last
1,200 characters are read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

NAMES: Mapping[str, str] = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian or Portuguese",
    "ru": "Russian",
    "uk": "Ukrainian",
    "bg": "Bulgarian",
    "el": "Greek",
    "he": "Hebrew",
    "ar": "Arabic",
    "hi": "Hindi",
    "th": "Thai",
    "ko": "Korean",
    "ja": "Japanese",
    "zh": "Chinese",
}
_SCRIPTS = {  # language: its letters, and how many Latin ones each is worth
    "el": (re.compile("[\u0370-\u03ff]"), 1),
    "ru": (re.compile("[\u0400-\u052f]"), 1),
    "he": (re.compile("[\u0590-\u05ff]"), 1),
    "ar": (re.compile("[\u0600-\u06ff\u0750-\u077f]"), 1),
    "hi": (re.compile("[\u0900-\u097f]"), 1),
    "th": (re.compile("[\u0e00-\u0e7f]"), 1),
    "ko": (re.compile("[\u1100-\u11ff\uac00-\ud7af]"), 3),
    "ja": (re.compile("[\u3040-\u30ff]"), 3),
    "zh": (re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 3),
}
_SAME_LETTERS = {"ru": ("ru", "uk", "bg"), "it": ("it", "pt")}
_KANA_SHARE = 0.1  # of kana and Han together: a Japanese text, not a Chinese one with a name in it
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_REACH = 1_200  # characters
_LETTERS = 40  # of the last paragraph, before it counts alone; fewer in all tell nothing in Latin letters
_SCRIPT_LETTERS = 8  # likewise, where most of them are of another script
_LIST = Path(__file__).parent / "function_words.txt"
# How many small words of another language, of how many kinds, and how many times those of English: fewer where the
# author says that he writes it.
_UNDECLARED, _UNDECLARED_TIMES = (5, 4), 2.0
_DECLARED, _DECLARED_TIMES = (4, 3), 1.5


def language_at_end(text: str, declared: Collection[str] = ()) -> str:
    """The ISO 639-1 code of what is written at the end of `text`; "" while that is not clear.

    The last paragraph counts, or what stands before it too while it is short. Lines quoted from others do not count.
    `declared` are the languages that the author says he writes: they need less to be told.
    """
    read = _without_quotes(text[-_REACH:])
    paragraph = read[read.rfind("\n\n") + 1 :]
    scripts, latin = _letters(paragraph)
    foreign = sum(scripts.values())
    if foreign + latin < (_SCRIPT_LETTERS if foreign > latin else _LETTERS):
        paragraph = read
        scripts, latin = _letters(read)
        foreign = sum(scripts.values())
    if foreign > latin:
        return _by_script(scripts, declared) if foreign >= _SCRIPT_LETTERS else ""
    return _by_words(paragraph, declared) if latin >= _LETTERS else ""


def _without_quotes(text: str) -> str:
    if ">" not in text:
        return text
    *lines, last = text.split("\n")
    return "\n".join([*(line for line in lines if not line.startswith(">")), last])


def _letters(text: str) -> tuple[Counter[str], int]:
    """Letters by script in Latin letters' worth, and the Latin ones."""
    latin = len(_LATIN.findall(text))
    scripts: Counter[str] = Counter()
    if not text.isascii():
        scripts.update({name: len(letters.findall(text)) * worth for name, (letters, worth) in _SCRIPTS.items()})
    return scripts, latin


def _by_script(scripts: Counter[str], declared: Collection[str]) -> str:
    han_and_kana = scripts["zh"] + scripts["ja"]
    if scripts["ja"] > _KANA_SHARE * han_and_kana:
        scripts["ja"] = han_and_kana
    name = scripts.most_common(1)[0][0]
    return next((one for one in _SAME_LETTERS.get(name, ()) if one in declared), name)


def _by_words(text: str, declared: Collection[str]) -> str:
    counts: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {}
    for word in _WORD.findall(text.casefold()):
        for language in _languages_of_words().get(word, ()):
            counts[language] += 1
            kinds.setdefault(language, set()).add(word)
    english = counts.pop("en", 0)
    if not counts:
        return "en" if english else ""
    name, words = counts.most_common(1)[0]
    known = any(one in declared for one in _SAME_LETTERS.get(name, (name,)))
    least, times = (_DECLARED, _DECLARED_TIMES) if known else (_UNDECLARED, _UNDECLARED_TIMES)
    if words >= least[0] and len(kinds[name]) >= least[1] and words > times * english:
        return name
    return "en" if english > words else ""


@cache
def _languages_of_words() -> dict[str, tuple[str, ...]]:
    """What each small word speaks for: English, or others; one that English shares with another speaks for none."""
    parts = re.split(r"^# ([a-z]{2})(?:, [a-z]{2})*$", _LIST.read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, list[str]] = {}
    for language, words in list(pairwise(parts))[1::2]:
        for word in words.split():
            found.setdefault(word, []).append(language)
    return {word: tuple(told) for word, told in found.items() if "en" not in told or len(told) == 1}
