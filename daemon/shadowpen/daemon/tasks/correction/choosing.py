"""Choose the edits to make: log-odds above the threshold of their kind, the surest if some overlap.

The limits were tuned on one half of public sets of mistakes and of clean sentences (docs/verbs.md): where a kind
proposes much that is as good as what stands there, its limit is high. This file knows no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shadowpen.daemon.tasks.correction.candidates import CandidateEdit, Kind
from shadowpen.daemon.tasks.correction.judging import JudgedEdit

LIMITS: dict[Kind, float] = {
    # Right wherever it was found in 845 clean sentences; needed most between other mistakes, which mislead the model.
    "harper_sure": -2.0,
    "harper_near": 1.0,
    "harper_spelling": 7.0,
    "harper_far": 18.0,
    "harper": 6.0,
    "unknown": 7.0,
    "spelling": 7.0,
    "confusion": 14.0,
    "ending": 3.5,
    "article": 7.0,
    "doubled": 7.0,
    "joint": 7.0,
    "small_word": 12.0,
}


def chosen(judged: Iterable[JudgedEdit], limits: Mapping[Kind, float] = LIMITS) -> list[JudgedEdit]:
    """The edits to make, in the order of the text; none touches another."""
    passing = [edit for edit in judged if edit.log_odds >= limits[edit.candidate.kind]]
    passing.sort(key=lambda edit: (-edit.log_odds, edit.candidate.start))
    made: list[JudgedEdit] = []
    for edit in passing:
        if not any(edit.candidate.meets(other.candidate) for other in made):
            made.append(edit)
    return sorted(made, key=lambda edit: edit.candidate.start)


def apply(text: str, edits: Sequence[CandidateEdit]) -> str:
    """`text` with `edits`, which are in its order and do not touch."""
    for edit in reversed(edits):
        text = edit.applied(text)
    return text


def moved_behind(edit: CandidateEdit, made: Sequence[CandidateEdit]) -> CandidateEdit:
    """`edit` as it stands once those of `made` are applied, none of which it meets."""
    return edit.moved(
        sum(len(other.replacement) - (other.end - other.start) for other in made if other.start < edit.start)
    )
