import itertools

import pytest
from support.models.scripted_model import ScriptedEngine

from shadowpen.daemon.engine.session_pool import SessionPool
from shadowpen.daemon.engine.window import HOP_TOKENS, close, find, open_window, read_ahead

LIMIT = 1024
BOS = 9999


@pytest.fixture
def sessions() -> SessionPool:
    return SessionPool(ScriptedEngine([1, 2], 20_000, 0), 1 << 30)


def read(sessions: SessionPool, ids: list[int]) -> None:
    for _ in sessions.get("d").reach(ids, 512):
        pass


def test_a_short_text_is_seen_whole(sessions: SessionPool) -> None:
    assert open_window(sessions, "d", list(range(1, 500)), LIMIT) == list(range(1, 500))


def test_the_start_stays_while_the_text_grows_and_then_hops(sessions: SessionPool) -> None:
    text = list(range(1, 6000))
    starts = []
    for length in range(900, 3000, 10):
        window = open_window(sessions, "d", text[:length], LIMIT)
        read(sessions, window)
        assert window[-1] == length
        assert len(window) <= LIMIT
        starts.append(window[0])
    moves = sum(a != b for a, b in itertools.pairwise(starts))
    assert moves <= (3000 - 900) // (HOP_TOKENS - 10) + 1


def test_it_does_not_matter_where_the_client_cuts_its_text(sessions: SessionPool) -> None:
    text = list(range(1, 3000))
    window = open_window(sessions, "d", text[:2000], LIMIT)
    read(sessions, window)
    assert open_window(sessions, "d", text[700:2010], LIMIT)[0] == window[0]


def test_the_next_window_is_read_before_it_is_needed(sessions: SessionPool) -> None:
    text = list(range(1, 3000))
    window = open_window(sessions, "d", text[:1000], LIMIT)
    read(sessions, window)
    for _ in read_ahead(sessions, "d", window, LIMIT):
        pass
    moved = open_window(sessions, "d", text[:1030], LIMIT)
    assert len(moved) < LIMIT
    assert sessions.get("d").reusable(moved) >= len(moved) - 40


def test_nothing_is_read_ahead_while_there_is_room(sessions: SessionPool) -> None:
    assert list(read_ahead(sessions, "d", list(range(500)), LIMIT)) == []
    assert len(sessions) == 0


def test_every_window_begins_with_what_the_model_wants_first(sessions: SessionPool) -> None:
    text = list(range(1, 6000))
    starts = set()
    for length in range(900, 3000, 10):
        window = open_window(sessions, "d", [BOS, *text[:length]], LIMIT, [BOS])
        assert window[0] == BOS
        assert window[-1] == length
        assert len(window) <= LIMIT
        assert window[1:] == text[window[1] - 1 : length], "nothing lacks in between"
        read(sessions, window)
        for _ in read_ahead(sessions, "d", window, LIMIT, [BOS]):
            pass
        starts.add(window[1])
    assert 2 <= len(starts) <= (3000 - 900) // (HOP_TOKENS - 110) + 1
    assert sessions.get("d").ids[0] == BOS


def test_a_window_read_ahead_begins_so_too_and_is_taken(sessions: SessionPool) -> None:
    text = list(range(1, 3000))
    window = open_window(sessions, "d", [BOS, *text[:1000]], LIMIT, [BOS])
    read(sessions, window)
    for _ in read_ahead(sessions, "d", window, LIMIT, [BOS]):
        pass
    moved = open_window(sessions, "d", [BOS, *text[:1030]], LIMIT, [BOS])
    assert moved[0] == BOS
    assert moved[1] > 1
    assert sessions.get("d").reusable(moved) >= len(moved) - 40


def test_an_empty_text_is_only_the_beginning(sessions: SessionPool) -> None:
    assert open_window(sessions, "d", [BOS], LIMIT, [BOS]) == [BOS]


def test_closing_drops_both_windows(sessions: SessionPool) -> None:
    window = open_window(sessions, "d", list(range(1, 1001)), LIMIT)
    read(sessions, window)
    for _ in read_ahead(sessions, "d", window, LIMIT):
        pass
    close(sessions, "d")
    assert len(sessions) == 0


def test_find() -> None:
    assert find([1, 2, 3, 2, 3, 4], [2, 3, 4]) == 3
    assert find([1, 2], [2, 1]) is None
    assert find([1, 2], []) is None
