"""daemon/engine/window.py: after a jump the last words answer, and the window is read behind that."""

from __future__ import annotations

import math

import pytest
from support.models.scripted_model import ScriptedEngine

from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.engine.window import NEAR, NEAR_TOKENS, close, is_out_of_reach, near_window, widen

TEXT = list(range(10, 1010))


@pytest.fixture
def sessions() -> SessionPool:
    pool = SessionPool(ScriptedEngine([1, 2], 20_000, 0), 1 << 30)
    for _ in range(50):
        pool.pace.took(100, 0.1)  # a millisecond a token
    return pool


def read(sessions: SessionPool, document: str, ids: list[int]) -> None:
    for _ in sessions.get(document).reach(ids):
        pass


def test_a_window_that_has_been_read_is_within_reach(sessions: SessionPool) -> None:
    assert is_out_of_reach(sessions, "d", TEXT, 0.06)
    assert not is_out_of_reach(sessions, "d", TEXT, 10.0)
    assert not is_out_of_reach(sessions, "d", TEXT, math.inf)
    read(sessions, "d", TEXT[:-5])
    assert not is_out_of_reach(sessions, "d", TEXT, 0.06)


def test_a_few_words_are_read_however_late_it_is(sessions: SessionPool) -> None:
    assert not is_out_of_reach(sessions, "d", TEXT[:NEAR_TOKENS], 0.0)


def test_the_near_window_is_short_and_stands_while_one_types(sessions: SessionPool) -> None:
    first = near_window(sessions, "d", TEXT[:500], [])
    assert first == TEXT[500 - NEAR_TOKENS : 500]
    read(sessions, "d" + NEAR, first)
    for length in range(501, 560):
        window = near_window(sessions, "d", TEXT[:length], [])
        assert window == TEXT[500 - NEAR_TOKENS : length]
    assert near_window(sessions, "d", TEXT[:900], []) == TEXT[900 - NEAR_TOKENS : 900]


def test_it_begins_with_what_every_window_begins_with(sessions: SessionPool) -> None:
    ids = [3, *TEXT]
    window = near_window(sessions, "d", ids, [3])
    assert window == [3, *TEXT[-NEAR_TOKENS:]]
    read(sessions, "d" + NEAR, window)
    assert near_window(sessions, "d", [*ids, 5], [3]) == [*window, 5]
    assert near_window(sessions, "e", [3, 10], [3]) == [3, 10]


def test_widening_reads_the_window_and_lets_the_near_cache_go(sessions: SessionPool) -> None:
    read(sessions, "d" + NEAR, near_window(sessions, "d", TEXT, []))
    for _ in widen(sessions, "d", TEXT):
        pass
    assert sessions.get("d").reusable(TEXT) == len(TEXT)
    assert len(sessions) == 1


def test_a_closed_document_leaves_none(sessions: SessionPool) -> None:
    read(sessions, "d" + NEAR, TEXT[:20])
    close(sessions, "d")
    assert len(sessions) == 0
