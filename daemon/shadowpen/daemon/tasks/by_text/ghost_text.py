"""Ghost text by a text engine: as much of its answer as there is at the deadline.

The engine goes on behind the answer, and what it makes serves the keys that follow it. Where it tells no probabilities,
each word counts as about as sure as a small model's words are. A failure is silence, with its reason in `shadowpen
status`; whoever asks by a key is told.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.text_engine import Await, TextRequest
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.silence.presets import preset
from shadowpen.daemon.tasks.base import Clock
from shadowpen.daemon.tasks.by_text.base import TextContext
from shadowpen.daemon.tasks.by_text.drafts import BEGUN, TextDraft
from shadowpen.daemon.tasks.completion.extents import MOST_WORDS, beyond, end_of, whole_words, word_count
from shadowpen.daemon.tasks.completion.stopping import best_ending
from shadowpen.daemon.wire.protocol import Complete, Completion, Extent, Partial, Reply, Suggestion, Timings

_MAX_TOKENS = 16
_TELLING_LETTERS = 4
_LEAST_PROBABILITY = 0.12  # as for the model that is built in
_BEHIND_S = 10.0  # a server that has just started reads its model first
_ASKED_S = 4.0  # whoever asks by a key waits so long
_TOKENS_PER_WORD = 3


class CompleteByText:
    """The task that completes, by a text engine."""

    request_type = Complete

    def steps(self, request: Complete, context: TextContext, deadline_s: float) -> Iterator[Reply | Await | None]:
        clock = Clock(deadline_s)
        reason = context.judge.why_silent(request, context.settings)
        if not reason and not request.explicit and context.health.is_resting:
            reason = "server_failed"
        if reason:
            yield _silent(request, context, clock, reason)
        elif request.explicit:
            yield from _asked(request, context, clock)
        else:
            yield from _unasked(request, context, clock)


def _unasked(request: Complete, context: TextContext, clock: Clock) -> Iterator[Reply | Await | None]:
    """The answer at the deadline, from the last draft if that goes on here, else from a new one."""
    key = context.key(request.document)
    last, before = context.drafts.of(key), _before_word(request.prefix)
    if last is not None:
        answer = _judged(request, context, clock, last)
        if answer.suggestions or (last.ended and last.before == before):
            yield answer
            return
    draft = context.drafts.begin(key, before)
    if not draft.before.strip():
        yield _silent(request, context, clock, "no_text")
        return
    probable = context.health.probabilities
    wanted = TextRequest(context.window(draft.before), _MAX_TOKENS, _BEHIND_S, stop=("\n",), probabilities=probable)
    answered = False
    try:
        with context.writing(wanted) as stream:
            for piece in context.pieces(stream):
                if not answered and clock.left_s <= 0:
                    answered = True
                    context.health.timed(late=not draft.written)
                    yield _judged(request, context, clock, draft)
                if isinstance(piece, Await):
                    yield Await(piece.subscribe, math.inf if answered else clock.deadline_s)
                else:
                    draft.written.append(piece)
        draft.ended = len(draft.written) < _MAX_TOKENS
    except ServerFailed:
        if not answered:
            yield _silent(request, context, clock, "server_failed")
        return
    if not answered:
        context.health.timed(late=False)
        yield _judged(request, context, clock, draft)


def _before_word(prefix: str) -> str:
    """Where the prompt ends: a beginning of a word, and a blank alone, are cut into tokens that no model saw.

    A longer beginning stays, for it says more than its odd tokens spoil.
    """
    letters = len(BEGUN.findall(prefix)[0])
    return prefix if letters >= _TELLING_LETTERS else prefix[: len(prefix) - letters].rstrip(" ")


def _judged(request: Complete, context: TextContext, clock: Clock, draft: TextDraft) -> Completion:
    """The best ending of what is left of `draft`, if it is shown."""
    max_words = min(context.settings.max_words, preset(request.language).max_words)
    steps = draft.steps(request.prefix)
    ending = best_ending(steps, _LEAST_PROBABILITY, max_words) if steps else None
    if ending is None:
        return _silent(request, context, clock, "no_text")
    return _shown(request, context, clock, ending)


def _asked(request: Complete, context: TextContext, clock: Clock) -> Iterator[Reply | Await | None]:
    """As much as was asked for, as it grows; ServerFailed where there is nothing."""
    extent = beyond(request.extent, request.shown)
    by_s = time.perf_counter() + _ASKED_S if request.deadline_ms is None else clock.deadline_s
    most_words = min(context.settings.max_words_on_key, MOST_WORDS[extent])
    draft = TextDraft((request.prefix + request.shown).rstrip(" "))
    one_line = extent != "paragraph" or bool(request.suffix.split("\n", 1)[0].strip())
    wanted = TextRequest(
        context.window(draft.before),
        max_tokens=most_words * _TOKENS_PER_WORD,
        limit_s=context.limit_s,
        stop=("\n",) if one_line else ("\n\n",),
    )
    text = ""
    with context.writing(wanted) as stream:
        for piece in context.pieces(stream):
            if time.perf_counter() >= by_s:
                break
            if isinstance(piece, Await):
                yield Await(piece.subscribe, by_s)
                continue
            draft.written.append(piece)
            text = _behind(request, draft)
            if end_of(text, extent, len(request.shown)) is not None or word_count(text) > most_words:
                break
            if grown := context.judge.filtered(request, whole_words(text), context.settings):
                yield Partial(id=request.id, text=grown)
        draft.ended = stream.ended
    end = end_of(text, extent, len(request.shown))
    kept = text[:end] if end is not None else text.rstrip() if draft.ended else whole_words(text)
    if len(kept.strip()) <= len(request.shown.strip()):
        kept = request.shown
    if not kept:
        yield _silent(request, context, clock, "no_text")
    else:
        yield _shown(request, context, clock, Candidate(kept, 1.0, 1.0), extent)


def _behind(request: Complete, draft: TextDraft) -> str:
    """What is shown already and what follows it; only the first where the model goes another way."""
    blanks = (request.prefix + request.shown)[len(draft.before) :]
    return request.shown + draft.text[len(blanks) :] if draft.text.startswith(blanks) else request.shown


def _shown(
    request: Complete, context: TextContext, clock: Clock, candidate: Candidate, extent: Extent | None = None
) -> Completion:
    """`candidate`, if the judge lets it pass."""
    verdict = context.judge.weigh(request, candidate, context.settings)
    suggestions = [Suggestion(text=verdict.text, probability=candidate.probability)] if verdict.text else []
    return Completion(
        id=request.id,
        suggestions=suggestions,
        model=context.model_name,
        reason=verdict.reason,
        probability=verdict.probability,
        timings=Timings(total_ms=clock.elapsed_ms),
        extent=extent or "",
    )


def _silent(request: Complete, context: TextContext, clock: Clock, reason: str) -> Completion:
    timings = Timings(total_ms=clock.elapsed_ms)
    return Completion(id=request.id, model=context.model_name, reason=reason, timings=timings)
