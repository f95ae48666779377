"""Ghost text: what the author is likely to write next, up to where it would become a guess.

Answers at the deadline with the best text that ends on a word, then goes on: what is made behind the
answer stays in the document's session and serves the next keys without a model call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shadowpen.daemon.protocol import Complete, Completion, Reply, Suggestion, Timings
from shadowpen.daemon.tasks import filters
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.tasks.stopping import best_ending, is_hopeless
from shadowpen.daemon.tasks.window import read_ahead
from shadowpen.daemon.text.healing import heal

_MAX_TOKENS = 48
_EXPLICIT_PROBABILITY = 0.01


class CompleteTask:
    """See `Task`. An empty answer names its reason: the rule that spoke against it, or "unsure"."""

    request_type = Complete

    def steps(self, request: Complete, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        place = filters.Place(request.prefix, request.suffix)
        work = _Work(request, context, place, Clock(deadline_s))
        if not request.explicit and not filters.inside_word("x", place):
            yield work.nothing("inside_word")
            return
        decoding = work.begin()
        answered = False
        for _ in _walk(decoding, context, work.min_probability):
            if answered or not work.clock.must_answer():
                yield None
            else:
                answered = True
                yield work.answer(decoding, final=False)
        if not answered:
            yield work.answer(decoding, final=True)
        yield from read_ahead(context.sessions, request.document, work.prompt, context.window_tokens, context.begin)


def _walk(decoding: Decoding, context: Context, min_probability: float) -> Iterator[None]:
    """Decode until no longer text can be likely enough; yields after each step."""
    for _ in range(_MAX_TOKENS):
        yield from decoding.advance()
        last = decoding.steps[-1]
        if is_hopeless(last, min_probability) or len(last.data.split()) > context.settings.max_words:
            return
        yield


@dataclass
class _Work:
    """One request under way, and what its replies are made of."""

    request: Complete
    context: Context
    place: filters.Place
    clock: Clock
    prompt: Sequence[int] = ()
    reused_tokens: int = 0
    model_tokens_before: int = 0

    @property
    def min_probability(self) -> float:
        """Whoever asks for text gets the best there is, if it is more than noise."""
        wanted = self.context.settings.min_probability
        return min(wanted, _EXPLICIT_PROBABILITY) if self.request.explicit else wanted

    def begin(self) -> Decoding:
        context = self.context
        healed = heal(self.request.prefix, context.language.tokenizer)
        self.prompt = context.window(self.request.document, healed.head)
        session = context.sessions.get(self.request.document)
        decoding = Decoding(session, context.language, list(self.prompt), healed.stub)
        self.reused_tokens = session.reusable(decoding.ids)
        self.model_tokens_before = session.model_tokens
        return decoding

    def answer(self, decoding: Decoding, *, final: bool) -> Completion:
        settings = self.context.settings
        ending = best_ending(decoding.steps, self.min_probability, settings.max_words)
        timings = Timings(
            total_ms=self.clock.elapsed_ms,
            reused_tokens=self.reused_tokens,
            computed_tokens=decoding.session.model_tokens - self.model_tokens_before,
        )
        if ending is None:
            return self.nothing("unsure", final=final, timings=timings)
        text, reason = filters.apply(ending.text, self.place)
        if not text:
            return self.nothing(reason, final=final, timings=timings)
        return Completion(
            id=self.request.id,
            suggestions=[Suggestion(text=text, probability=ending.probability)],
            final=final,
            model=self.context.model_name,
            timings=timings,
        )

    def nothing(self, reason: str, *, final: bool = True, timings: Timings | None = None) -> Completion:
        return Completion(
            id=self.request.id,
            final=final,
            model=self.context.model_name,
            reason=reason,
            timings=timings or Timings(total_ms=self.clock.elapsed_ms),
        )
