"""What a replayed writer counts, with partners that answer by rule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from shadowpen.daemon.typist import pace
from shadowpen.daemon.typist.writer import ReplayResult, SimulatedWriter

BEFORE = "It was late. "
REST = "We went home along the river."
PACE = 0.02


class RulePartner:
    """`rule` makes the answer from the text so far; None never comes."""

    def __init__(self, rule: Callable[[str], str | None]) -> None:
        self._rule = rule
        self.text = ""
        self.accepted: list[str] = []

    async def open(self, text: str) -> None:
        self.text = text

    def type(self, piece: str) -> None:
        self.text += piece

    async def ask(self, patience_s: float) -> str | None:
        answer = self._rule(self.text)
        if answer is None:
            await asyncio.sleep(patience_s)
        return answer

    def accept(self, ghost: str) -> None:
        self.accepted.append(ghost)


async def _write(partner: RulePartner) -> ReplayResult:
    outcome = await SimulatedWriter(partner, BEFORE, REST, pace.at(PACE, 0)).write()
    assert partner.text == BEFORE + REST
    return outcome


async def test_who_knows_the_text_is_taken_at_once() -> None:
    partner = RulePartner(lambda text: (BEFORE + REST)[len(text) :])
    outcome = await _write(partner)
    assert (outcome.keys, outcome.shown, outcome.accepted, outcome.late) == (2, 1, 1, 0)
    assert outcome.ksr == outcome.net_ksr == round(1 - 2 / len(REST), 4)
    assert partner.accepted == [REST[1:]]
    assert outcome.text_ms.of == outcome.answer_ms.of == outcome.requests == 1


async def test_who_offers_nothing_costs_nothing() -> None:
    outcome = await _write(RulePartner(lambda text: ""))
    assert (outcome.keys, outcome.ksr, outcome.net_ksr, outcome.shown) == (len(REST), 0, 0, 0)
    assert outcome.answer_ms.of == len(REST) - 1 and outcome.text_ms.of == 0


async def test_what_comes_too_late_was_never_there() -> None:
    outcome = await _write(RulePartner(lambda text: None))
    assert (outcome.late, outcome.keys, outcome.shown, outcome.answer_ms.of) == (1, len(REST), 0, 0)


async def test_reading_in_vain_is_charged() -> None:
    outcome = await _write(RulePartner(lambda text: "zebra"))
    assert outcome.ksr == 0 and outcome.shown == outcome.requests and outcome.accepted == 0
    assert outcome.net_ksr == round(-0.25 * outcome.shown / len(REST), 4)


async def test_what_is_typed_along_counts_once() -> None:
    """The whole is offered but goes wrong at its end, so the writer takes what is right of it word by word."""
    wrong = BEFORE + "We went home along the sea."
    outcome = await _write(RulePartner(lambda text: wrong.removeprefix(text) if wrong.startswith(text) else ""))
    assert (outcome.shown, outcome.accepted) == (1, 1)
    assert outcome.keys == len("W") + 5 + len(" river.")  # five words are taken


async def test_progress_is_told_until_the_end() -> None:
    told: list[float] = []
    await SimulatedWriter(RulePartner(lambda text: ""), BEFORE, "Home.", pace.at(PACE, 0)).write(told.append)
    assert told == sorted(told) and told[-1] == 1
