from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from shadowpen.daemon.wire.protocol import PauseWish
from shadowpen.daemon.wire.reports import AttentionState
from shadowpen.lsp_server.session.pause import Pause

NOON = datetime(2026, 3, 1, 12).timestamp()


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


def pause(clock: Clock | None = None) -> Pause:
    return Pause(lambda: None, clock or Clock())


async def test_a_pause_of_some_minutes_ends_by_itself() -> None:
    ended = asyncio.Event()
    paused = Pause(lambda: None if paused.active else ended.set())
    paused.order(0.0005)
    assert paused.active
    await asyncio.wait_for(ended.wait(), 10)
    assert paused.until is None


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (30, "Suggestions are paused until 12:30."),
        (24 * 60, "Suggestions are paused until Monday, 12:00."),
        ("tomorrow", "Suggestions are paused until Monday, 05:00."),
        ("on", "Suggestions are paused."),
        (0, ""),
    ],
)
async def test_what_the_author_is_told(wish: PauseWish, sentence: str) -> None:
    paused = pause()
    paused.order(wish)
    assert paused.sentence == sentence
    paused.close()


async def test_a_sleep_of_the_machine_counts() -> None:
    clock = Clock()
    paused = pause(clock)
    paused.order(30)
    clock.now += 1800
    assert not paused.active
    assert not paused.silences(explicit=False)
    paused.close()


async def test_a_new_pause_replaces_the_old() -> None:
    paused = pause()
    paused.order(60)
    paused.order("on")
    assert (paused.active, paused.until) == (True, None)
    paused.order(0)
    assert not paused.active


@pytest.mark.parametrize(("wish", "manual"), [("on", None), (0, True)])
async def test_only_who_asks_is_answered(wish: PauseWish, manual: bool | None) -> None:
    silent = pause()
    silent.order(wish, manual)
    assert silent.silences(explicit=False)
    assert not silent.silences(explicit=True)


async def test_what_is_untold_is_known_in_the_words_of_the_protocol() -> None:
    clock = Clock()
    silent = pause(clock)
    assert silent.wish() == (None, None)
    silent.order(manual=True)
    assert silent.wish() == (None, True)
    silent.order(30)
    clock.now += 600
    assert silent.wish() == (20, True)
    silent.order("on")
    assert silent.wish() == ("on", True)
    silent.order(0, False)
    assert silent.wish() == (0, False)


async def test_the_daemon_is_heard_once_it_knows_all() -> None:
    silent = pause()
    silent.order("on")
    told = AttentionState(manual_only=True)
    silent.heed(told)
    assert (silent.active, silent.manual) == (True, False)
    silent.untold = frozenset()
    silent.heed(told)
    assert (silent.active, silent.manual) == (False, True)
    silent.heed(AttentionState(paused=True, paused_until=NOON + 60))
    assert (silent.active, silent.until, silent.manual) == (True, NOON + 60, False)
    silent.close()


async def test_a_daemon_that_says_nothing_of_it_changes_nothing() -> None:
    silent = pause()
    silent.order("on")
    silent.untold = frozenset()
    silent.heed(None)
    assert silent.active
