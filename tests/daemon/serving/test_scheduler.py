"""daemon/serving/scheduler.py: priorities, latest wins, turns, background, cancellation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shadowpen.daemon.engine.text_engine import Await
from shadowpen.daemon.serving.scheduler import CancelLimiter, Job, NoAnswer, Priority, Scheduler


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


GHOST, CONTINUE, BACKGROUND = Priority


class Work:
    """A generator's worth of steps that can be watched: `steps` before the answer, `after` behind it."""

    def __init__(self, name: str, log: list[str], steps: int = 0, after: int = 0, parts: int = 0) -> None:
        self.name, self.log, self.steps, self.after, self.parts = name, log, steps, after, parts
        self.closed = False

    def __call__(self) -> Iterator[str | None]:
        try:
            for _ in range(self.steps):
                self.log.append(self.name)
                yield None
            for number in range(self.parts):
                self.log.append(self.name)
                yield f"part {number}"
            self.log.append(self.name)
            yield f"{self.name} final"
            for _ in range(self.after):
                self.log.append(f"{self.name}+")
                yield None
        finally:
            self.closed = True


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def scheduler() -> Scheduler[Job]:
    return Scheduler(lambda reply: "final" in reply)


def job(work: Work, client: bytes = b"a", document: str = "d", priority: Priority = GHOST) -> Job:
    return Job(client=client, id=work.name, document=document, priority=priority, start=work)


def run(scheduler: Scheduler[Job], most: int = 1000) -> list[str]:
    """All replies until nothing is left to do."""
    replies = []
    for _ in range(most):
        step = scheduler.step()
        if step is None:
            return replies
        assert step.error is None
        if step.reply is not None:
            replies.append(step.reply)
    raise AssertionError("never idle")


def test_idle(scheduler: Scheduler[Job]) -> None:
    assert scheduler.step() is None
    assert not scheduler


def test_a_job_runs_to_its_end(scheduler: Scheduler[Job], log: list[str]) -> None:
    work = Work("x", log, steps=2, parts=2, after=1)
    scheduler.submit(job(work))
    assert run(scheduler) == ["part 0", "part 1", "x final"]
    assert log == ["x"] * 5 + ["x+"]
    assert work.closed
    assert not scheduler


def test_nothing_runs_before_its_first_step(scheduler: Scheduler[Job], log: list[str]) -> None:
    scheduler.submit(job(Work("x", log)))
    assert log == []


def test_ghost_text_goes_before_continuing_and_that_before_background(
    scheduler: Scheduler[Job], log: list[str]
) -> None:
    scheduler.submit(job(Work("prepare", log, steps=1), document="1", priority=BACKGROUND))
    scheduler.submit(job(Work("continue", log, steps=3), document="2", priority=CONTINUE))
    scheduler.step()
    scheduler.submit(job(Work("ghost", log, steps=1), document="3", priority=GHOST))
    run(scheduler)
    assert log == ["continue"] + ["ghost"] * 2 + ["continue"] * 3 + ["prepare"] * 2


def test_work_behind_an_answer_goes_last(scheduler: Scheduler[Job], log: list[str]) -> None:
    scheduler.submit(job(Work("ghost", log, after=2), document="1"))
    scheduler.submit(job(Work("continue", log, steps=1), document="2", priority=CONTINUE))
    run(scheduler)
    assert log == ["ghost", "continue", "continue", "ghost+", "ghost+"]


def test_clients_take_turns(scheduler: Scheduler[Job], log: list[str]) -> None:
    for client in (b"a", b"b", b"c"):
        for number in range(2):
            work = Work(f"{client.decode()}{number}", log, steps=1)
            scheduler.submit(job(work, client, document=f"{number}"))
    run(scheduler)
    assert log == ["a0", "b0", "c0", "a0", "b0", "c0", "a1", "b1", "c1", "a1", "b1", "c1"]


def test_a_client_that_asks_all_the_time_leaves_room(scheduler: Scheduler[Job], log: list[str]) -> None:
    scheduler.submit(job(Work("patient", log, steps=5), b"b"))
    for number in range(6):
        scheduler.submit(job(Work(f"greedy{number}", log), b"a", document=str(number)))
    run(scheduler)
    assert log[:4] == ["patient", "greedy0", "patient", "greedy1"]


def test_the_latest_completion_of_a_document_wins(scheduler: Scheduler[Job], log: list[str]) -> None:
    first = Work("1", log, steps=5)
    old = job(first)
    scheduler.submit(old)
    scheduler.step()
    assert scheduler.submit(job(Work("2", log))) == [old]
    assert first.closed
    assert run(scheduler) == ["2 final"]


