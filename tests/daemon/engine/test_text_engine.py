"""daemon/engine/text_engine.py: what the engine puts in, the task takes out, and both may end it."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.engine.text_engine import TextPiece, TextStream

A, B = TextPiece("a"), TextPiece("b")


def woken(stream: TextStream) -> list[str]:
    """What `when_ready` does from now on."""
    calls: list[str] = []
    stream.when_ready(lambda: calls.append("woken"))
    return calls


def test_whoever_waits_is_woken_once() -> None:
    stream = TextStream()
    calls = woken(stream)
    assert calls == []
    stream.put(A)
    stream.put(B)
    assert calls == ["woken"]
    assert stream.take() == [A, B]
    assert not stream.ended


def test_nobody_waits_for_what_is_there_already() -> None:
    stream = TextStream()
    stream.put(A)
    assert woken(stream) == ["woken"]


def test_an_end_wakes_and_is_seen_when_all_is_taken() -> None:
    stream = TextStream()
    calls = woken(stream)
    stream.put(A)
    stream.finish()
    assert calls == ["woken"] and not stream.ended
    stream.take()
    assert stream.ended


def test_a_failure_comes_behind_what_was_written() -> None:
    stream = TextStream()
    stream.put(A)
    stream.fail(ServerFailed("gone"))
    assert stream.take() == [A]
    with pytest.raises(ServerFailed, match="gone"):
        stream.take()


def test_the_engine_is_told_that_nobody_reads_on_even_if_it_was_not_listening_yet() -> None:
    told: list[int] = []
    stream = TextStream()
    stream.on_close(lambda: told.append(1))
    stream.close()
    late = TextStream()
    late.close()
    late.on_close(lambda: told.append(2))
    assert told == [1, 2]


def test_what_comes_after_the_end_is_dropped() -> None:
    stream = TextStream()
    stream.close()
    stream.put(A)
    assert stream.take() == []
    ended = TextStream()
    ended.finish()
    ended.put(A)
    ended.fail(ServerFailed("late"))
    assert ended.take() == [] and ended.ended
