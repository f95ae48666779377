"""Turn prose into notes as people write them ("telegrams"), for training and measuring expansions.

People in a hurry write whole thoughts and leave out the small words: articles, copulas, auxiliaries, pronouns, then
connectives and adverbs. They shorten what is common ("w/", "mtg", "Jan") and put one thought on a line. The notes keep
every name, number and content word in order, so that the prose is all that can be learned from a pair (after the
sentence compression of Filippova and Altun 2013, but by rule). Deterministic for a seed. Knows no model.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from shadowpen.daemon.corpus.notes import sentences_of
from shadowpen.daemon.text.shortenings import short_forms

STRENGTHS = (1, 2, 3, 4)
_ARTICLES = frozenset(("a", "an", "the"))
_COPULAS = frozenset(("is", "are", "was", "were", "am", "be", "been", "being", "it's", "that's", "there's"))
_AUXILIARIES = frozenset(
    ("has", "have", "had", "will", "would", "do", "does", "did", "i've", "we've", "they've", "i'll", "we'll", "i'd")
)
_SUBJECTS = frozenset(("i", "we", "it", "they", "he", "she", "you", "i'm", "we're", "they're", "you're"))
_OWNERS = frozenset(("my", "our", "their", "his", "her", "its", "your", "this", "these", "those"))
_RELATIVES = frozenset(("that", "which", "who", "whom", "there"))
_CONNECTIVES = frozenset(
    ("and", "so", "but", "because", "since", "then", "also", "as", "though", "although", "while", "therefore")
)
_ADVERBS = frozenset(
    ("very", "really", "quite", "just", "even", "still", "actually", "rather", "perhaps", "almost", "already", "too")
) | frozenset(("somewhat", "simply", "indeed", "certainly", "basically", "probably"))
_PREPOSITIONS = frozenset(("of", "to", "for", "in", "on", "at", "by", "from", "into"))
_NO_ADVERBS = frozenset(
    ("only", "family", "early", "daily", "weekly", "monthly", "yearly", "supply", "apply", "reply", "italy", "july")
)


@dataclass(frozen=True)
class _Strength:
    """The chance of each kind of word to be left out, 0 to 1."""

    articles: float
    copulas: float
    first_subject: float
    auxiliaries: float = 0.0
    pronouns: float = 0.0
    connectives: float = 0.0
    adverbs: float = 0.0
    prepositions: float = 0.0
    shortened: float = 0.1
    lower_case: float = 0.6


_CHANCES = {
    1: _Strength(articles=0.9, copulas=0.5, first_subject=0.8),
    2: _Strength(0.95, 0.8, 0.9, auxiliaries=0.6, pronouns=0.4, connectives=0.4, shortened=0.2),
    3: _Strength(
        0.98,
        0.95,
        0.95,
        auxiliaries=0.85,
        pronouns=0.75,
        connectives=0.7,
        adverbs=0.6,
        prepositions=0.15,
        shortened=0.3,
    ),
    4: _Strength(
        1.0, 1.0, 1.0, auxiliaries=0.95, pronouns=0.9, connectives=0.9, adverbs=0.9, prepositions=0.5, shortened=0.4
    ),
}
_TOKEN = re.compile(r"[^\W_](?:[\w'’/&.-]*[\w%])?|\S")
_CLAUSE = re.compile(r"\s*(?:;|:\s|—|–|\s-\s)\s*|,\s+(?=(?:and|but|so|because|which|while|although|though|or)\b)")
_LED_BY_SPEAKER = re.compile(
    r"^([A-Z][\w.]+) (?:says|said|thinks|thought|told \w+|explained|noted|asked) (?:that )?(?=\w)"
)
_LED_BY_TIME = re.compile(r"^(?:In|On|By|At) ((?:[A-Z]?\w+ )?\d[\w:]*|[A-Z]\w+day),? ")
_LONG_SENTENCE_WORDS = 16
_CLAUSE_WORDS = 4
_DASH_CHANCE = 0.2
_TOGETHER_CHANCE = 0.15


def make_telegram(paragraph: str, seed: int, strength: int) -> tuple[str, ...]:
    """Notes that say what `paragraph` says, a thought each, in its order; `strength` is one of STRENGTHS."""
    choice = random.Random(seed)
    chances = _CHANCES[strength]
    notes: list[str] = []
    for sentence in sentences_of(paragraph):
        for number, thought in enumerate(_thoughts(sentence, choice)):
            note = _told(_led(thought) if strength > 1 else thought, chances, choice, begins=number == 0)
            if not note:
                continue
            if notes and len(notes[-1].split()) < _CLAUSE_WORDS and choice.random() < _TOGETHER_CHANCE:
                notes[-1] += ", " + note
            else:
                notes.append(note)
    return tuple(notes)


def _thoughts(sentence: str, choice: random.Random) -> list[str]:
    """The sentence, or its clauses when it is long."""
    if len(sentence.split()) <= _LONG_SENTENCE_WORDS or choice.random() < 0.4:
        return [sentence]
    found: list[str] = []
    for clause in _CLAUSE.split(sentence):
        if found and len(clause.split()) < _CLAUSE_WORDS:
            found[-1] += ", " + clause
        elif clause.strip():
            found.append(clause)
    return found


def _led(thought: str) -> str:
    """The thought with who said it, or when, set before a colon, where it begins with that."""
    return _LED_BY_TIME.sub(r"\1: ", _LED_BY_SPEAKER.sub(r"\1: ", thought, count=1), count=1)


def _told(thought: str, chances: _Strength, choice: random.Random, *, begins: bool) -> str:
    words = _TOKEN.findall(thought)
    kept: list[str] = []
    for place, word in enumerate(words):
        if not _left_out(word, place, chances, choice):
            short = short_forms(word)
            kept.append(choice.choice(short) if short and choice.random() < chances.shortened else word)
    text = _joined(kept, choice)
    if begins and text[:1].isupper() and _is_common(words[0], text) and choice.random() < chances.lower_case:
        text = text[0].lower() + text[1:]
    return text


def _left_out(word: str, place: int, chances: _Strength, choice: random.Random) -> bool:
    plain = word.lower().replace("’", "'")
    kinds = (
        (_ARTICLES, chances.articles),
        (_COPULAS, chances.copulas),
        (_SUBJECTS, chances.first_subject if place == 0 else chances.pronouns),
        (_AUXILIARIES, chances.auxiliaries),
        (_OWNERS, chances.pronouns),
        (_RELATIVES, chances.connectives),
        (_CONNECTIVES, chances.connectives),
        (_PREPOSITIONS, chances.prepositions),
    )
    chance = next((chance for words, chance in kinds if plain in words), None)
    if chance is None:
        chance = chances.adverbs if _is_adverb(plain) else 0.0
    return chance > 0 and choice.random() < chance


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or (word.endswith("ly") and len(word) > 5 and word not in _NO_ADVERBS)


def _is_common(first: str, text: str) -> bool:
    """Whether a note's first word is capital only because a sentence began there."""
    return len(first) > 1 and (not text.startswith(first) or not any(c.isupper() for c in first[1:]))


def _joined(words: list[str], choice: random.Random) -> str:
    text = " ".join(words)
    text = re.sub(r"\s+([,.;:!?)\]%”])", r"\1", text)
    text = re.sub(r"([(\[“$£€])\s+", r"\1", text)
    text = re.sub(r"^[\s,;:.]+|[\s,;:.]+$", "", text)
    text = re.sub(r"(?:,\s*){2,}", ", ", text)
    if choice.random() < _DASH_CHANCE:
        text = text.replace(", ", " - ", 1)
    return text.strip()
