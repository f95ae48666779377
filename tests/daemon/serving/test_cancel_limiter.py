from __future__ import annotations

from shadowpen.daemon.serving.cancel_limiter import CancelLimiter


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_fast_writer_raises_no_storm() -> None:
    clock = Clock()
    limiter = CancelLimiter(clock)
    for _ in range(300):
        limiter.abandoned(b"writer")
        clock.now_s += 1 / 30
    assert not limiter.is_throttled(b"writer")


def test_a_client_that_takes_everything_back_does_and_alone() -> None:
    limiter = CancelLimiter(Clock())
    for _ in range(100):
        limiter.abandoned(b"storm")
    assert limiter.is_throttled(b"storm")
    assert not limiter.is_throttled(b"writer")


def test_it_blows_over() -> None:
    clock = Clock()
    limiter = CancelLimiter(clock)
    for _ in range(1000):
        limiter.abandoned(b"storm")
    clock.now_s += 5.0
    assert not limiter.is_throttled(b"storm")


def test_a_client_that_went_is_forgotten() -> None:
    limiter = CancelLimiter(Clock())
    for _ in range(100):
        limiter.abandoned(b"storm")
    limiter.forget(b"storm")
    assert not limiter.is_throttled(b"storm")
