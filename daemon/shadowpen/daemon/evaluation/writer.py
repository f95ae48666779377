"""A simulated writer that types a text key by key and accepts correct suggestions.

The rules are those of `bench.replay`: all of a suggestion costs one key, its leading right words one key each, and
nothing is taken that saves no key. Here nobody waits for a clock, so nothing comes late. Who decides what is shown is
an `OfflineCompleter`: the judge as it serves, or a limit that makes models comparable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from shadowpen.daemon.base.config import CompletionSettings
from shadowpen.daemon.evaluation.reading import LANGUAGE, Probed
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.typist import pace
from shadowpen.daemon.typist.writer import choose
from shadowpen.daemon.wire.protocol import Complete, Outcome

READING_KEYS = 0.25  # what reading a suggestion in vain costs, in keys
_DOCUMENT = "shadowpen-eval:"


@dataclass
class Tally:
    """Counts of a simulated writer.

    Keys pressed for `characters`; suggestions `shown`, `used` in part or whole, `exact` to the last character.

    `right` of the `offered` characters were right up to the first wrong one; a suggestion that is typed along or grows
    counts once. `grey` keys were followed by grey text on the screen, new or still there.
    """

    characters: int = 0
    keys: int = 0
    asked: int = 0
    shown: int = 0
    used: int = 0
    exact: int = 0
    offered: int = 0
    right: int = 0
    grey: int = 0


class Offers(Protocol):
    """What model and memory would offer at the places of a text, in the order it is weighed."""

    @property
    def text(self) -> str: ...
    def at(self, place: int) -> tuple[Candidate, ...]: ...


class OfflineCompleter(Protocol):
    """Offers suggestions to a simulated writer, without a clock.

    Who offers text at a place, "" for none, and hears what became of it.
    """

    def offer(self, place: int) -> str: ...
    def typed_over(self) -> None: ...
    def took(self, characters: int) -> None: ...


def write(text: str, start: int, partner: OfflineCompleter) -> Tally:
    """Type `text` from `start` on."""
    tally = Tally(characters=len(text) - start)
    place, showing, is_used = start, "", True
    while place < len(text):
        key = text[place]
        place, tally.keys = place + 1, tally.keys + 1
        if showing and showing[0] != key:
            partner.typed_over()
        showing = showing[1:] if showing[:1] == key else ""
        is_typed = True
        while place < len(text):
            tally.asked += 1
            ghost, rest = partner.offer(place), text[place:]
            tally.grey, is_typed = tally.grey + (is_typed and bool(ghost)), False
            if not ghost:
                showing = ""
                break
            taken = choose(ghost, rest)
            if not (showing and ghost.startswith(showing)):
                tally.shown, is_used, showing = tally.shown + 1, False, ""
                tally.exact += taken is not None and taken[0] == ghost
            right = _right(ghost, rest)
            tally.offered += len(ghost) - len(showing)
            tally.right += max(0, right - len(showing))
            showing = ghost
            if taken is None:
                break
            piece, price_keys = taken
            tally.keys, tally.used = tally.keys + price_keys, tally.used + (not is_used)
            partner.took(len(piece))
            place, showing, is_used = place + len(piece), ghost[len(piece) :], True
    return tally


def read(text: str, start: int, partner: OfflineCompleter) -> Tally:
    """Type all of `text` from `start` on and take nothing: how restless the screen is for who only writes."""
    tally, showing = Tally(characters=len(text) - start), ""
    for place in range(start + 1, len(text)):
        showing = showing[1:] if showing[:1] == text[place - 1] else ""
        ghost = partner.offer(place)
        tally.keys, tally.asked = tally.keys + 1, tally.asked + 1
        tally.grey += bool(ghost)
        tally.shown += bool(ghost) and not (showing and ghost.startswith(showing))
        showing = ghost
    return tally


def _right(ghost: str, rest: str) -> int:
    """How many leading characters of `ghost` are right."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ghost, rest, strict=False)))


