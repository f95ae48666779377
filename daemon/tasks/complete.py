"""Ghost text: what the author is likely to write next, up to where it would become a guess.

Answers at the deadline with the best text that ends on a word, then goes on: what is made behind the
answer stays in the document's session and serves the next keys without a model call. Whether it is shown is the
judge's decision (shadowpen.daemon.showing). What the author wrote before needs no model at all. Where the window cannot
be read before the deadline, after a jump say, the last words before the cursor give the first answer, and the window is
read behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shadowpen.daemon.protocol import Complete, Completion, Reply, Suggestion, Timings
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.presets import preset
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.tasks.near import is_out_of_reach, near_window, widen
from shadowpen.daemon.tasks.recalling import recalled
from shadowpen.daemon.tasks.stopping import READING_PRICE, best_ending, is_hopeless
from shadowpen.daemon.tasks.window import NEAR, read_ahead
from shadowpen.daemon.text.healing import heal

_MAX_TOKENS = 48
_LEAST_PROBABILITY = 0.12  # a less likely text is never worth its reading, see stopping.READING_PRICE
_EXPLICIT_PROBABILITY = 0.01


class CompleteTask:
    """See `Task`. An empty answer names its reason: the rule that spoke against it, or "unsure".

    Whoever asks for text gets the best there is, over several lines perhaps, if it is more than noise.
    """

    request_type = Complete

    def steps(self, request: Complete, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        work = _Work(request, context, Clock(deadline_s))
        forbidden = context.judge.why_silent(request, context.settings)
        if forbidden:
            yield work.nothing(forbidden)
            return
        decoding = work.begin()
        remembered = work.remembered(decoding)
        if remembered is not None:
            yield remembered
            yield from decoding.session.reach(decoding.ids)  # for the key that does not follow the memory
            yield from work.prepare_next()
            return
        answered = False
        for _ in _walk(decoding, work):
            if answered or not work.clock.must_answer():
                yield None
            else:
                answered = True
                yield work.answer(decoding, final=False)
            if answered and (work.is_near or context.thrifty):
                break
        if not answered:
            yield work.answer(decoding, final=True)
        yield from work.prepare_next()


def _walk(decoding: Decoding, work: _Work) -> Iterator[None]:
    """Decode until no longer text can be likely enough; yields after each step."""
    for _ in range(_MAX_TOKENS):
        yield from decoding.advance()
        last = decoding.steps[-1]
        hopeless = is_hopeless(last, work.min_probability, multi_line=work.request.explicit)
        if hopeless or len(last.data.split()) > work.max_words:
            return
        yield


@dataclass
class _Work:
    """One request under way, and what its replies are made of."""

    request: Complete
    context: Context
    clock: Clock
    prompt: Sequence[int] = ()
    is_near: bool = False
    reused_tokens: int = 0
    model_tokens_before: int = 0

    @property
    def min_probability(self) -> float:
        """The least likely text that is looked at."""
        return _EXPLICIT_PROBABILITY if self.request.explicit else _LEAST_PROBABILITY

    @property
    def max_words(self) -> int:
        most = self.context.settings.max_words
        return most if self.request.explicit else min(most, preset(self.request.language).max_words)

    def begin(self) -> Decoding:
        context = self.context
        healed = heal(self.request.prefix, context.language.tokenizer)
        self.prompt = context.window(self.request.document, healed.head)
        read = list(self.prompt)
        document = self.request.document
        if not self.request.explicit and is_out_of_reach(context.sessions, document, read, self.clock.left_s):
            self.is_near, read = True, near_window(context.sessions, document, read, context.begin)
        session = context.sessions.get(document + NEAR if self.is_near else document)
        decoding = Decoding(session, context.language, read, healed.stub)
        self.reused_tokens = session.reusable(decoding.ids)
        self.model_tokens_before = session.model_tokens
        return decoding

    def prepare_next(self) -> Iterator[None]:
        """Read, behind the answer, what the next keys need; yields after each model call."""
        context, document = self.context, self.request.document
        if self.is_near:
            yield from widen(context.sessions, document, self.prompt)
        elif not context.thrifty:
            yield from read_ahead(context.sessions, document, self.prompt, context.window_tokens, context.begin)

    def answer(self, decoding: Decoding, *, final: bool) -> Completion:
        explicit = self.request.explicit
        ending = best_ending(
            decoding.steps,
            self.min_probability,
            self.max_words,
            reading_price=0.0 if explicit else READING_PRICE,
            multi_line=explicit,
        )
        timings = Timings(
            total_ms=self.clock.elapsed_ms,
            reused_tokens=self.reused_tokens,
            computed_tokens=decoding.session.model_tokens - self.model_tokens_before,
        )
        if ending is None:
            return self.nothing("unsure", final=final, timings=timings)
        return self._judged(ending, final=final, timings=timings)

    def remembered(self, decoding: Decoding) -> Completion | None:
        """An answer without the model, where the author wrote before what is likely to come; None where not."""
        candidate = recalled(self.context.memory, decoding.ids, decoding.required, self.request.prefix, self.max_words)
        if candidate is None:
            return None
        answer = self._judged(candidate, final=True, timings=Timings(total_ms=self.clock.elapsed_ms))
        return answer if answer.suggestions else None

    def _judged(self, candidate: Candidate, *, final: bool, timings: Timings) -> Completion:
        verdict = self.context.judge.weigh(self.request, candidate, self.context.settings)
        return Completion(
            id=self.request.id,
            suggestions=[Suggestion(text=verdict.text, probability=candidate.probability)] if verdict.text else [],
            final=final,
            model=self.context.model_name,
            reason=verdict.reason,
            probability=verdict.probability,
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
