"""Expand notes into a paragraph: candidates sampled in one batch, best first.

Sampling leans towards content words of the notes that are still missing (a logit bonus on how they
begin, after "bag of words" control, Pascual et al. 2021, K2T), does not end before they are told, and
does not invent numbers. Links, citations and placeholders are not for the model to write: they are taken out
before and put back after. Runs below ghost text, one token of all candidates a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec import structs

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.sampling import Sampler
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.continuation import finish
from shadowpen.daemon.tasks.expansion.pieces import Notes, plain, read_notes
from shadowpen.daemon.tasks.expansion.placing import put_back
from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt
from shadowpen.daemon.tasks.expansion.ranking import rank
from shadowpen.daemon.text.content_words import content_words, missing
from shadowpen.daemon.text.tokenizer import complete_text
from shadowpen.daemon.wire.protocol import Expand, Expansion, Partial, Reply, Timings

_MAX_NOTES_WORDS = 400
_MAX_NOTES_CHARACTERS = 20_000  # markup and all
_MAX_NOTES_TOKENS = 1600
_MAX_PIECES = 200  # of markup
_MOST_CANDIDATES = 8
MOST_WORDS = 400
_MIN_WORDS = 40
_TOKENS_PER_WORD = 2
_BONUS = 3.0
_LOOK_AHEAD_WORDS = 3
_RECENT_TOKENS = 96


class ExpandTask:
    """The task that expands notes. RequestInvalid for notes that are empty or longer than an expansion can hold."""

    request_type = Expand

    def steps(self, request: Expand, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        request = structs.replace(request, max_words=max(1, min(MOST_WORDS, request.max_words)))
        check_size(request.notes)
        notes = read_notes(request.notes)
        prompt = _prompt(notes, request, context)
        session = KvSession(context.sessions.engine)
        for _ in session.reach(prompt):
            yield None
        rows = _start(request, notes, context)
        shown = ""
        for _ in _write(rows, session, prompt, notes, request, context):
            text = complete_text(rows[0].data).rpartition(" ")[0]
            if text != shown:
                shown = text
                yield Partial(id=request.id, text=text)
            else:
                yield None
        texts = [plain(finish(complete_text(row.data), request.max_words)) for row in rows]
        texts = [put_back(text, notes.pieces) for text in rank(texts, notes.text)]
        yield Expansion(
            id=request.id,
            candidates=texts,
            missing=[missing(content_words(notes.text), plain(text)) for text in texts],
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


def check_size(text: str) -> None:
    """RequestInvalid for what nobody would call notes, before it is read."""
    words = len(text.split())
    # What is markup is known only later: this is about what nobody would call notes.
    if words > 2 * _MAX_NOTES_WORDS or len(text) > _MAX_NOTES_CHARACTERS:
        raise _too_long(words)


def _prompt(notes: Notes, request: Expand, context: Context) -> list[int]:
    """The notes as the model reads them; RequestInvalid when they are none, or leave no room for the paragraph."""
    check_notes(notes)
    tokenizer = context.language.tokenizer
    begin = [tokenizer.bos_id] if tokenizer.bos_id is not None else []
    prompt = begin + tokenizer.encode(expansion_prompt(notes.told))
    room = context.context_length - request.max_words * _TOKENS_PER_WORD
    if len(prompt) > min(room, _MAX_NOTES_TOKENS):
        raise _too_long(len(notes.text.split()))
    return prompt


def check_notes(notes: Notes) -> None:
    """RequestInvalid where there is nothing to tell, or more than one paragraph holds."""
    words = len(notes.text.split())
    if not content_words(notes.text) and notes.pieces:
        raise RequestInvalid("These notes contain only links or markup, no words to expand.", "Add some words.")
    if not notes.told:
        raise RequestInvalid("There are no notes to expand.", "Select some words first.")
    if words > _MAX_NOTES_WORDS or len(notes.pieces) > _MAX_PIECES:
        raise _too_long(words)


def _too_long(words: int) -> RequestInvalid:
    if words <= _MAX_NOTES_WORDS:  # of a language that writes without spaces, or very long ones
        return RequestInvalid("These notes are too long for one paragraph.", "Select fewer of them.")
    return RequestInvalid(
        f"{words:,} words are too many for one paragraph.", f"Select at most {_MAX_NOTES_WORDS} words."
    )


def _start(request: Expand, notes: Notes, context: Context) -> list[_Row]:
    rows = max(1, min(_MOST_CANDIDATES, request.candidates))
    wanted = content_words(notes.text)
    first = abs(request.seed) * _MOST_CANDIDATES
    return [_Row(Sampler(0.7, 0.9, 1.1, seed=first + row), wanted) for row in range(rows)]


def _write(
    rows: list[_Row], session: KvSession, prompt: list[int], notes: Notes, request: Expand, context: Context
) -> Iterator[None]:
    """Sample all rows to their ends; yields after each step of the model."""
    engine: Any = context.sessions.engine
    logits = np.repeat(session.after(prompt)[None], len(rows), axis=0)  # type: ignore[index]
    cache = session.fork(prompt, len(rows))
    digits = _foreign_digits(notes.text, context)
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
    scores[_next_tokens(left[:_LOOK_AHEAD_WORDS], text, context)] += _BONUS
    may_end = row.words >= _MIN_WORDS and len(left) <= 0.1 * len(row.wanted)
    forbidden = digits if may_end else np.concatenate([digits, vocabulary.special, vocabulary.with_newline])
    token = row.sampler.pick(scores, row.ids[-_RECENT_TOKENS:], forbidden)
    row.ids.append(token)
    piece = tokenizer.token_bytes[token]
    row.ended = not piece or b"\n" in piece or row.words >= request.max_words
    row.data += piece if b"\n" not in piece else b"\n"


def _next_tokens(words: list[str], text: str, context: Context) -> list[int]:
    """The tokens that lead to the words from the end of `text`: how they begin or, after a space or a figure, go on.

    Many tokenizers write a number as a space and single figures: a bonus on the space alone would only add spaces.
    """
    begun = text[text.rfind(" ") :] if " " in text else ""
    found = []
    for word in words:
        goes_on = (" " + word).startswith(begun) and (begun == " " or word[0].isdigit())
        ids = context.language.tokenizer.encode((" " + word)[len(begun) if goes_on else 0 :])
        found += ids[:1]
    return found


def _foreign_digits(notes: str, context: Context) -> np.ndarray:
    """Tokens with digits that the notes do not have: numbers are told, not made up."""
    with_digit = context.language.vocabulary.with_digit
    return np.concatenate([ids for digit, ids in with_digit.items() if digit not in notes] or [np.zeros(0, np.int64)])
