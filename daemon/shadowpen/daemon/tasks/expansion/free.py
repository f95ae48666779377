"""Expand notes freely: candidates sampled in one batch, which may add content.

Sampling leans towards content words of the notes that are still missing (a logit bonus on how they
begin, after "bag of words" control, Pascual et al. 2021, K2T), does not end before they are told, and
does not invent numbers. One token of all candidates a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.engine.sampling import Sampler
from shadowpen.daemon.tasks.decoding import Language
from shadowpen.daemon.text.content_words import content_words, missing
from shadowpen.daemon.text.tokenizer import complete_text

TOKENS_PER_WORD = 2
_MIN_WORDS = 40
_BONUS = 3.0
_LOOK_AHEAD_WORDS = 3
_RECENT_TOKENS = 96


@dataclass
class SampledText:
    """One candidate under way."""

    sampler: Sampler
    wanted: list[str]
    ids: list[int] = field(default_factory=list)
    data: bytes = b""
    ended: bool = False

    @property
    def words(self) -> int:
        return len(self.data.split())


def sample(
    notes: str,
    prompt: list[int],
    session: KvSession,
    language: Language,
    *,
    samplers: Sequence[Sampler],
    max_words: int,
    max_tokens: int,
) -> Iterator[Sequence[SampledText]]:
    """Drafts of a paragraph that tells `notes`, one of each of `samplers`; yields them after each step of the model."""
    for _ in session.reach(prompt):
        yield []
    rows = [SampledText(sampler, content_words(notes)) for sampler in samplers]
    engine: Any = session.engine
    logits = np.repeat(session.after(prompt)[None], len(rows), axis=0)  # type: ignore[index]
    cache = session.fork(prompt, len(rows))
    digits = _foreign_digits(notes, language)
    for _ in range(max_tokens):
        for row, scores in zip(rows, logits, strict=True):
            if not row.ended:
                _extend(row, scores, digits, max_words, language)
        yield rows
        if all(row.ended for row in rows):
            return
        logits = engine.run_rows(cache, [row.ids[-1] for row in rows])


def _extend(row: SampledText, logits: np.ndarray, digits: np.ndarray, max_words: int, language: Language) -> None:
    tokenizer, vocabulary = language.tokenizer, language.vocabulary
    text = complete_text(row.data)
    left = missing(row.wanted, text)
    scores = logits.copy()
    scores[_next_tokens(left[:_LOOK_AHEAD_WORDS], text, language)] += _BONUS
    may_end = row.words >= _MIN_WORDS and len(left) <= 0.1 * len(row.wanted)
    forbidden = digits if may_end else np.concatenate([digits, vocabulary.special, vocabulary.with_newline])
    token = row.sampler.pick(scores, row.ids[-_RECENT_TOKENS:], forbidden)
    row.ids.append(token)
    piece = tokenizer.token_bytes[token]
    row.ended = not piece or b"\n" in piece or row.words >= max_words
    row.data += piece if b"\n" not in piece else b"\n"


def _next_tokens(words: list[str], text: str, language: Language) -> list[int]:
    """The tokens that lead to the words from the end of `text`: how they begin or, after a space or a figure, go on.

    Many tokenizers write a number as a space and single figures: a bonus on the space alone would only add spaces.
    """
    begun = text[text.rfind(" ") :] if " " in text else ""
    found = []
    for word in words:
        goes_on = (" " + word).startswith(begun) and (begun == " " or word[0].isdigit())
        ids = language.tokenizer.encode((" " + word)[len(begun) if goes_on else 0 :])
        found += ids[:1]
    return found


def _foreign_digits(notes: str, language: Language) -> np.ndarray:
    """Tokens with digits that the notes do not have: numbers are told, not made up."""
    with_digit = language.vocabulary.with_digit
    return np.concatenate([ids for digit, ids in with_digit.items() if digit not in notes] or [np.zeros(0, np.int64)])
