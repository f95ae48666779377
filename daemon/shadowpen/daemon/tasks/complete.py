"""Ghost text: the likely continuation, up to where it becomes a guess.

Answers at the deadline with the best text that ends on a word, then goes on: what is made behind the
answer stays in the document's session and serves the next keys without a model call. Whether it is shown is the
judge's decision (shadowpen.daemon.showing). What the author wrote before needs no model at all. Where the window cannot
be read before the deadline, after a jump say, the last words before the cursor give the first answer, and the window is
read behind it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from shadowpen.daemon.engine.window import NEAR, is_out_of_reach, near_window, read_ahead, widen
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.judge import Verdict
from shadowpen.daemon.showing.silence.presets import preset
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.completion.alternatives import MOST, TRIED, alternatives, begins_alike
from shadowpen.daemon.tasks.completion.asked import Asked
from shadowpen.daemon.tasks.completion.extents import LEAST_WORDS, MOST_WORDS, beyond, word_count
from shadowpen.daemon.tasks.completion.fitting import Gap, fitted, words_ahead
from shadowpen.daemon.tasks.completion.recalling import RecallsPhrases, recalled
from shadowpen.daemon.tasks.completion.stopping import READING_PRICE, best_ending, is_hopeless
from shadowpen.daemon.tasks.decoding import Decoding
from shadowpen.daemon.text.healing import heal
from shadowpen.daemon.wire.protocol import Complete, Completion, Extent, Partial, Reply, Suggestion, Timings

if TYPE_CHECKING:
    from shadowpen.daemon.memory.attribution import AttributedText
    from shadowpen.daemon.memory.phrases import Phrase

_MAX_TOKENS = 48
_LEAST_PROBABILITY = 0.12  # a less likely text is never worth its reading, see stopping.READING_PRICE
_AT_ONCE_WORTH = 2.0  # keys; what is worth less, the end of one word, often hides a longer text of the model
# Who asks by a key waits this long for the best text and for all, once what stands before the cursor was read.
_BEST_S, _CHOICE_S = 0.33, 0.36
_HURRY_S = 0.13  # before the best text has to be there
_PATIENCE_S = 1.0  # on a busy machine, for the first words


class CompleteTask:
    """The task that completes: ghost text.

    An empty answer names its reason: the rule that spoke against it, or "unsure". LanguageUnwritten for whoever asks in
    a language that the model does not write.

    Whoever asks for text gets the best there is, over several lines perhaps, if it is more than noise, and up to two
    others that begin with other words.
    """

    request_type = Complete

    def steps(self, request: Complete, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        work = _Work(request, context, Clock(deadline_s))
        forbidden = context.judge.why_silent(request, context.settings)
        if not forbidden and request.explicit:
            context.languages.check(request.prefix + request.shown, context.model_name)
        elif not forbidden:
            forbidden = context.languages.why_silent(request)
        if forbidden:
            yield work.nothing(forbidden)
            return
        decoding = work.begin()
        remembered = work.remembered(decoding)
        if request.explicit:
            yield from _choice(decoding, work, remembered)
            return
        at_once = [one for one in remembered if one.candidate.worth >= _AT_ONCE_WORTH]
        answer = work.reply(at_once, final=True)
        if answer.suggestions:
            yield answer
            yield from decoding.session.reach(decoding.ids)  # for the key that does not follow the memory
            yield from work.prepare_next()
            return
        answered = work.is_too_late(decoding)
        if answered:
            yield work.reply(remembered, final=False, decoding=decoding)
        for _ in () if answered and work.is_over_once_answered else _walk(decoding, work):
            if answered or not work.clock.must_answer():
                yield None
            else:
                answered = True
                yield work.reply(work.worthiest(decoding, remembered), final=False, decoding=decoding)
            if answered and work.is_over_once_answered:
                break
        if not answered:
            best = yield from _fitted(work.worthiest(decoding, remembered), decoding, work)
            yield work.reply(best, final=True, decoding=decoding)
        yield from work.prepare_next()


def _fitted(found: list[_Found], decoding: Decoding, work: _Work) -> Generator[None, None, list[_Found]]:
    """`found`, the first of which is weighed by the words behind the cursor, if there is time to ask."""
    if not found or found[0].candidate.worth <= 0 or not work.context.judge.fills_gap(work.request):
        return found
    ahead = words_ahead(work.request.suffix)
    if not ahead:
        return found
    gap = Gap(decoding.session, work.context.language.tokenizer, work.read, work.stub, ahead)
    weighing = fitted(gap, found[0].candidate, READING_PRICE)
    while not work.clock.must_answer():
        try:
            next(weighing)
        except StopIteration as end:
            return [replace(found[0], candidate=end.value), *found[1:]]
        yield
    return found


def _choice(decoding: Decoding, work: _Work, remembered: list[_Found]) -> Iterator[Reply | None]:
    """The answer to who asked by a key: the best as it grows, and soon what else it could be."""
    first = work.asked(decoding)
    yield from first.weigh()
    best_by_s = others_by_s = work.clock.deadline_s
    if work.request.deadline_ms is None:
        best_by_s, others_by_s = time.perf_counter() + _BEST_S, time.perf_counter() + _CHOICE_S
    others = first.branches(TRIED) if first.extent == "clause" else []
    best = work.asked(decoding, work.request.shown) if work.request.shown else first
    drawn = remembered[0].candidate.text if remembered else ""
    if drawn:
        yield work.partial(drawn)
    for _ in best.walk():
        if others and best is first and not best.data:
            # What was typed of the word is a token of its own: the choice is what follows it.
            yield from best.weigh()
            others += best.branches(TRIED)
        best.hurry = time.perf_counter() >= best_by_s - _HURRY_S
        text = "" if remembered else work.passed(best.sure())
        if len(text) > len(drawn) and text.startswith(drawn):
            drawn = text
            yield work.partial(text)
        else:
            yield None
        if best.extent == "clause" and work.is_over(best, best_by_s):
            break
    found = [*remembered, *work.grown(best)]
    others.sort(key=lambda other: -other.log_probability)
    for other in alternatives(others, [one.candidate.text for one in found], others_by_s):
        if other is not None:
            found.append(_Found(other[0], work.lent_by(other[1])))
        yield None
    yield work.reply(found, final=True, decoding=decoding, extent=best.extent)
    if not work.context.thrifty:
        yield from best.session.reach(best.ids)  # for whoever types along the best
    yield from work.prepare_next()


def _walk(decoding: Decoding, work: _Work) -> Iterator[None]:
    """Decode until no longer text can be likely enough; yields after each step."""
    for _ in range(_MAX_TOKENS):
        yield from decoding.advance()
        last = decoding.steps[-1]
        if is_hopeless(last, _LEAST_PROBABILITY) or len(last.data.split()) > work.max_words:
            return
        yield


@dataclass(frozen=True)
class _Found:
    """A candidate; `remembered` tells what the user's memory has to do with as much of its text as is shown.

    None where there is no memory.
    """

    candidate: Candidate
    remembered: Callable[[str], Phrase | AttributedText] | None


@dataclass
class _Work:
    """One request under way, and what its replies are made of."""

    request: Complete
    context: Context
    clock: Clock
    prompt: Sequence[int] = ()
    read: Sequence[int] = ()
    stub: str = ""
    is_near: bool = False
    memory: RecallsPhrases | None = None  # as it was when the work began
    reused_tokens: int = 0
    model_tokens_before: int = 0

    @property
    def max_words(self) -> int:
        settings = self.context.settings
        if self.request.explicit:
            return min(settings.max_words_on_key, MOST_WORDS[self.request.extent])
        return min(settings.max_words, preset(self.request.language).max_words)

    def begin(self) -> Decoding:
        context = self.context
        healed = heal(self.request.prefix, context.language.tokenizer)
        document = context.key(self.request.document)
        self.prompt = context.window(document, healed.head)
        read = list(self.prompt)
        if not self.request.explicit and is_out_of_reach(context.sessions, document, read, self.clock.left_s):
            self.is_near, read = True, near_window(context.sessions, document, read, context.begin)
        session = context.sessions.get(document + NEAR if self.is_near else document)
        waits = self.request.explicit and self.request.deadline_ms is None
        until_s = math.inf if waits else self.clock.deadline_s
        self.read, self.stub = read, healed.stub.decode("utf-8", "ignore")
        self.memory = context.memory.in_use if context.memory is not None else None
        decoding = Decoding(session, context.language, read, healed.stub, self.memory, until_s)
        self.reused_tokens = session.reusable(decoding.ids)
        self.model_tokens_before = session.model_tokens
        return decoding

    @property
    def is_over_once_answered(self) -> bool:
        """Whether nothing is made of this text behind the answer."""
        return self.is_near or self.context.thrifty

    def is_too_late(self, decoding: Decoding) -> bool:
        """Whether others write at once, so that its time was over before the model has begun to read for it.

        A model call now would come too late for this one and make all others late.
        """
        is_known = decoding.session.glimpsed(decoding.ids) is not None
        return self.context.sessions.is_shared and not is_known and self.clock.left_s <= 0

    def prepare_next(self) -> Iterator[None]:
        """Read, behind the answer, what the next keys need; yields after each model call."""
        context, document = self.context, self.context.key(self.request.document)
        if self.is_near:
            yield from widen(context.sessions, document, self.prompt)
        elif not context.thrifty:
            yield from read_ahead(context.sessions, document, self.prompt, context.window_tokens, context.begin)

    def best(self, decoding: Decoding) -> list[_Found]:
        """The model's candidates so far; empty if there are none."""
        ending = best_ending(decoding.steps, _LEAST_PROBABILITY, self.max_words)
        return [_Found(ending, self.lent_by(decoding))] if ending is not None else []

    def lent_by(self, decoding: Decoding) -> Callable[[str], AttributedText] | None:
        """What tells how much of a text of `decoding` the memory spoke for."""
        return decoding.lent if self.memory is not None else None

    def asked(self, decoding: Decoding, shown: str = "") -> Asked:
        """What goes on from the cursor, or from what is `shown` there, as far as was asked for."""
        context, request = self.context, self.request
        ids, required = decoding.ids, decoding.required
        if shown:
            healed = heal(request.prefix + shown, context.language.tokenizer)
            ids, required = list(context.window(context.key(request.document), healed.head)), healed.stub
        extent = beyond(request.extent, request.shown)
        before = (request.prefix + shown).rstrip(" \t")
        return Asked(
            decoding.session,
            context.language,
            ids,
            required,
            self.memory,
            decoding.glance_until_s,
            shown=shown,
            extent=extent,
            most_words=min(context.settings.max_words_on_key, MOST_WORDS[extent]),
            begins_line=not before[-1:].isalnum(),
            one_line=bool(request.suffix.split("\n", 1)[0].strip()),
        )

    def grown(self, best: Asked) -> list[_Found]:
        """What was made of what is shown; that itself where there is nothing to add."""
        candidate = best.candidate()
        if candidate is None and best.shown:
            candidate = Candidate(best.shown, 1.0, 1.0)
        if candidate is None:
            return []
        lent = self.lent_by(best)
        return [_Found(candidate, (lambda text: lent(text[len(best.shown) :])) if lent is not None else None)]

    def is_over(self, best: Asked, by_s: float) -> bool:
        """Whether it is time to answer with what there is; one or two words are not worth it yet."""
        now = time.perf_counter()
        says_enough = word_count(best.sure()) >= LEAST_WORDS or self.request.deadline_ms is not None
        return now >= (by_s if says_enough else by_s + _PATIENCE_S)

    def partial(self, text: str) -> Partial:
        return Partial(id=self.request.id, text=text)

    def passed(self, text: str) -> str:
        """The growing text after the judge's filters."""
        return self.context.judge.filtered(self.request, text, self.context.settings)

    def worthiest(self, decoding: Decoding, remembered: Sequence[_Found]) -> list[_Found]:
        """What the model makes of it and what is `remembered`, first what is worth more."""
        return sorted([*remembered, *self.best(decoding)], key=lambda one: -one.candidate.worth)

    def remembered(self, decoding: Decoding) -> list[_Found]:
        """What the author wrote before and is likely to come, without the model; empty where there is nothing."""
        if self.memory is None:
            return []
        found = recalled(self.memory, decoding.ids, decoding.required, self.request.prefix, self.max_words)
        if found is None:
            return []
        candidate, phrase = found
        if self.request.explicit and (self.request.shown or word_count(candidate.text) < LEAST_WORDS):
            return []  # the model, which is told of it, says more
        return [_Found(candidate, lambda text: phrase)]

    def reply(
        self,
        found: Sequence[_Found],
        *,
        final: bool,
        decoding: Decoding | None = None,
        extent: Extent | Literal[""] = "",
    ) -> Completion:
        """The first of `found` that the judge lets pass, and for who asked by a key what else begins otherwise."""
        verdict = Verdict("", 0.0, "unsure")
        shown: list[Suggestion] = []
        for one in found:
            if not shown:
                verdict = self.context.judge.weigh(self.request, one.candidate, self.context.settings)
                text = verdict.text
            elif not self.request.explicit:
                break
            else:
                text = self.context.judge.filtered(self.request, one.candidate.text, self.context.settings)
            if text and not any(begins_alike(text, other.text) for other in shown):
                share = self._share(one, text, is_best=not shown)
                shown.append(Suggestion(text=text, probability=one.candidate.probability, remembered=share))
        return Completion(
            id=self.request.id,
            suggestions=shown[:MOST],
            final=final,
            model=self.context.model_name,
            reason=verdict.reason,
            probability=verdict.probability,
            timings=self._timings(decoding),
            extent=extent,
        )

    def _share(self, found: _Found, text: str, *, is_best: bool) -> float:
        """The part of `text` that the memory spoke for; of the best it is kept where the user wrote that."""
        if found.remembered is None:
            return 0.0
        remembered = found.remembered(text)
        if is_best and remembered.share and self.context.memory is not None:
            self.context.judge.trace(self.request.id, self.context.memory.sources(remembered))
        return remembered.share

    def _timings(self, decoding: Decoding | None) -> Timings:
        """`decoding` is what the model did for the answer, None where it did nothing."""
        if decoding is None:
            return Timings(total_ms=self.clock.elapsed_ms)
        return Timings(
            total_ms=self.clock.elapsed_ms,
            reused_tokens=self.reused_tokens,
            computed_tokens=decoding.session.model_tokens - self.model_tokens_before,
        )

    def nothing(self, reason: str) -> Completion:
        return Completion(id=self.request.id, model=self.context.model_name, reason=reason, timings=self._timings(None))
