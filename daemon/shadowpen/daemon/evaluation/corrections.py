"""Quality of corrections: pairs of a wrong and a right sentence, compared edit by edit.

An edit is a stretch of words and marks that `difflib` finds changed, with what takes its place; it counts as right only
if both are those of the pair. Precision counts twice as much as recall (F0.5): a correction that is wrong costs more
than a mistake that stays. Knows neither the model nor who corrects.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

FEWEST_WORDS = 4  # of a sentence; less is a fragment
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_BETA_SQUARED = 0.25

TokenEdit = tuple[int, int, tuple[str, ...]]


@dataclass(frozen=True)
class CorrectedPair:
    """A sentence, how it should be, and what was made of it."""

    source: str
    target: str
    made: str


@dataclass(frozen=True)
class CorrectionScore:
    """Of many pairs; `touched` is the share of the `clean` sentences that were changed, None where there were none."""

    pairs: int
    precision: float
    recall: float
    f05: float
    clean: int
    touched: float | None


def read_pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The pairs of JSON lines with `source` and `target`, or a clean `sentence`; ValueError for a line that is none."""
    for line in lines:
        if not line.strip():
            continue
        found = json.loads(line)
        source = found.get("source", found.get("sentence")) if isinstance(found, dict) else None
        target = found.get("target", source) if source is not None else None
        if not isinstance(source, str) or not isinstance(target, str):
            raise ValueError("a line has neither source and target nor a sentence")
        if len(source.split()) >= FEWEST_WORDS:
            yield source, target


def corrected(pairs: Iterable[tuple[str, str]], correct: Callable[[str], str]) -> Iterator[CorrectedPair]:
    """Each pair with what `correct` makes of its source."""
    for source, target in pairs:
        yield CorrectedPair(source, target, correct(source))


def edits(before: str, after: str) -> set[TokenEdit]:
    """What changed, by words and marks."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    codes = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    return {(start, end, tuple(new[first:last])) for tag, start, end, first, last in codes if tag != "equal"}


def score(made: Iterable[CorrectedPair]) -> CorrectionScore:
    """The figures of many pairs."""
    right = wanted = done = pairs = clean = touched = 0
    for pair in made:
        gold, ours = edits(pair.source, pair.target), edits(pair.source, pair.made)
        if not gold:
            clean, touched = clean + 1, touched + bool(ours)
            continue
        pairs += 1
        right, wanted, done = right + len(gold & ours), wanted + len(gold), done + len(ours)
    precision, recall = right / done if done else 0.0, right / wanted if wanted else 0.0
    weighed = _BETA_SQUARED * precision + recall
    f05 = (1 + _BETA_SQUARED) * precision * recall / weighed if weighed else 0.0
    return CorrectionScore(pairs, precision, recall, f05, clean, touched / clean if clean else None)
