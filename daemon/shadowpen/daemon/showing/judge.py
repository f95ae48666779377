"""Decide what is shown, record why, and learn from outcomes.

One for the daemon's whole life: models come and go below it. Used by the worker's thread alone. What it keeps on the
disk are the trigger's numbers; texts stay in memory, in the store of suggestions.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.markup import spots
from shadowpen.daemon.markup.spots import Spot
from shadowpen.daemon.showing import filters
from shadowpen.daemon.showing.candidate import Candidate, CursorPlace
from shadowpen.daemon.showing.habits import Habits, HabitsOfDocuments
from shadowpen.daemon.showing.meeting import goes_on
from shadowpen.daemon.showing.silence import quiet
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.showing.silence.presets import preset
from shadowpen.daemon.showing.suggestions import ServedSuggestion, Sources, SuggestionStore
from shadowpen.daemon.showing.trigger import Trigger, features
from shadowpen.daemon.text.function_words import is_function_word
from shadowpen.daemon.text.scripts import without_blanks
from shadowpen.daemon.wire.protocol import Complete, Completion, LoggedDecision, Outcome, OutcomeKind
from shadowpen.daemon.wire.reports import ShowingReport

_CODE_SPAN_STRICTNESS = 2.0  # a name in a sentence: right or a nuisance
_MID_LINE_STRICTNESS = 1.5
# Logistic regression of "something of it is taken" on the trigger's log-odds and the lift, over 1,200 gaps in lines.
_FITTED_STRICTNESS, _LIFT_OF_NEW_WORD, _LIFT_IN_WORD, _LIFT_REACH = 1.35, 0.25, 0.1, 4.0
# Whatever appears is looked at, also where nothing of it is taken: that has a price, in keys.
_FUNCTION_WORD_PRICE = 0.5  # of a single word that holds a sentence together
_CHANGE_PRICE = 0.5  # the text that was there a moment ago was not wanted, and this one is another
_CHANGE_KEYS = 3  # requests for which that counts
_SURE = 0.4  # that some of it is taken: then the end of a word may be as short as anything else
_BEGUN = re.compile(r"\S*\Z")


@dataclass(frozen=True)
class Verdict:
    """The judge's verdict on a candidate.

    What may be shown, "" for nothing and then why; `probability` that something of it would be taken.
    """

    text: str
    probability: float
    reason: str = ""


class Fared(NamedTuple):
    """How a suggestion by the model `version` fared, at `time_s` since 1970: `kind` became of it.

    "answered" is said of every key, with how long that took. Of a suggestion that was taken `characters` more were,
    `first` of them or not.
    """

    time_s: float
    version: str
    kind: OutcomeKind | Literal["answered"]
    ms: float = 0.0
    characters: int = 0
    first: bool = True


class Judge:
    """Decides which suggestions are shown.

    `path` is the file of what the trigger learned; None keeps nothing. `attention` may ask for silence everywhere.

    `clock` gives the seconds between keys; `suggestions` keeps what was answered; `note` takes what is to be counted,
    each once, and counts it when no key waits.
    """

    def __init__(
        self,
        path: Path | None = None,
        attention: Attention | None = None,
        clock: Callable[[], float] = time.monotonic,
        suggestions: SuggestionStore | None = None,
        note: Callable[[Fared], object] = lambda fared: None,
    ) -> None:
        self._note = note
        self._attention = attention or Attention()
        self._trigger = Trigger(path)
        self._habits = HabitsOfDocuments(clock)
        self._suggestions = SuggestionStore() if suggestions is None else suggestions
        self._silences: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()

    def why_silent(self, request: Complete, settings: CompletionSettings) -> str:
        """The name of the rule that makes asking the model pointless; "" when there is none."""
        if not request.explicit:
            self._habits.key(request.document)
        habits = self._habits.of(request.document)
        habits.reads(request.prefix, request.suffix)
        if request.explicit:
            habits.welcome()
            return quiet.why_never(request)
        return (
            quiet.why_never(request)
            or self._attention.why_silent(on_battery=settings.on_battery)
            or quiet.why_silent(request, settings, mends_words=not habits.puts_words_before(request.suffix))
            or ("backing_off" if habits.backs_off(settings.back_off_after) else "")
        )

    def weigh(self, request: Complete, candidate: Candidate, settings: CompletionSettings) -> Verdict:
        """Whether and what of `candidate` is shown in answer to `request`; who asked by a key is spared the doubts."""
        place = CursorPlace(request.prefix, request.suffix, spots.spot(request.prefix, request.language))
        habits = self._habits.of(request.document)
        numbers = features(candidate, place, habits)
        probability = self._trigger.probability(numbers)
        if not request.explicit:
            strictness = _strictness(request.language, place)
            if self.fills_gap(request):
                strictness *= _mid_line_strictness(candidate)
            if not _is_likely(probability, settings.min_probability, strictness):
                return Verdict("", probability, "unsure")
            if candidate.worth <= price(candidate.text, place, habits, settings):
                return Verdict("", probability, "not_worth_reading")
        text, reason = _filtered(candidate.text, place, settings)
        if text and not request.explicit:
            reason = self._why_unwanted(request, text, place, probability, settings)
        if reason:
            return Verdict("", probability, reason)
        self._suggestions.offer(request, text, None if request.explicit else numbers)
        return Verdict(text, probability)

    def _why_unwanted(
        self, request: Complete, text: str, place: CursorPlace, probability: float, settings: CompletionSettings
    ) -> str:
        """The name of what speaks against showing `text` unasked, though it may be shown; "" for nothing."""
        if is_too_short(text, place, probability, settings):
            return "too_short"
        return "dismissed" if self._suggestions.is_dismissed(request.document, request.prefix, text) else ""

    def fills_gap(self, request: Complete) -> bool:
        """Whether what is written must fit the words behind the cursor: a passage of its own leads there later."""
        return (
            goes_on(CursorPlace(request.prefix, request.suffix))
            and not self._habits.of(request.document).writes_passage
        )

    def filtered(self, request: Complete, text: str, settings: CompletionSettings) -> str:
        """What may be shown of `text` as an alternative to what `weigh` let pass; "" for nothing."""
        place = CursorPlace(request.prefix, request.suffix, spots.spot(request.prefix, request.language))
        return _filtered(text, place, settings)[0]

    def answered(self, request: Complete, reply: Completion) -> None:
        """Note the answer that leaves now."""
        if not reply.suggestions or not reply.suggestions[0].text:
            self._silences[reply.reason or "no_text"] += 1
        self._suggestions.answer(request, reply)
        if reply.model and not request.explicit:
            self._note(Fared(time.time(), reply.model, "answered", ms=reply.timings.total_ms))

    def trace(self, id: str, sources: Sources) -> None:
        """See SuggestionStore.trace."""
        self._suggestions.trace(id, sources)

    def learn(self, outcome: Outcome) -> None:
        """Take in what became of a text; what is told twice counts once.

        The first outcome that says whether it was wanted is learned from.
        """
        suggestion = self._suggestions.get(outcome.of)
        if outcome.kind == "taken":
            self._took(suggestion, outcome.characters)
            return
        if suggestion is not None and not suggestion.came(outcome.kind):
            return
        self._outcomes[outcome.kind] += 1
        if suggestion is None:
            return
        self._count(suggestion, outcome.kind, 0, first=True)
        if not suggestion.text:
            return
        habits = self._habits.of(suggestion.document)
        if outcome.kind == "shown":
            habits.shows()
        if outcome.kind in ("typed_over", "dismissed"):
            self._label(suggestion, taken=False)
        if outcome.kind == "left":
            habits.fared(taken=False)
        if outcome.kind == "typed_out":
            habits.welcome()
        if outcome.kind == "dismissed":
            self._suggestions.dismiss(suggestion)

    def report(self) -> ShowingReport:
        """For `shadowpen status`."""
        return ShowingReport(
            silences=dict(self._silences), outcomes=dict(self._outcomes), learned_outcomes=self._trigger.outcomes
        )

    def suggestion(self, id: str) -> ServedSuggestion | None:
        """See SuggestionStore.get."""
        return self._suggestions.get(id)

    def log(self, count: int) -> list[LoggedDecision]:
        """See SuggestionStore.log."""
        return self._suggestions.log(count)

    def close(self) -> None:
        """Save what was learned."""
        self._trigger.save()

    def _took(self, suggestion: ServedSuggestion | None, characters: int) -> None:
        before = (suggestion.taken, "taken" in suggestion.states) if suggestion is not None else (0, False)
        if suggestion is not None and not suggestion.take(characters):
            return
        self._outcomes["pieces_taken"] += 1
        self._outcomes["characters_taken"] += max(0, characters - before[0])
        if suggestion is not None:
            self._count(suggestion, "taken", max(0, characters - before[0]), first=not before[1])
        if suggestion is not None and suggestion.text and not before[1]:
            self._outcomes["taken"] += 1
            self._label(suggestion, taken=True)

    def _count(self, suggestion: ServedSuggestion, kind: OutcomeKind, characters: int, *, first: bool) -> None:
        if suggestion.decision is not None and suggestion.decision.model:
            self._note(Fared(time.time(), suggestion.decision.model, kind, characters=characters, first=first))

    def _label(self, suggestion: ServedSuggestion, *, taken: bool) -> None:
        if suggestion.numbers is None:
            return
        self._habits.of(suggestion.document).fared(taken=taken)
        self._trigger.learn(suggestion.numbers, taken=taken)
        suggestion.numbers = None


def _filtered(text: str, place: CursorPlace, settings: CompletionSettings) -> tuple[str, str]:
    """What the filters leave of `text`, and the name of the rule that left nothing."""
    return filters.apply(text, place, frozenset({filters.profane}) if settings.profanity else frozenset())


def _strictness(language: str, place: CursorPlace) -> float:
    strictness = preset(language).strictness
    if place.spot is Spot.CODE_SPAN:
        strictness *= _CODE_SPAN_STRICTNESS
    return strictness


def _mid_line_strictness(candidate: Candidate) -> float:
    """What is put before other words must fit these as well: surer where nobody could ask whether it does."""
    if candidate.lift is None:
        return _MID_LINE_STRICTNESS
    weight = _LIFT_OF_NEW_WORD if candidate.text[:1].isspace() else _LIFT_IN_WORD
    return _FITTED_STRICTNESS * math.exp(-weight * min(max(candidate.lift, -_LIFT_REACH), _LIFT_REACH))


def _is_likely(probability: float, wanted: float, strictness: float) -> bool:
    """Whether the odds of `probability` are `strictness` times those of `wanted`, or more."""
    return probability * (1 - wanted) >= strictness * wanted * (1 - probability)


def price(text: str, place: CursorPlace, habits: Habits, settings: CompletionSettings) -> float:
    """Keys that a glance at `text` costs; none where glances are free, whatever the text."""
    if not settings.glance_price:
        return 0.0
    keys = settings.glance_price
    begun = "" if text[:1].isspace() else _BEGUN.findall(place.line)[0]
    if is_function_word(begun + text):
        keys += _FUNCTION_WORD_PRICE
    if habits.was_passed_over and habits.quiet_keys <= _CHANGE_KEYS:
        keys += _CHANGE_PRICE
    return keys


def gained(text: str) -> int:
    """Characters that `text` brings; one of a script without blanks counts as two."""
    return sum(2 if without_blanks(character) else 1 for character in text.strip())


def is_too_short(text: str, place: CursorPlace, probability: float, settings: CompletionSettings) -> bool:
    """Whether so short a text is not worth looking up, `probability` being that some of it is taken."""
    in_word = place.prefix[-1:].isalnum() and text[:1].isalnum() and not without_blanks(text[0])
    least = settings.min_gain_in_word if in_word and probability < _SURE else settings.min_gain
    return gained(text) < least
