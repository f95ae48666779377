"""Candidate edits: words that sound, look or inflect alike, words joined, split or left out.

Everything here is cheap and proposes far too much: the model judges. Words are known by the model's own vocabulary,
which holds the frequent words of its language whole. This file knows neither the model's opinion nor markup.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.tasks.correction.confusions import CONTRACTIONS, FUNCTION_WORDS, OTHERS

Kind = Literal[
    "harper_sure",
    "harper_near",
    "harper_spelling",
    "harper_far",
    "harper",
    "unknown",
    "spelling",
    "confusion",
    "ending",
    "article",
    "doubled",
    "joint",
    "small_word",
    "filler",
    "wordy",
]
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
_NEAR = 0.76  # alike, as difflib has it: "recieved" and "received" are, a name and a word seldom
_SHORTEST = 3  # letters of a word whose spelling is doubted
_LONGEST = 24
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "r", "n")


@dataclass(frozen=True)
class CandidateEdit:
    """`replacement` in the place of the characters from `start` to `end`."""

    start: int
    end: int
    replacement: str
    kind: Kind

    def applied(self, text: str) -> str:
        return text[: self.start] + self.replacement + text[self.end :]

    def moved(self, by: int) -> CandidateEdit:
        return CandidateEdit(self.start + by, self.end + by, self.replacement, self.kind)

    def meets(self, other: CandidateEdit) -> bool:
        """Whether nothing stands between the two."""
        return self.start <= other.end and other.start <= self.end


class WordList:
    """The words of a vocabulary: tokens of letters alone that begin with a blank, which stands for a word's begin."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        found = (token[1:].decode("ascii", "ignore") for token in token_bytes if token[:1] == b" ")
        self._words = {word for word in found if word.isalpha() and word.isascii()}

    def __contains__(self, word: str) -> bool:
        return word in self._words or word.lower() in self._words or word.capitalize() in self._words

    def near(self, word: str) -> list[str]:
        """The words one letter left out, put in, changed or exchanged with its neighbour away from `word`."""
        return sorted(self._words.intersection(_one_away(word)))


def proposed(text: str, words: WordList) -> Iterator[CandidateEdit]:
    """Edits of a piece of prose, perhaps the same one under two kinds."""
    found = list(WORD.finditer(text))
    for place, match in enumerate(found):
        word = match[0]
        yield from _other_words(match.start(), word, words)
        if place + 1 < len(found) and text[match.end() : found[place + 1].start()] == " ":
            yield from _of_pair(match, found[place + 1], words)
        yield from _small_words(text, match)


def spelling_kind(word: str, other: str, *, is_first: bool) -> Kind:
    """How surely Harper's `other` is meant for a word that it does not know; `is_first` of its suggestions.

    One letter away it nearly always is. A name that Harper does not know has no near word.
    """
    if not (word.isalpha() and word.islower()):
        return "harper_far"
    if is_first and other.replace("'", "").replace("’", "") == word:
        return "harper_sure"
    if is_first and other in _one_away(word):
        return "harper_near"
    alike = difflib.SequenceMatcher(None, word, other.lower(), autojunk=False).ratio()
    return "harper_spelling" if alike >= _NEAR else "harper_far"


def grammar_kind(word: str, other: str) -> Kind:
    """How surely Harper's `other` is meant for a known word: its rule about "a" and "an" is hardly ever wrong."""
    return "harper_sure" if {word.lower(), other.lower()} == {"a", "an"} else "harper"


def _other_words(start: int, word: str, words: WordList) -> Iterator[CandidateEdit]:
    end, plain = start + len(word), word.lower().replace("’", "'")
    if plain in CONTRACTIONS and word != "I":
        yield CandidateEdit(start, end, _cased(CONTRACTIONS[plain], word), "confusion")
    for other in OTHERS.get(plain, ()):
        yield CandidateEdit(start, end, _cased(other, word), "confusion")
    if word in ("a", "an", "A", "An"):
        yield CandidateEdit(start, end, _cased("an" if plain == "a" else "a", word), "article")
    if not word.isalpha() or word[1:] != word[1:].lower() or len(word) > _LONGEST:
        return
    for bent in _bent(plain):
        if bent in words:
            yield CandidateEdit(start, end, _cased(bent, word), "ending")
    if len(word) >= _SHORTEST and word[0].islower():
        kind: Kind = "spelling" if word in words else "unknown"
        for near in words.near(word):
            yield CandidateEdit(start, end, near, kind)
        for cut in range(1, len(word)):
            if kind == "unknown" and word[:cut] in words and word[cut:] in words and min(cut, len(word) - cut) > 1:
                yield CandidateEdit(start, end, f"{word[:cut]} {word[cut:]}", "joint")


def _of_pair(left: re.Match[str], right: re.Match[str], words: WordList) -> Iterator[CandidateEdit]:
    start, end, joined = left.start(), right.end(), left[0] + right[0].lower()
    if left[0].lower() == right[0].lower():
        yield CandidateEdit(start, end, left[0], "doubled")
    for other in OTHERS.get(f"{left[0]} {right[0]}".lower(), ()):
        yield CandidateEdit(start, end, _cased(other, left[0]), "joint")
    if joined.isalpha() and joined in words and right[0].islower():
        yield CandidateEdit(start, end, joined, "joint")


def _small_words(text: str, match: re.Match[str]) -> Iterator[CandidateEdit]:
    """Function words put in before a word, and taken out."""
    start, end = match.span()
    if start == 0 or text[start - 1] != " ":
        return
    for small in FUNCTION_WORDS:
        yield CandidateEdit(start, start, f"{small} ", "small_word")
    if match[0] in FUNCTION_WORDS and text[end : end + 1] == " ":
        yield CandidateEdit(start, end + 1, "", "small_word")


def _bent(word: str) -> Iterator[str]:
    """`word` with another ending: goes, go; tried, try; makes, making."""
    stems = {word} | {word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending)}
    stems |= {word[:-3] + "y" for ending in ("ies", "ied") if word.endswith(ending)}
    stems |= {stem + "e" for stem in list(stems) if stem != word}
    stems |= {stem[:-1] for stem in list(stems) if stem.endswith("e")}
    made = stems | {stem + ending for stem in stems for ending in _ENDINGS}
    made |= {stem[:-1] + ending for stem in stems if stem.endswith("y") for ending in ("ies", "ied")}
    return (each for each in sorted(made) if each != word and len(each) > 1)


def _cased(other: str, word: str) -> str:
    """`other` with a capital where `word` has one."""
    return other[:1].upper() + other[1:] if word[:1].isupper() and word != "I" else other


def _one_away(word: str) -> set[str]:
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(left + right[1:] for left, right in cuts if right and left),
        *(left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1),
        *(left + letter + right[1:] for left, right in cuts if right for letter in letters),
        *(left + letter + right for left, right in cuts for letter in letters),
    } - {word}
