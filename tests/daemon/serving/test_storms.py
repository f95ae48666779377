from __future__ import annotations

from shadowpen.daemon.serving.storms import Storms


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_fast_writer_raises_no_storm() -> None:
    clock = Clock()
    storms = Storms(clock)
    for _ in range(300):
        storms.abandoned(b"writer")
        clock.now_s += 1 / 30
    assert not storms.rages(b"writer")


def test_a_client_that_takes_everything_back_does_and_alone() -> None:
    storms = Storms(Clock())
    for _ in range(100):
        storms.abandoned(b"storm")
    assert storms.rages(b"storm")
    assert not storms.rages(b"writer")


def test_it_blows_over() -> None:
    clock = Clock()
    storms = Storms(clock)
    for _ in range(1000):
        storms.abandoned(b"storm")
    clock.now_s += 5.0
    assert not storms.rages(b"storm")


def test_a_client_that_went_is_forgotten() -> None:
    storms = Storms(Clock())
    for _ in range(100):
        storms.abandoned(b"storm")
    storms.forget(b"storm")
    assert not storms.rages(b"storm")
