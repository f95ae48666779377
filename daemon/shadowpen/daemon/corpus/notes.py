"""Turn paragraphs into notes, as training examples of expansion.

Nobody has pairs of their own notes and paragraphs, so they are made: each clause gives a stub of its
most telling words, in order, names and numbers always among them (the idea of Panza's reverse
instructions, arXiv 2407.10994, without a second model). Deterministic for a seed. Knows no model.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from shadowpen.daemon.text.content_words import content_words

MIN_WORDS, MAX_WORDS = 40, 160
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_CLAUSE = re.compile(r"[;:—–]\s+|\s--\s|,\s+(?=(?:and|but|or|so|because|which|while|although|though|if|when|as)\b)")
_MIN_CLAUSE_WORDS = 4
_SHORT_CLAUSE_WORDS = 6
_SHARE_OF_STUBS = 0.85


@dataclass(frozen=True)
class Pair:
    """Notes, one stub each, and the paragraph they were made from."""

    notes: tuple[str, ...]
    paragraph: str


def fits(paragraph: str) -> bool:
    """Whether a paragraph is prose of a length that an expansion has."""
    letters = sum(c.isalpha() or c.isspace() for c in paragraph)
    return (
        MIN_WORDS <= len(paragraph.split()) <= MAX_WORDS
        and "\n" not in paragraph.strip()
        and letters > 0.9 * len(paragraph)
        and paragraph.rstrip()[-1] in ".!?”\"')…"
    )


def make_notes(paragraph: str, seed: int) -> tuple[str, ...]:
    """Stubs of 2 to 5 words for 3 to 6 of the paragraph's clauses, in order."""
    choice = random.Random(seed)
    clauses = [c for c in _clauses(paragraph) if len(content_words(c)) >= 2]
    wanted = choice.randint(3, 6)
    while len(clauses) > wanted:
        weakest = min(range(len(clauses)), key=lambda i: (len(content_words(clauses[i])), i))
        del clauses[weakest]
    return tuple(_stub(clause, choice) for clause in clauses)


def make_pair(paragraph: str, seed: int) -> Pair:
    return Pair(make_notes(paragraph, seed), paragraph.strip())


def lead_pair(paragraph: str) -> Pair | None:
    """The paragraph's first sentence as the only note; None where there is just one."""
    sentences = sentences_of(paragraph)
    return Pair((sentences[0],), paragraph.strip()) if len(sentences) > 1 else None


def sentences_of(paragraph: str) -> list[str]:
    """The sentences of an English paragraph, in order."""
    return _SENTENCE.split(paragraph.strip())


def _clauses(paragraph: str) -> list[str]:
    found: list[str] = []
    for sentence in sentences_of(paragraph):
        for piece in _CLAUSE.split(sentence):
            if found and len(piece.split()) < _MIN_CLAUSE_WORDS:
                found[-1] += " " + piece
            else:
                found.append(piece)
    return found


def _stub(clause: str, choice: random.Random) -> str:
    words = content_words(clause)
    keep = choice.randint(2, 5)
    sure = [i for i, w in enumerate(words) if w[0].isdigit() or (i and w[0].isupper())]
    others = sorted((i for i in range(len(words)) if i not in sure), key=lambda i: (-len(words[i]), i))
    kept = sorted((sure + others)[: max(keep, min(len(sure), 5))])
    stub = " ".join(words[i] if i in sure else words[i].lower() for i in kept)
    return stub if choice.random() < _SHARE_OF_STUBS else _in_a_hurry(clause, stub)


def _in_a_hurry(clause: str, stub: str) -> str:
    """A short clause as it stands, small words and all, as people note it down; a long one stays a stub."""
    plain = clause.split()
    return " ".join(plain).strip(",;:.!?\"'“”()") if len(plain) <= _SHORT_CLAUSE_WORDS else stub
