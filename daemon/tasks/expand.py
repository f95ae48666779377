"""Notes into a paragraph: candidates sampled side by side in one batch, the best of them first.

Sampling leans towards content words of the notes that are still missing (a logit bonus on how they
begin, after "bag of words" control, Pascual et al. 2021, K2T), does not end before they are told, and
does not invent numbers. Runs below ghost text, one token of all candidates a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.sampling import Sampler
from shadowpen.daemon.errors import RequestInvalid
from shadowpen.daemon.protocol import Expand, Expansion, Partial, Reply, Timings
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.continuation import finish
from shadowpen.daemon.tasks.prompts import expansion_prompt, split_notes
from shadowpen.daemon.tasks.ranking import rank
from shadowpen.daemon.text.content_words import content_words, missing
from shadowpen.daemon.text.tokenizer import complete_text

_MAX_NOTES_WORDS = 400
_MOST_CANDIDATES = 8
_MIN_WORDS = 40
_TOKENS_PER_WORD = 2
_BONUS = 3.0
_LOOK_AHEAD_WORDS = 3
_RECENT_TOKENS = 96


class ExpandTask:
    """See `Task`; RequestInvalid for notes that are empty or longer than an expansion can hold."""

    request_type = Expand

    def steps(self, request: Expand, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        notes = split_notes(request.notes)
        _check(notes)
        session = KvSession(context.sessions.engine)
        prompt = context.language.tokenizer.encode(expansion_prompt(notes))
        for _ in session.reach(prompt):
            yield None
        rows = _start(request, notes, context)
        shown = ""
        for _ in _write(rows, session, prompt, request, context):
            text = complete_text(rows[0].data).rpartition(" ")[0]
            if text != shown:
                shown = text
                yield Partial(id=request.id, text=text)
            else:
                yield None
        texts = rank([finish(complete_text(row.data), request.max_words) for row in rows], " ".join(notes))
        yield Expansion(
            id=request.id,
            candidates=texts,
            missing=[missing(content_words(" ".join(notes)), text) for text in texts],
            model=context.model_name,
            timings=Timings(total_ms=clock.elapsed_ms, computed_tokens=sum(len(row.ids) for row in rows)),
        )


@dataclass
class _Row:
    """One candidate under way."""

    sampler: Sampler
    wanted: list[str]
    ids: list[int] = field(default_factory=list)
    data: bytes = b""
    ended: bool = False

    @property
    def words(self) -> int:
        return len(self.data.split())


def _check(notes: list[str]) -> None:
    words = sum(len(note.split()) for note in notes)
    if not words:
        raise RequestInvalid("There are no notes to expand.", "Select some words first.")
    if words > _MAX_NOTES_WORDS:
        raise RequestInvalid(
            f"{words} words are more than one paragraph can hold.", f"Select at most {_MAX_NOTES_WORDS} words."
        )


def _start(request: Expand, notes: list[str], context: Context) -> list[_Row]:
    rows = max(1, min(_MOST_CANDIDATES, request.candidates))
    wanted = content_words(" ".join(notes))
    return [_Row(Sampler(0.7, 0.9, 1.1, seed=request.seed * _MOST_CANDIDATES + row), wanted) for row in range(rows)]


def _write(
    rows: list[_Row], session: KvSession, prompt: list[int], request: Expand, context: Context
) -> Iterator[None]:
    """Sample all rows to their ends; yields after each step of the model."""
    engine: Any = context.sessions.engine
    logits = np.repeat(session.after(prompt)[None], len(rows), axis=0)  # type: ignore[index]
    cache = session.fork(prompt, len(rows))
    digits = _foreign_digits(request.notes, context)
    for _ in range(request.max_words * _TOKENS_PER_WORD):
        for row, scores in zip(rows, logits, strict=True):
            if not row.ended:
                _extend(row, scores, digits, request, context)
        if all(row.ended for row in rows):
            return
        logits = engine.run_rows(cache, [row.ids[-1] for row in rows])
        yield


def _extend(row: _Row, logits: np.ndarray, digits: np.ndarray, request: Expand, context: Context) -> None:
    tokenizer, vocabulary = context.language.tokenizer, context.language.vocabulary
    text = complete_text(row.data)
    left = missing(row.wanted, text)
    scores = logits.copy()
    scores[_beginnings(left[:_LOOK_AHEAD_WORDS], context)] += _BONUS
    may_end = row.words >= _MIN_WORDS and len(left) <= 0.1 * len(row.wanted)
    forbidden = digits if may_end else np.concatenate([digits, vocabulary.special, vocabulary.with_newline])
    token = row.sampler.pick(scores, row.ids[-_RECENT_TOKENS:], forbidden)
    row.ids.append(token)
    piece = tokenizer.token_bytes[token]
    row.ended = not piece or b"\n" in piece or row.words >= request.max_words
    row.data += piece if b"\n" not in piece else b"\n"


def _beginnings(words: list[str], context: Context) -> list[int]:
    """First tokens of the words as they stand inside a sentence."""
    return [context.language.tokenizer.encode(" " + word)[0] for word in words]


def _foreign_digits(notes: str, context: Context) -> np.ndarray:
    """Tokens with digits that the notes do not have: numbers are told, not made up."""
    with_digit = context.language.vocabulary.with_digit
    return np.concatenate([ids for digit, ids in with_digit.items() if digit not in notes] or [np.zeros(0, np.int64)])
