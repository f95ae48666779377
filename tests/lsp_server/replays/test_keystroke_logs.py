"""Logs of people writing, at their own pace, against the real daemon and its model: run by `make soak`.

SHADOWPEN_KEYSTROKE_LOGS names a folder of sessions (*.jsonl, see sessions.py); without it made ones are played.
SHADOWPEN_KEYSTROKE_MINUTES is for how long (2), SHADOWPEN_KEYSTROKE_PACE how much faster than life (8).
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.wire.async_client import AsyncClient

from .driver import Client
from .sessions import Event, Replay, Tally, made, read

# Read before any test clears it.
_FOLDER = os.environ.get("SHADOWPEN_KEYSTROKE_LOGS")
_MINUTES = float(os.environ.get("SHADOWPEN_KEYSTROKE_MINUTES") or 2)
_PACE = float(os.environ.get("SHADOWPEN_KEYSTROKE_PACE") or 8)
_LONGEST_GAP_MS = 3_000.0  # of which nothing is learned by waiting longer
_PATIENCE_S = 60.0
_MADE_EVENTS = 400


def _logs() -> Iterator[list[Event]]:
    """Those of the folder in an order that mixes the writers; else made ones without end."""
    if _FOLDER:
        paths = [path for path in sorted(Path(_FOLDER).glob("*.jsonl")) if path.name != "index.jsonl"]
        random.Random(1).shuffle(paths)
        yield from map(read, paths)
    else:
        yield from (made(seed, _MADE_EVENTS) for seed in range(sys.maxsize))


async def _wait(gap_ms: float, running: list[asyncio.Future[Any]]) -> None:
    """As long as the writer did, or less where all answers are there."""
    limit_s = _PATIENCE_S if math.isinf(gap_ms) else min(gap_ms, _LONGEST_GAP_MS) / 1000 / _PACE
    if running:
        await asyncio.wait(running, timeout=limit_s)
    else:
        await asyncio.sleep(0)


@pytest.mark.soak
@pytest.mark.real_model
@pytest.mark.timeout(60 * _MINUTES + 600)
async def test_nothing_stale_and_nothing_at_a_wrong_place(
    home: Path, real_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(real_model))
    daemon = AsyncClient("keystroke logs")
    client, tally = Client(daemon), Tally()
    await client.start()
    until = time.monotonic() + 60 * _MINUTES
    replay = Replay(client, _wait, tally, random.Random(1), enough=lambda: time.monotonic() > until)
    for log in _logs():
        if time.monotonic() > until:
            break
        await replay.play(log)
    await client.leave()
    print(tally)
    assert tally.requests and tally.shown
    assert (tally.stale, tally.wrong) == ([], []), str(tally)
