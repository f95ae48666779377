"""Decide what is shown, remember why, and learn from outcomes.

One for the daemon's whole life: models come and go below it. Used by the worker's thread alone. What it keeps on the
disk are the trigger's numbers; texts stay in memory, a few hundred of them, until they are outlived.
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shadowpen.daemon.base.config import CompletionSettings
from shadowpen.daemon.markup import spots
from shadowpen.daemon.markup.spots import Spot
from shadowpen.daemon.showing import filters, gain, quiet
from shadowpen.daemon.showing.attention import Attention
from shadowpen.daemon.showing.candidate import Candidate, Place
from shadowpen.daemon.showing.decisions import Decision, Decisions
from shadowpen.daemon.showing.dismissed import Dismissed, Recalled
from shadowpen.daemon.showing.features import features
from shadowpen.daemon.showing.habits import HabitsOfDocuments
from shadowpen.daemon.showing.meeting import goes_on
from shadowpen.daemon.showing.presets import preset
from shadowpen.daemon.showing.trigger import Trigger
from shadowpen.daemon.wire.protocol import Complete, Completion, Outcome

_REMEMBERED_OFFERS = 512
_CODE_SPAN_STRICTNESS = 2.0  # a name in a sentence: right or a nuisance
_MID_LINE_STRICTNESS = 1.5
# Logistic regression of "something of it is taken" on the trigger's log-odds and the lift, over 1,200 gaps in lines.
_FITTED_STRICTNESS, _LIFT_OF_NEW_WORD, _LIFT_IN_WORD, _LIFT_REACH = 1.35, 0.25, 0.1, 4.0
_TAIL = 256  # characters before the cursor kept with an offer


@dataclass(frozen=True)
class Verdict:
    """What may be shown, "" for nothing and then why; `probability` that something of it would be taken."""

    text: str
    probability: float
    reason: str = ""


@dataclass
class _Offer:
    """A text that went to a client; `numbers` are its features, None where nothing is to be learned from it."""

    document: str
    before: str
    text: str
    numbers: tuple[float, ...] | None
    taken: bool = False
    characters: int = 0


class Judge:
    """`path` is the file of what the trigger learned; None keeps nothing. `attention` may ask for silence everywhere.

    `clock` gives the seconds between keys, `waved_away` what was dismissed by a key before this process began.
    """

    def __init__(
        self,
        path: Path | None = None,
        attention: Attention | None = None,
        clock: Callable[[], float] = time.monotonic,
        waved_away: Callable[[], Iterable[Recalled]] = tuple,
    ) -> None:
        self._attention = attention or Attention()
        self._trigger = Trigger(path)
        self._habits = HabitsOfDocuments(clock)
        self._dismissed = Dismissed(waved_away)
        self._decisions = Decisions()
        self._offers: OrderedDict[str, _Offer] = OrderedDict()
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
        place = Place(request.prefix, request.suffix, spots.spot(request.prefix, request.language))
        habits = self._habits.of(request.document)
        numbers = features(candidate, place, habits)
        probability = self._trigger.probability(numbers)
        if not request.explicit:
            if not _is_likely(probability, settings.min_probability, _strictness(request.language, place, candidate)):
                return Verdict("", probability, "unsure")
            if candidate.worth <= gain.price(candidate.text, place, habits, settings):
                return Verdict("", probability, "not_worth_reading")
        text, reason = _filtered(candidate.text, place, settings)
        if text and not request.explicit:
            reason = self._why_unwanted(request, text, place, probability, settings)
        if reason:
            return Verdict("", probability, reason)
        self._remember(request, text, None if request.explicit else numbers)
        return Verdict(text, probability)

    def _why_unwanted(
        self, request: Complete, text: str, place: Place, probability: float, settings: CompletionSettings
    ) -> str:
        """The name of what speaks against showing `text` unasked, though it may be shown; "" for nothing."""
        if gain.is_too_short(text, place, probability, settings):
            return "too_short"
        return "dismissed" if self._dismissed.covers(request.document, request.prefix, text) else ""

    def filtered(self, request: Complete, text: str, settings: CompletionSettings) -> str:
        """What may be shown of `text` as an alternative to what `weigh` let pass; "" for nothing."""
        place = Place(request.prefix, request.suffix, spots.spot(request.prefix, request.language))
        return _filtered(text, place, settings)[0]

    def answered(self, request: Complete, reply: Completion) -> None:
        """Note the answer that leaves now."""
        text = reply.suggestions[0].text if reply.suggestions else ""
        if not text:
            self._silences[reply.reason or "no_text"] += 1
        self._decisions.add(
            request.id,
            request.document,
            reason="" if text else reply.reason or "no_text",
            probability=reply.probability,
            characters=len(text),
            explicit=request.explicit,
            model=reply.model,
            likelihood=reply.suggestions[0].probability if text else 0.0,
            remembered=reply.suggestions[0].remembered if text else 0.0,
        )

    def learn(self, outcome: Outcome) -> None:
        """Take in what became of a text; the first outcome that says whether it was wanted is learned from."""
        id = _request(outcome.of)
        self._decisions.came_of(id, outcome.kind)
        offer = self._offers.get(id)
        if outcome.kind == "taken":
            self._took(offer, outcome.characters)
            return
        self._outcomes[outcome.kind] += 1
        if offer is None:
            return
        if outcome.kind == "shown":
            self._habits.of(offer.document).shows()
        if outcome.kind in ("typed_over", "dismissed"):
            self._label(offer, taken=False)
        if outcome.kind == "left":
            self._habits.of(offer.document).fared(taken=False)
        if outcome.kind == "typed_out":
            self._habits.of(offer.document).welcome()
        if outcome.kind == "dismissed":
            self._dismissed.add(offer.document, offer.before, offer.text)

    def report(self) -> dict[str, Any]:
        """For `shadowpen status`: silent answers by reason, outcomes by kind, and how much the trigger has learned."""
        return {
            "silences": dict(self._silences),
            "outcomes": dict(self._outcomes),
            "learned_outcomes": self._trigger.outcomes,
        }

    def decision(self, id: str) -> Decision | None:
        """The answer to request `id`, or to the one that it names an alternative of, if it is still remembered."""
        return self._decisions.of(_request(id))

    def last_decisions(self, count: int) -> list[dict[str, Any]]:
        """See Decisions.last."""
        return self._decisions.last(count)

    def close(self) -> None:
        """Keep what was learned."""
        self._trigger.save()

    def _took(self, offer: _Offer | None, characters: int) -> None:
        self._outcomes["pieces_taken"] += 1
        if offer is None:
            self._outcomes["characters_taken"] += characters
            return
        self._outcomes["characters_taken"] += max(0, characters - offer.characters)
        offer.characters = max(offer.characters, characters)
        if not offer.taken:
            self._outcomes["taken"] += 1
            self._label(offer, taken=True)
        offer.taken = True

    def _label(self, offer: _Offer, *, taken: bool) -> None:
        if offer.numbers is None or offer.taken:
            return
        self._habits.of(offer.document).fared(taken=taken)
        self._trigger.learn(offer.numbers, taken=taken)
        offer.numbers = None

    def _remember(self, request: Complete, text: str, numbers: tuple[float, ...] | None) -> None:
        self._offers[request.id] = _Offer(request.document, request.prefix[-_TAIL:], text, numbers)
        if len(self._offers) > _REMEMBERED_OFFERS:
            self._offers.popitem(last=False)


def _request(id: str) -> str:
    """The request that a suggestion was the answer to: alternatives of one answer are numbered behind a full stop."""
    return id.partition(".")[0]


def _filtered(text: str, place: Place, settings: CompletionSettings) -> tuple[str, str]:
    """What the filters leave of `text`, and the name of the rule that left nothing."""
    return filters.apply(text, place, frozenset({filters.profane}) if settings.profanity else frozenset())


def _strictness(language: str, place: Place, candidate: Candidate) -> float:
    strictness = preset(language).strictness
    if place.spot is Spot.CODE_SPAN:
        strictness *= _CODE_SPAN_STRICTNESS
    return strictness * (_mid_line_strictness(candidate) if goes_on(place) else 1.0)


def _mid_line_strictness(candidate: Candidate) -> float:
    """What is put before other words must fit these as well: surer where nobody could ask whether it does."""
    if candidate.lift is None:
        return _MID_LINE_STRICTNESS
    weight = _LIFT_OF_NEW_WORD if candidate.text[:1].isspace() else _LIFT_IN_WORD
    return _FITTED_STRICTNESS * math.exp(-weight * min(max(candidate.lift, -_LIFT_REACH), _LIFT_REACH))


def _is_likely(probability: float, wanted: float, strictness: float) -> bool:
    """Whether the odds of `probability` are `strictness` times those of `wanted`, or more."""
    return probability * (1 - wanted) >= strictness * wanted * (1 - probability)
