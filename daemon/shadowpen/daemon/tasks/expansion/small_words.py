"""The small words that a faithful expansion may add, and where some of them cannot stand.

The list is `small_words_en.txt`; it holds nothing that says something of its own. Knows no model, and of a note only
single words.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

INDEFINITE = frozenset(("a", "an"))
ARTICLES = INDEFINITE | {"the"}
BE = frozenset(("is", "are", "was", "were", "am", "be", "been", "being"))
HELPERS = frozenset(["has", "have", "had", "having", "do", "does", "did", "will", "would", "can", "could", "should"])
CONTRACTED = frozenset(
    ["isn't", "it's", "there's", "that's", "I'm", "we're", "they're", "I've", "we've", "they've", "I'll", "we'll"]
)
PRONOUNS = frozenset(("I", "we", "it", "they", "you", "he", "she", "there"))
OBJECTS = frozenset(("it", "them", "me", "us", "him", "her", "you"))
OWNERS = frozenset(("my", "our", "your", "his", "her", "its", "their"))
POINTING = frozenset(("this", "these", "those"))
VERBS = BE | HELPERS | CONTRACTED
PREPOSITIONS = frozenset(["of", "to", "for", "in", "on", "at", "by", "with", "from", "as", "about", "into"])
_NOUNS_TOO = frozenset(("will", "can", "being"))
# Of a note: no article stands before these, and before the last group no other preposition either.
_BEHIND_NO_ARTICLE = frozenset(
    ["along", "behind", "beside", "towards", "upon", "within", "onto", "until", "till"]
    + ["any", "each", "every", "another", "both", "either", "neither", "enough", "whatever", "whose", "no", "none"]
    + [some + body for some in ("no", "any", "some", "every") for body in ("body", "one", "thing", "where")]
    + ["today", "tomorrow", "yesterday", "tonight", "never", "soon", "again", "yet", "perhaps", "maybe"]
)
_BEHIND_NO_PREPOSITION = frozenset(
    (
        *("via", "per", "versus", "despite", "except", "including", "throughout", "because", "unless", "although"),
        *("whereas", "after", "before", "since", "during", "without"),
        *("over", "under", "between", "around", "across", "through", "against"),
    )
)
_GENDERED = (frozenset(("he", "him", "his")), frozenset(("she", "her", "hers")))
_YOU = frozenset(("you", "your", "yours"))
_FIRST_PERSON = frozenset(("me", "my", "us", "our"))


def small_words(notes: str, note: str) -> list[str]:
    """The words that may be added to `note`, one of `notes`.

    "You" only where they speak to somebody. "She" only where they speak of a woman and this one says "me" or "us", but
    not "her": whoever does something in notes without being named is mostly the writer.
    """
    there, here = _words(notes), _words(note)
    barred = set() if there & _YOU else set(_YOU)
    for group in _GENDERED:
        if not there & group or here & frozenset().union(*_GENDERED) or not here & _FIRST_PERSON:
            barred |= group
    return [word for word in _all() if word.lower() not in barred]


def barred_before(word: str) -> frozenset[str]:
    """The small words that cannot stand before `word` of a note, in lower case: "from via", "a tomorrow"."""
    if word in _BEHIND_NO_PREPOSITION:
        return ARTICLES | PREPOSITIONS | {"there", "been"}
    return ARTICLES if word in _BEHIND_NO_ARTICLE or word in _behind_no_article() else frozenset()


@cache
def _behind_no_article() -> frozenset[str]:
    return frozenset(word.lower() for word in _all()) - _NOUNS_TOO


@cache
def every_small_word() -> frozenset[str]:
    return frozenset(_all())


@cache
def _all() -> tuple[str, ...]:
    lines = (Path(__file__).parent / "small_words_en.txt").read_text("utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())


def _words(text: str) -> set[str]:
    return set(text.lower().replace(".", " ").replace(",", " ").split())