@pytest.mark.parametrize(
    ("client", "document", "priority"),
    [(b"b", "d", GHOST), (b"a", "other", GHOST), (b"a", "d", CONTINUE)],
    ids=["another client", "another document", "a continuation"],
)
def test_what_a_completion_leaves_alone(
    scheduler: Scheduler[Job], log: list[str], client: bytes, document: str, priority: Priority
) -> None:
    scheduler.submit(job(Work("old", log), client, document, priority))
    assert scheduler.submit(job(Work("new", log))) == []
    assert set(run(scheduler)) == {"old final", "new final"}


def test_a_completion_makes_a_preparation_pointless(scheduler: Scheduler[Job], log: list[str]) -> None:
    prepare = job(Work("prepare", log), priority=BACKGROUND)
    scheduler.submit(prepare)
    assert scheduler.submit(job(Work("ghost", log))) == [prepare]


def test_a_newer_preparation_replaces_the_older_and_nothing_else(scheduler: Scheduler[Job], log: list[str]) -> None:
    ghost, prepare = job(Work("ghost", log)), job(Work("p1", log), priority=BACKGROUND)
    scheduler.submit(ghost)
    scheduler.submit(prepare)
    assert scheduler.submit(job(Work("p2", log), priority=BACKGROUND)) == [prepare]
    assert run(scheduler) == ["ghost final", "p2 final"]


def test_a_completion_drops_what_goes_on_behind_an_answer_of_its_client_alone(
    scheduler: Scheduler[Job], log: list[str]
) -> None:
    own, other = Work("own", log, after=100), Work("other", log, after=2)
    for work, client in ((own, b"a"), (other, b"b")):
        scheduler.submit(job(work, client))
        scheduler.step()
        scheduler.step()
    assert scheduler.submit(job(Work("new", log), b"a")) == []  # it had its answer: nobody is to be told
    assert own.closed and not other.closed
    assert run(scheduler) == ["new final"]
    assert log.count("other+") == 2


def test_a_preparation_lets_the_work_behind_an_answer_go_on(scheduler: Scheduler[Job], log: list[str]) -> None:
    tail = Work("tail", log, after=3)
    scheduler.submit(job(tail))
    scheduler.step()
    scheduler.submit(job(Work("prepare", log), priority=BACKGROUND))
    run(scheduler)
    assert log.count("tail+") == 3


def test_who_leaves_no_time_between_documents_leaves_no_work_behind_them(
    scheduler: Scheduler[Job], log: list[str]
) -> None:
    works = [Work(f"x{number}", log, after=1) for number in range(20)]
    for number, work in enumerate(works):
        scheduler.submit(job(work, document=f"d{number}"))
        while scheduler.step() is not None and f"x{number}" not in log:
            pass
    assert len(scheduler) == 4
    assert [work.closed for work in works] == [True] * 16 + [False] * 4
    run(scheduler)
    assert [entry for entry in log if "+" in entry] == ["x16+", "x17+", "x18+", "x19+"]


def test_cancelling_closes_the_work(scheduler: Scheduler[Job], log: list[str]) -> None:
    work = Work("x", log, steps=5)
    scheduler.submit(job(work))
    scheduler.step()
    held = scheduler.find(b"a", "x")
    assert held is not None
    assert scheduler.drop([held]) == [held]
    assert work.closed
    assert scheduler.find(b"a", "x") is None
    assert scheduler.drop([held]) == []  # a second time it is nobody's


def test_dropping_a_client(scheduler: Scheduler[Job], log: list[str]) -> None:
    mine = [job(Work(name, log), b"a", document=name, priority=CONTINUE) for name in ("1", "2")]
    other = job(Work("3", log), b"b", document="1")
    for one in (*mine, other):
        scheduler.submit(one)
    assert scheduler.drop_client(b"a", "1") == [mine[0]]
    assert scheduler.drop_client(b"a") == [mine[1]]
    assert scheduler.jobs == [other]


def test_one_id_one_job(scheduler: Scheduler[Job], log: list[str]) -> None:
    scheduler.submit(job(Work("x", log, after=5)))
    with pytest.raises(ValueError, match="x"):
        scheduler.submit(job(Work("x", log), document="other"))
    scheduler.step()  # answered: the id is free again, and the work behind the answer makes room
    scheduler.submit(job(Work("x", log), document="other"))
    assert len(scheduler) == 1


