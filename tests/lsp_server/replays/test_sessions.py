"""Whole sessions of writing with jumps, deletions and pastes: nothing stale comes, and nothing at a wrong place."""

from __future__ import annotations

import asyncio
import math
import random
from typing import Any

import pytest

from shadowpen.daemon.wire.protocol import Complete, Completion, Reply, Request, Suggestion

from .driver import URI, Client
from .sessions import Replay, Tally, continuation, made

EVENTS = 150


class Pace:
    """Answers come in time or late, by lot: late ones all at once, when the text has long moved on."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self._client = client
        self._chance = chance

    async def wait(self, gap_ms: float, running: list[asyncio.Future[Any]]) -> None:
        gate = self._client.daemon.gate
        if math.isinf(gap_ms) or self._chance.random() < 0.4:
            gate.set()
            await asyncio.gather(*running)
        else:
            gate.clear()
            await asyncio.sleep(0)


def says(client: Client) -> None:
    """The model goes on from what it was asked, and was asked about text that was there at the time."""

    def answer(request: Request) -> Reply:
        assert isinstance(request, Complete)
        text = continuation(request.prefix)
        found = [Suggestion(text=text, probability=0.5)] if text else []
        return Completion(id=request.id, suggestions=found, model="m@base")

    client.daemon.answers["Complete"] = answer


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("seed", range(6))
async def test_nothing_stale_and_nothing_at_a_wrong_place(seed: int, encoding: str) -> None:
    client, chance = Client(), random.Random(seed)
    says(client)
    await client.start(encoding=encoding)
    replay = Replay(client, Pace(client, chance).wait, Tally(), chance)
    for number in range(2):
        client.daemon.gate.set()
        await replay.play(made(seed * 10 + number, EVENTS))
    await client.leave()
    tally = replay.tally
    assert (tally.stale, tally.wrong) == ([], []), str(tally)
    assert tally.requests > EVENTS // 3 and tally.shown > 20 and tally.late > 10, str(tally)


async def test_every_item_goes_on_from_the_text_before_it() -> None:
    """Also from memory: what is typed along is the rest of what the model said, never of what it said elsewhere."""
    client, chance = Client(), random.Random(99)
    says(client)
    await client.start()
    seen: list[tuple[str, str]] = []
    replay = Replay(client, Pace(client, chance).wait, Tally(), chance)
    judge = client.on_answer

    def look(id: int, result: Any) -> None:
        asked = replay.asked(id)
        if asked is not None and isinstance(result, dict):
            seen.extend((asked.text[: asked.offset], item["command"]["arguments"][1]) for item in result["items"])
        judge(id, result)

    client.on_answer = look
    await replay.play(made(99, 400), URI)
    assert len(seen) > 20
    for before, suggested in seen:
        plain = before.replace("\r\n", "\n").replace("\r", "\n")
        starts = (plain[: len(plain) - typed] for typed in range(20))
        assert any(continuation(start) == plain[len(start) :] + suggested for start in starts), (before, suggested)
