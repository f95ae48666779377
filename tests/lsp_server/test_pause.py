from __future__ import annotations

import asyncio

from shadowpen.lsp_server.pause import Pause


async def test_without_a_number_it_toggles() -> None:
    heard: list[str] = []
    pause = Pause(heard.append)
    pause.set(None)
    assert pause.active
    pause.set(None)
    assert not pause.active
    assert heard == ["Suggestions are paused.", ""]


async def test_a_pause_of_some_minutes_ends_by_itself() -> None:
    ended = asyncio.Event()
    pause = Pause(lambda message: None if message else ended.set())
    pause.set(0.0005)
    assert pause.active
    await asyncio.wait_for(ended.wait(), 10)
    assert not pause.active


async def test_zero_goes_on_and_a_new_pause_replaces_the_old() -> None:
    pause = Pause(lambda _: None)
    pause.set(60)
    first = pause._timer
    pause.set(90)
    assert first is not None
    assert first.cancelled()
    assert pause.active
    pause.set(0)
    assert not pause.active
    assert pause._timer is None