def test_an_error_ends_the_job_alone(scheduler: Scheduler[Job], log: list[str]) -> None:
    def failing() -> Iterator[str]:
        raise OSError("disk")
        yield

    broken = Job(b"a", "broken", "d", GHOST, failing)
    scheduler.submit(broken)
    scheduler.submit(job(Work("fine", log), b"b"))
    step = scheduler.step()
    assert step is not None and step.job is broken and isinstance(step.error, OSError)
    assert run(scheduler) == ["fine final"]


def test_an_error_before_the_first_step_counts_too(scheduler: Scheduler[Job]) -> None:
    def unstartable() -> Iterator[str]:
        raise OSError("disk")

    scheduler.submit(Job(b"a", "x", "d", GHOST, unstartable))
    step = scheduler.step()
    assert step is not None and isinstance(step.error, OSError)
    assert not scheduler


def test_an_end_without_an_answer_is_an_error(scheduler: Scheduler[Job]) -> None:
    scheduler.submit(Job(b"a", "x", "d", GHOST, lambda: iter([None])))
    scheduler.step()
    step = scheduler.step()
    assert step is not None and isinstance(step.error, NoAnswer)


def test_a_job_answers_once(scheduler: Scheduler[Job]) -> None:
    scheduler.submit(Job(b"a", "x", "d", GHOST, lambda: iter(["1 final", "2 final"])))
    assert run(scheduler) == ["1 final"]


def test_a_job_that_fails_while_it_is_dropped_harms_nobody(scheduler: Scheduler[Job], log: list[str]) -> None:
    def stubborn() -> Iterator[None]:
        try:
            while True:
                yield None
        finally:
            raise OSError("no")

    scheduler.submit(Job(b"a", "x", "d", GHOST, stubborn))
    scheduler.step()
    scheduler.submit(job(Work("new", log)))
    assert run(scheduler) == ["new final"]


def test_a_storm_of_cancellations_leaves_nothing(scheduler: Scheduler[Job], log: list[str]) -> None:
    for number in range(1000):
        one = job(Work(str(number), log, steps=3), document=str(number % 7))
        scheduler.submit(one)
        scheduler.step()
        scheduler.drop([one])
    assert not scheduler
    assert scheduler.step() is None


def test_a_resting_job_has_no_turn_until_it_is_woken(scheduler: Scheduler[Job], log: list[str]) -> None:
    rests = job(Work("1", log))
    rests.resting = True
    scheduler.submit(rests)
    assert not scheduler.has_steps and scheduler.step() is None
    scheduler.wake(rests)
    assert scheduler.has_steps and run(scheduler) == ["1 final"]


def test_a_resting_job_can_be_dropped_and_stays_so(scheduler: Scheduler[Job], log: list[str]) -> None:
    rests = job(Work("1", log))
    rests.resting = True
    scheduler.submit(rests)
    assert scheduler.submit(job(Work("2", log))) == [rests]
    scheduler.wake(rests)
    assert run(scheduler) == ["2 final"] and log == ["2"]


def test_a_job_that_waits_has_no_turn_until_it_is_woken(scheduler: Scheduler[Job], log: list[str]) -> None:
    awaited = Await(lambda wake: None)

    def steps() -> Iterator[Any]:
        yield awaited
        yield "waiting final"
        yield awaited
        log.append("behind")

    waiting = Job(client=b"a", id="waiting", document="d", priority=GHOST, start=steps)
    scheduler.submit(waiting)
    scheduler.submit(job(Work("other", log), document="e"))
    step = scheduler.step()
    assert step is not None and step.reply is awaited
    assert run(scheduler) == ["other final"]
    scheduler.wake(waiting)
    assert run(scheduler) == ["waiting final", awaited]
    assert scheduler and not scheduler.has_steps
    scheduler.wake(waiting)
    assert run(scheduler) == [] and log[-1] == "behind"


def test_a_job_that_waits_is_dropped_with_its_work(scheduler: Scheduler[Job]) -> None:
    ended: list[bool] = []

    def steps() -> Iterator[Any]:
        try:
            yield Await(lambda wake: None)
        finally:
            ended.append(True)

    waiting = Job(client=b"a", id="waiting", document="d", priority=GHOST, start=steps)
    scheduler.submit(waiting)
    scheduler.step()
    assert scheduler.drop_client(b"a") == [waiting]
    assert ended == [True] and not scheduler
