"""Annotations without a library: entities, parts of speech and relations, by a small set of rules.

They find what is plain and miss the rest; a spaCy pipeline does better (`corpus.annotation`). Places are in characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from shadowpen.daemon.preparation.segments import Place, sentences, words
from shadowpen.daemon.text.function_words import is_function_word

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]*[a-zà-öø-ÿ]"
_NAMES = rf"{_NAME}(?:[ \t]+(?:(?:of|the|de|van|von|da|du)[ \t]+)?{_NAME}){{0,4}}"
# The first kind that fits a place counts.
_ORGANIZATION = r"(?:Inc|Ltd|LLC|GmbH|Corp|Company|University|Institute|Committee|Council|Ministry|Party|Bank)"
_TITLE = r"(?:Mr|Mrs|Ms|Dr|Prof|Sir|Lady|Captain|Professor|Aunt|Uncle)"
_KINDS = (
    ("DATE", re.compile(
        rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?[ \t]+{_MONTH}(?:[ \t]+\d{{4}})?"
        rf"|{_MONTH}[ \t]+\d{{1,2}}(?:,?[ \t]+\d{{4}})?|{_MONTH}[ \t]+\d{{4}}|{_DAY}|(?:1[5-9]|20)\d\d)\b")),
    ("TIME", re.compile(r"\b\d{1,2}(?::\d\d)(?::\d\d)?(?:[ \t]*[ap]\.?m\b\.?)?|\b\d{1,2}[ \t]*[ap]\.?m\b\.?")),
    ("MONEY", re.compile(r"[$€£¥][ \t]?\d(?:[\d.,]*\d)?|\b\d[\d.,]*[ \t]?(?:dollars|euros?|pounds|USD|EUR|GBP)\b")),
    ("PERCENT", re.compile(r"\b\d[\d.,]*[ \t]?(?:%|percent\b|per cent\b)")),
    ("URL", re.compile(r"\bhttps?://[^\s<>\"')\]]+")),
    ("ORG", re.compile(
        rf"\b(?:{_NAMES}[ \t]+{_ORGANIZATION}"
        rf"\b\.?|(?:University|Ministry|Bank|Institute)[ \t]+of[ \t]+{_NAMES})")),
    ("PERSON", re.compile(rf"(?<![\w.]){_TITLE}\b\.?[ \t]+{_NAMES}")),
    ("PLACE", re.compile(rf"(?<=\bin )(?!{_MONTH}\b){_NAMES}|(?<=\bnear ){_NAMES}|(?<=\bfrom ){_NAMES}")),
    ("NAME", re.compile(rf"\b{_NAMES}")),
)  # fmt: skip
_CLOSED = {
    "DET": "a an the this that these those each every some any no another",
    "PRON": "i you he she it we they me him her us them mine yours hers ours theirs myself himself herself itself who "
    "whom what somebody nobody everybody something nothing everything my your his its our their one",
    "ADP": "of in on at by for from with about into over under after before between through during without within "
    "against among behind beyond near since until upon toward towards across along around",
    "CCONJ": "and or but nor yet",
    "SCONJ": "because although though while if unless whether when where as than",
    "AUX": "am is are was were be been being have has had do does did will would shall should can could may might must",
    "PART": "to not n't",
    "ADV": "very too so then there here now never always often again also just only still soon already quite",
}
_CLASSES = {word: part for part, listed in _CLOSED.items() for word in listed.split()}
_ENDINGS = (
    ("ADV", ("ly",)),
    ("NOUN", ("tion", "sion", "ment", "ness", "ity", "ship", "hood", "ism", "ist", "ance", "ence")),
    ("ADJ", ("ous", "ful", "less", "able", "ible", "ive", "ical", "ish", "ary")),
    ("VERB", ("ed", "ing", "ise", "ize", "ify")),
)
_MOST_BETWEEN = 6  # words between two entities that are related
_RELATION_KINDS = frozenset(("NAME", "PERSON", "ORG", "PLACE"))

Labelled = tuple[int, int, str]


def entities(text: str) -> list[Labelled]:
    """What is named in a text: dates, times, amounts, addresses, and names by their capitals; none overlaps another."""
    taken: list[Labelled] = []
    covered = bytearray(len(text))
    begins = {start for start, _ in sentences(text)}
    inner = {match[0] for match in _KINDS[-1][1].finditer(text) if match.start() not in begins}
    for label, pattern in _KINDS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if label == "NAME" and start in begins:
                start = _behind_first_word(text, start, end, inner)
            elif label in ("ORG", "PLACE") and is_function_word(text[start:end].partition(" ")[0]):
                start += len(text[start:end].partition(" ")[0]) + 1
            if start < end and not any(covered[start:end]):
                covered[start:end] = b"\1" * (end - start)
                taken.append((start, end, label))
    return sorted(taken)


def _behind_first_word(text: str, start: int, end: int, inner: set[str]) -> int:
    """Where a name at a sentence's beginning begins: everyone writes its first word with a capital."""
    if text[start:end] in inner:
        return start
    first, _, rest = text[start:end].partition(" ")
    if rest and is_function_word(first):
        return end - len(rest)
    return start if rest else end


def parts_of_speech(text: str) -> list[Labelled]:
    """The part of speech of each word, as Universal Dependencies name them."""
    begins = {start for start, _ in sentences(text)}
    return [(start, end, _part(text[start:end], start in begins)) for start, end in words(text)]


def _part(word: str, begins: bool) -> str:
    lowered = word.lower()
    if not word[0].isalnum():
        return "PUNCT"
    if word[0].isdigit():
        return "NUM"
    if lowered in _CLASSES:
        return _CLASSES[lowered]
    if word[0].isupper() and not begins:
        return "PROPN"
    for part, endings in _ENDINGS:
        if len(lowered) > 4 and lowered.endswith(endings):
            return part
    return "NOUN"


def relations(text: str, found: Iterable[Labelled]) -> list[tuple[Place, Place, Place]]:
    """Two names of one sentence and the words between them, if a verb stands there: who, what is said, of whom."""
    named = sorted((start, end) for start, end, label in found if label in _RELATION_KINDS)
    inside = sentences(text)
    related = []
    for (first_start, first_end), (second_start, second_end) in pairwise(named):
        between = list(words(text, first_end, second_start))
        if not 1 <= len(between) <= _MOST_BETWEEN or not _in_one(inside, first_start, second_end):
            continue
        spoken = [_part(text[start:end], False) for start, end in between]
        if "PUNCT" not in spoken and {"VERB", "AUX"} & set(spoken):
            related.append(((first_start, first_end), (between[0][0], between[-1][1]), (second_start, second_end)))
    return related


def _in_one(inside: list[Place], start: int, end: int) -> bool:
    return any(first <= start and end <= last for first, last in inside)
