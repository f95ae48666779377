"""The last decisions to show a text or not: time, place, reason, probability; no text.

A bounded ring in memory. A document is known by the first digits of its address' SHA-256, so that somebody who
knows the address can find it and nobody else learns it.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

OFFERED = "offered"
_REMEMBERED = 1000
_DIGITS = 8


@dataclass
class Decision:
    """One answer. `reason` names the rule that kept silent, or is "offered"; `outcome` what came of it ("" unknown).

    `time` is in seconds since 1970, `probability` the trigger's, `characters` those of the text offered, `likelihood`
    the model's that all of it is right, `remembered` the share of it that the author's memory spoke for.
    """

    time: float
    document: str
    reason: str
    probability: float
    characters: int
    explicit: bool
    outcome: str = ""
    model: str = ""
    likelihood: float = 0.0
    remembered: float = 0.0


class Decisions:
    """The ring, oldest first; `clock` in seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ring: OrderedDict[str, Decision] = OrderedDict()

    def add(
        self,
        id: str,
        document: str,
        *,
        reason: str,
        probability: float,
        characters: int = 0,
        explicit: bool = False,
        model: str = "",
        likelihood: float = 0.0,
        remembered: float = 0.0,
    ) -> None:
        """Remember the answer to request `id` about the document at the address `document`."""
        digest = hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
        decision = Decision(
            time=round(self._clock(), 3),
            document=digest,
            reason=reason or OFFERED,
            probability=round(probability, 3),
            characters=characters,
            explicit=explicit,
            model=model,
            likelihood=round(likelihood, 3),
            remembered=round(remembered, 3),
        )
        self._ring[id] = decision
        self._ring.move_to_end(id)
        if len(self._ring) > _REMEMBERED:
            self._ring.popitem(last=False)

    def of(self, id: str) -> Decision | None:
        """The answer to request `id`, if that is still remembered."""
        return self._ring.get(id)

    def came_of(self, id: str, outcome: str) -> None:
        """What became of the text offered in answer to request `id`, if that is still remembered."""
        if id in self._ring:
            self._ring[id].outcome = outcome

    def last(self, count: int) -> list[dict[str, Any]]:
        """The newest `count` decisions as plain values, oldest first."""
        kept = list(self._ring.values())
        return [asdict(decision) for decision in kept[max(0, len(kept) - count) :]]
