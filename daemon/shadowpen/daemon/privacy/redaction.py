"""Remove secrets and personal numbers from text before it is stored or learned.

What is found becomes a typed placeholder, `⟦email⟧`, so that the sentence keeps its shape; findings carry places
and kinds, never the secret. This file knows the order of the rules, not the rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from shadowpen.daemon.privacy.rule import Rule
from shadowpen.daemon.privacy.rules import all_rules

_BEFORE = 110  # how far before a literal a match of a rule with a reach may begin
_LONGEST_PLACE = 4_000  # searched at once: meanwhile no other thread runs


@dataclass(frozen=True)
class Secret:
    """A secret at `start`..`end` (characters of the text as given)."""

    kind: str
    start: int
    end: int


def redact(text: str) -> tuple[str, tuple[Secret, ...]]:
    """`text` with every secret replaced by its placeholder, and what was found, in order."""
    findings = find(text)
    if not findings:
        return text, ()
    pieces: list[str] = []
    last = 0
    for finding in findings:
        pieces += (text[last : finding.start], f"⟦{finding.kind}⟧")
        last = finding.end
    return "".join([*pieces, text[last:]]), findings


def redact_split(before: str, text: str) -> tuple[str, str]:
    """`before` and its continuation `text`, each redacted: a key half typed and half completed is one key.

    What lies across the border is replaced on both sides.
    """
    joined, border = before + text, len(before)
    halves: tuple[list[str], list[str]] = ([], [])
    last = 0
    for start, end, kind in [*((f.start, f.end, f.kind) for f in find(joined)), (len(joined), len(joined), "")]:
        halves[0].append(joined[min(last, border) : min(start, border)])
        halves[1].append(joined[max(last, border) : max(start, border)])
        if kind and start < border:
            halves[0].append(f"⟦{kind}⟧")
        if kind and end > border:
            halves[1].append(f"⟦{kind}⟧")
        last = end
    return "".join(halves[0]), "".join(halves[1])


def find(text: str) -> tuple[Secret, ...]:
    """Every secret in `text`, in order, none overlapping; of two that overlap the earlier rule's stands."""
    lowered = text.lower()
    if len(lowered) != len(text):  # places must be the same in both
        lowered = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    found: list[Secret] = []  # in order
    for rule in all_rules():
        if rule.literals and not any(literal in lowered for literal in rule.literals):
            continue
        for finding in _matches(rule, text, lowered):
            place = bisect_right(found, finding.start, key=lambda other: other.start)
            if place and found[place - 1].end > finding.start:
                continue
            if place == len(found) or found[place].start >= finding.end:
                found.insert(place, finding)
    return tuple(found)


def _matches(rule: Rule, text: str, lowered: str) -> Iterator[Secret]:
    named = "secret" in rule.pattern.groupindex
    for first, last in _places(rule, lowered):
        for match in rule.pattern.finditer(text, first, last):
            start, end = match.span("secret") if named else match.span()
            if start < 0:
                continue
            if rule.trim is not None:
                end = start + len(rule.trim(text[start:end], text[match.start() : start]))
            if end > start:
                yield Secret(rule.kind, start, end)


def _places(rule: Rule, lowered: str) -> Iterator[tuple[int, int]]:
    """Where a match may lie: everywhere, or around the rule's literals."""
    if not rule.reach:
        yield 0, len(lowered)
        return
    first, last = 0, -1
    for place in sorted({place for literal in rule.literals for place in _occurrences(literal, lowered)}):
        if last >= 0 and (place - _BEFORE > last or last - first > _LONGEST_PLACE):
            yield first, last
            last = -1
        if last < 0:
            first = max(0, place - _BEFORE)
        last = place + rule.reach
    if last >= 0:
        yield first, min(last, len(lowered))


def _occurrences(literal: str, lowered: str) -> Iterator[int]:
    place = lowered.find(literal)
    while place >= 0:
        yield place
        place = lowered.find(literal, place + len(literal))