class AsServed:
    """Shows what the real judge shows, with the author's settings, and lets it learn from what became of it.

    A text stays while it is typed along, as the language server has it; only then is the judge asked again.
    `state` is the file of what it has learned of its author. Its clock is the writer's pace.
    """

    def __init__(self, probed: Offers, settings: CompletionSettings, seed: int, state: Path | None = None) -> None:
        self._probed, self._settings, self._seed = probed, settings, seed
        self._now_s, self._id, self._taken = 0.0, "", 0
        self._shown, self._shown_at = "", 0
        self._judge = Judge(state, clock=lambda: self._now_s)

    def offer(self, place: int) -> str:
        self._now_s += pace.gap_s(self._probed.text[:place], self._seed)
        self._shown = self._typed_along(place) or self._asked(place)
        self._shown_at = place
        return self._shown

    def _typed_along(self, place: int) -> str:
        """What is left of the text on the screen; "" if something else was typed, or all of it."""
        typed = self._probed.text[self._shown_at : place]
        left = self._shown[len(typed) :]
        return left if left.strip() and self._shown.startswith(typed) else ""

    def _asked(self, place: int) -> str:
        request = Complete(
            id=f"e{place}",
            document=_DOCUMENT,
            prefix=self._probed.text[:place],
            language=LANGUAGE,
            last_edit="typed",
        )
        if self._judge.why_silent(request, self._settings):
            return ""
        for candidate in self._probed.at(place):
            text = self._judge.weigh(request, candidate, self._settings).text
            if text:
                self._id, self._taken = request.id, 0
                self._judge.learn(Outcome(id="", of=self._id, kind="shown"))
                return text
        return ""

    def typed_over(self) -> None:
        self._judge.learn(Outcome(id="", of=self._id, kind="typed_over"))

    def took(self, characters: int) -> None:
        self._taken += characters
        self._judge.learn(Outcome(id="", of=self._id, kind="taken", characters=self._taken))

    def close(self) -> None:
        """Save what was learned."""
        self._judge.close()


@dataclass(frozen=True)
class Likely:
    """The text that comes first at a place, and the probability that some of it is taken."""

    place: int
    text: str
    probability: float


def likeliest(probed: Probed, settings: CompletionSettings, share: float) -> list[Likely]:
    """What a judge without a history would show at `share` of all places, those where it is surest; by place.

    This makes models comparable: each shows as often as the other. Fewer where there is too little to show.
    """
    found = []
    for place in range(probed.start + 1, len(probed.text)):
        likely = _likely(probed, place, settings)
        if likely is not None:
            found.append(likely)
    most = round(share * max(0, len(probed.text) - probed.start - 1))
    surest = sorted(found, key=lambda one: (-one.probability, one.place))[:most]
    return sorted(surest, key=lambda one: one.place)


def _likely(probed: Probed, place: int, settings: CompletionSettings) -> Likely | None:
    judge = Judge()
    request = Complete(id="e", document=_DOCUMENT, prefix=probed.text[:place], language=LANGUAGE, last_edit="typed")
    if judge.why_silent(request, settings):
        return None
    for candidate in probed.at(place):
        verdict = judge.weigh(request, candidate, settings)
        if verdict.text:
            return Likely(place, verdict.text, verdict.probability)
    return None


class Chosen:
    """An OfflineCompleter that shows these texts and no other."""

    def __init__(self, likely: Sequence[Likely]) -> None:
        self._texts = {one.place: one.text for one in likely}

    def offer(self, place: int) -> str:
        return self._texts.get(place, "")

    def typed_over(self) -> None:
        """Do nothing: nothing is learned here."""

    def took(self, characters: int) -> None:
        """Do nothing: nothing is learned here."""


def words_right(likely: Sequence[Likely], text: str, count: int) -> tuple[int, int]:
    """Of the suggestions of `count` words or more: how many have the first `count` right, and how many there are.

    The rest of a word that was begun is a word too.
    """
    beginnings = [(one.place, begun) for one in likely if (begun := _first_words(one.text, count))]
    right = sum(_stands_at(text, place, begun) for place, begun in beginnings)
    return right, len(beginnings)


def _first_words(text: str, count: int) -> str:
    """The first `count` words of `text`; "" if there are fewer."""
    end, place = 0, 0
    for _ in range(count):
        while place < len(text) and text[place].isspace():
            place += 1
        end = place
        while place < len(text) and not text[place].isspace():
            place += 1
        if place == end:
            return ""
    return text[:place]


def _stands_at(text: str, place: int, piece: str) -> bool:
    return text.startswith(piece, place) and not text[place + len(piece) : place + len(piece) + 1].isalnum()
