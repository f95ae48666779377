"""Findings in a piece of text, and the choice of those that are shown.

Harper's advice on style and typography is not: people who write differ there on purpose. Nor is what it finds in
places that are no prose: links, tags, formulas, names of files and variables. This file knows no documents.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import msgspec

MOST_SUGGESTIONS = 5
# The kinds that are not shown, as Harper names them.
STYLE = frozenset({"Style", "Readability", "Enhancement", "Formatting", "Regionalism"})
# Rules of other kinds that are taste too, or flag more right than wrong in technical prose.
NOT_SHOWN = frozenset(
    {
        "AvoidAndAlso",
        "AvoidCurses",
        "CondenseAllThe",
        "DiscourseMarkers",
        "DisjointPrefixes",
        "ExpandMemoryShorthands",
        "OrthographicConsistency",
        "OxfordComma",
        "PluralDecades",
        "UseTitleCase",
    }
)
UNKNOWN_WORD = "SpellCheck"
_SPELLING_RULES = frozenset({UNKNOWN_WORD, "SplitWords", "The"})
_MISTAKES = frozenset({"Agreement", "BoundaryError", "Grammar", "Repetition", "Spelling", "Typo"})
NO_PROSE = re.compile(
    r"\[\[[^\]\n]*\]\]|\[@[^\]\n]*\]|\[\^[^\]\n]*\]|!\[[^\]\n]*\]|\]\([^()\n]*\)|^[ \t]*\[[^\]\n]+\]:.*"
    r"|\{[^{}\n]*\}+|<[^<>\n]+>|`[^`]*`|\$(?=\S)[^$\n]+(?<=\S)\$(?!\d)|\\\(.+?\\\)|\\\[.+?\\\]|\w+://\S+",
    re.MULTILINE,
)
# Names of files, variables, people at addresses: a word in there need not be in a dictionary.
NAME = re.compile(
    r"(?<![^\s\[\]()])[^\s\[\]()]*(?:[@#/\\=\d]|\w_\w|\w\.\w|[a-z][A-Z])[^\s\[\]()]*",
)


class GrammarFinding(msgspec.Struct, frozen=True, array_like=True):
    """One mistake: `start` and `end` count characters from the beginning of the text it was found in.

    Each of the `suggestions` stands for what is between them; "" takes it out.
    """

    start: int
    end: int
    rule: str
    kind: str
    message: str
    suggestions: list[str]

    @property
    def is_mistake(self) -> bool:
        """Whether it is one by any book; else it is a matter of words and marks that may be meant."""
        return self.kind in _MISTAKES

    @property
    def is_spelling(self) -> bool:
        """Whether the word is not known, so that it is right once it is the author's own."""
        return self.rule in _SPELLING_RULES


def worth_showing(findings: Iterable[GrammarFinding], text: str) -> list[GrammarFinding]:
    """Those that are no matter of taste and stand in prose, in the order of the text; where some overlap, one."""
    chosen = [finding for finding in findings if finding.kind not in STYLE and finding.rule not in NOT_SHOWN]
    if not chosen:
        return []
    no_prose, names = _Spans(NO_PROSE, text), _Spans(NAME, text)
    return _one_of_each(
        finding
        for finding in chosen
        if not no_prose.touch(finding) and not (finding.rule in _SPELLING_RULES and names.touch(finding))
    )


class _Spans:
    """Where a pattern is found in a text."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._spans = [found.span() for found in pattern.finditer(text)]

    def touch(self, finding: GrammarFinding) -> bool:
        before = bisect_right(self._spans, max(finding.start, finding.end - 1), key=lambda span: span[0]) - 1
        return before >= 0 and self._spans[before][1] > finding.start


def _one_of_each(findings: Iterable[GrammarFinding]) -> list[GrammarFinding]:
    """Who knows more than that a word is unknown goes first, then what begins earlier, then what is longer."""
    kept: list[GrammarFinding] = []
    for finding in sorted(findings, key=lambda each: (each.rule == UNKNOWN_WORD, each.start, -each.end)):
        at = bisect_left(kept, finding.start, key=lambda each: each.start)
        free_before = at == 0 or kept[at - 1].end <= finding.start
        if free_before and (at == len(kept) or finding.end <= kept[at].start):
            kept.insert(at, finding)
    return kept
