"""Decide what the simulated writer of an evaluation is shown.

Both are an `OfflineCompleter`: nobody waits for a clock, and nothing comes late. Knows neither models nor how texts are
read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.evaluation.reading import LANGUAGE, Probed
from shadowpen.daemon.showing.candidate import Candidate
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.typist import pace
from shadowpen.daemon.wire.protocol import Complete, Outcome

_DOCUMENT = "shadowpen-eval:"


class Offers(Protocol):
    """What model and memory would offer at the places of a text, in the order it is weighed."""

    @property
    def text(self) -> str: ...
    def at(self, place: int) -> tuple[Candidate, ...]: ...


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
