"""Log-odds of an edit: how much likelier the text is to the model with it than without.

The piece is read once. An edit costs one more call, over itself and the words behind it: edits are judged from the end
to the beginning, so that what stands before each is still in the cache. Most edits never come that far: what the model
saw up to their place makes them too unlikely. This file knows neither where edits come from nor which are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.engine.pace import PREFILL_CHUNK_TOKENS
from shadowpen.daemon.tasks.correction.candidates import CandidateEdit
from shadowpen.daemon.text.tokenizer import Tokenizer

_BEHIND_CHARACTERS = 50  # of the text behind an edit that are read with it
_FEWEST_JUDGED = 6
_JUDGED_A_WORD = 0.6  # of our own edits, at most
# Log-odds up to its first token below which an edit is not judged; those that others found always are.
_HOPELESS = {"small_word": 0.5, "confusion": -1.5, "ending": -1.5, "spelling": -1.0}
_HOPELESS_ELSE = -6.0


@dataclass(frozen=True)
class JudgedEdit:
    """A candidate, and the log-odds of its piece with it over without it."""

    candidate: CandidateEdit
    log_odds: float


class EditJudge:
    """Reads pieces of one text. `begin` are the ids that a text begins with."""

    def __init__(self, engine: Engine, tokenizer: Tokenizer, begin: Sequence[int]) -> None:
        self._engine, self._tokenizer = engine, tokenizer
        self._begin = list(begin) or tokenizer.encode("\n")
        self._cache = engine.new_cache()
        self._ids: list[int] = []
        self._rows = np.zeros((0, 0), np.float32)

    def judged(self, before: str, piece: str, candidates: Sequence[CandidateEdit]) -> Iterator[JudgedEdit | None]:
        """Each edit of `piece`, which stands behind `before`, that is worth it; None after each step in between."""
        self._ids = self._encoded(before + piece)
        if len(self._ids) >= self._engine.context_length or not candidates:
            return
        first = len(self._encoded(before)) if before else len(self._begin)
        yield from self._read(max(1, first - 2))
        shift = len(before)
        likely = [edit for edit in (self._looked_at(before + piece, edit, shift) for edit in candidates) if edit]
        for edit in sorted(self._worth(likely, len(piece.split())), key=lambda each: -each.differs):
            yield JudgedEdit(edit.candidate, self._log_odds(edit, before + piece, shift))

    def _encoded(self, text: str) -> list[int]:
        return self._begin + self._tokenizer.encode(text)

    def _read(self, first: int) -> Iterator[None]:
        """Run the whole piece; keeps the log-probabilities after each token from `first` - 1 on."""
        self._cache.rewind(0)
        self._first, rows = first, []
        for at in range(0, len(self._ids), PREFILL_CHUNK_TOKENS):
            chunk = self._ids[at : at + PREFILL_CHUNK_TOKENS]
            wanted = min(len(chunk), at + len(chunk) - (first - 1))
            made = self._engine.run(self._cache, chunk, max(1, wanted))
            if wanted > 0:
                rows.append(_log_softmax(made))
            yield None
        self._rows = np.concatenate(rows)

    def _row(self, known: int) -> np.ndarray:
        """The log-probabilities of what comes after `known` ids."""
        row: np.ndarray = self._rows[known - self._first]
        return row

    def _looked_at(self, text: str, candidate: CandidateEdit, shift: int) -> _Looked | None:
        start, end = candidate.start + shift, candidate.end + shift
        near = text[end : end + _BEHIND_CHARACTERS].rpartition(" ")[0] if len(text) > end + _BEHIND_CHARACTERS else None
        behind = text[end:] if near is None else near
        ids = self._encoded(text[:start] + candidate.replacement + behind)
        old = self._ids if near is None else self._encoded(text[:end] + behind)
        differs = _common(ids, old)
        if differs < self._first or differs >= len(ids) or differs >= len(old) or old != self._ids[: len(old)]:
            return None
        same = _common(ids[differs:][::-1], old[differs:][::-1])
        row, told = self._row(differs), max(differs + 1, len(old) - same)
        quick = float(row[ids[differs]]) - sum(float(self._row(at)[old[at]]) for at in range(differs, told))
        return _Looked(candidate, ids, len(old), differs, quick)

    def _worth(self, likely: Sequence[_Looked], words: int) -> Sequence[_Looked]:
        """What is judged: all that others found, and the likeliest of our own."""
        found = [edit for edit in likely if edit.candidate.kind.startswith("harper")]
        own = [
            edit
            for edit in likely
            if edit not in found and edit.quick >= _HOPELESS.get(edit.candidate.kind, _HOPELESS_ELSE)
        ]
        own.sort(key=lambda edit: -edit.quick)
        return found + own[: max(_FEWEST_JUDGED, int(words * _JUDGED_A_WORD))]

    def _log_odds(self, edit: _Looked, text: str, shift: int) -> float:
        known, ids = edit.differs, edit.ids
        self._cache.rewind(known)
        total = float(self._row(known)[ids[known]])
        if len(ids) - known > 1:
            rows = self._engine.run(self._cache, ids[known:-1], len(ids) - known - 1)
            total += float(_picked(rows, ids[known + 1 :]).sum())
        return total - sum(float(self._row(at)[self._ids[at]]) for at in range(known, edit.old_length))


@dataclass(frozen=True, eq=False)
class _Looked:
    """A candidate with its text as `ids`, which part from the old ones at `differs`, and what that alone says."""

    candidate: CandidateEdit
    ids: list[int]
    old_length: int
    differs: int
    quick: float


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    n = min(len(a), len(b))
    return next((i for i in range(n) if a[i] != b[i]), n)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    top = logits.max(axis=1, keepdims=True)
    shifted: np.ndarray = logits - top
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def _picked(logits: np.ndarray, ids: Sequence[int]) -> np.ndarray:
    top = logits.max(axis=1)
    total = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    picked: np.ndarray = logits[np.arange(len(ids)), list(ids)] - total
    return picked
