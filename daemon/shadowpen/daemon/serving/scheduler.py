"""Choose the job of the next step: ghost text first, newest request first, clients in turn.

A job is a generator; one `next()` of it is one step. A job that waits for others rests until it is woken. Jobs whose
answer has gone out go on at background priority. This file knows neither text nor tokens nor clocks (a deadline is the
job's own affair), holds no thread and no lock: one thread drives it.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, NamedTuple, TypeVar

from shadowpen.daemon.engine.text_engine import Await

# Detect clients that cancel nearly all of their requests, faster than anyone types.
#
# Their next requests are let rest for a moment, in which most are taken back again: so the model works for those who
# wait for their answers.
_FADES_S = 1.0
_AT_ONCE = 40.0  # taken back within about a second; a key held down comes to 30


class CancelLimiter:
    """Finds clients that cancel nearly all of their requests.

    Counts what each client took back unanswered, the newest counting most; `clock` in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[bytes, tuple[float, float]] = {}  # client → count, and when it was so

    def abandoned(self, client: bytes) -> None:
        """A request of `client` was dropped before its answer."""
        self._counts[client] = (self._count(client) + 1.0, self._clock())

    def is_throttled(self, client: bytes) -> bool:
        """Whether the next request of `client` will most likely be taken back as well."""
        return self._count(client) > _AT_ONCE

    def forget(self, client: bytes) -> None:
        self._counts.pop(client, None)

    def _count(self, client: bytes) -> float:
        count, then_s = self._counts.get(client, (0.0, 0.0))
        return count * math.exp((then_s - self._clock()) / _FADES_S) if count else 0.0


# Answered jobs that go on. Each holds its document's caches, and somebody who opens one document after another leaves
# no time between them; a document whose job is dropped goes on being read when it is asked for again.
_MOST_BEHIND = 4


class Priority(IntEnum):
    """Priority of a job; the lowest goes first."""

    GHOST = 0
    CONTINUE = 1
    BACKGROUND = 2


@dataclass(eq=False)
class Job:
    """A request in the queue.

    One request's work. `start` makes the generator at its first step; it yields None to go on, a reply, or Await:
    then it rests.

    While `resting` it does no step: it is there to be dropped, until `Scheduler.wake`.
    """

    client: bytes
    id: str
    document: str
    priority: Priority
    start: Callable[[], Iterator[Any]]
    answered: bool = False
    resting: bool = False
    steps: Iterator[Any] | None = field(default=None, repr=False)


AnyJob = TypeVar("AnyJob", bound=Job)


class JobStep(NamedTuple, Generic[AnyJob]):
    """What one step brought: a reply to send, Await, an error that ended the job before its answer, or nothing."""

    job: AnyJob
    reply: Any = None
    error: Exception | None = None


class NoAnswer(Exception):
    """A job came to its end without an answer."""


class Scheduler(Generic[AnyJob]):
    """The queue of requests.

    Holds the jobs; `is_final` tells a job's last reply from those before it.

    Methods that drop jobs return those that were still owed an answer.
    """

    def __init__(self, is_final: Callable[[Any], bool]) -> None:
        self._is_final = is_final
        self._jobs: dict[tuple[bytes, str], AnyJob] = {}
        # By client and document: a document is its client's own.
        self._documents: dict[tuple[bytes, str], dict[AnyJob, None]] = {}
        # For each priority the clients in turn, each with its jobs in order of arrival.
        self._rings: dict[Priority, OrderedDict[bytes, dict[AnyJob, None]]] = {p: OrderedDict() for p in Priority}

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def jobs(self) -> list[AnyJob]:
        return list(self._jobs.values())

    @property
    def has_steps(self) -> bool:
        """Whether there is a job that does not rest."""
        return any(self._rings.values())

    def find(self, client: bytes, job_id: str) -> AnyJob | None:
        return self._jobs.get((client, job_id))

    def _on_document_of(self, job: AnyJob) -> list[AnyJob]:
        return list(self._documents.get((job.client, job.document), ()))

    def submit(self, job: AnyJob) -> list[AnyJob]:
        """Take `job` in, dropping what it makes pointless. ValueError while an unanswered job has its id."""
        namesake = self.find(job.client, job.id)
        if namesake is not None and not namesake.answered:
            raise ValueError(job.id)
        old = [other for other in self._on_document_of(job) if _displaces(job, other)]
        dropped = self.drop([*old, *([namesake] if namesake else [])])
        self._jobs[job.client, job.id] = job
        self._documents.setdefault((job.client, job.document), {})[job] = None
        if not job.resting:
            self._enqueue(job)
        return dropped

    def wake(self, job: AnyJob) -> None:
        """Let `job`, if it is still held, have its turn."""
        if job.resting and self.find(job.client, job.id) is job:
            job.resting = False
            self._enqueue(job)

    def step(self) -> JobStep[AnyJob] | None:
        """Let the most urgent job do one step; None when there is nothing to do."""
        for ring in self._rings.values():
            if ring:
                client, jobs = next(iter(ring.items()))
                ring.move_to_end(client)
                return self._advance(next(iter(jobs)))
        return None

    def drop(self, jobs: list[AnyJob]) -> list[AnyJob]:
        """Forget `jobs` (those still held), wherever they stand."""
        held = list(dict.fromkeys(job for job in jobs if self._jobs.get((job.client, job.id)) is job))
        for job in held:
            self._forget(job)
        return [job for job in held if not job.answered]

    def drop_client(self, client: bytes, document: str | None = None) -> list[AnyJob]:
        """Forget the jobs of `client`, or only those on `document`."""
        return self.drop([job for job in self.jobs if job.client == client and document in (None, job.document)])

    def _advance(self, job: AnyJob) -> JobStep[AnyJob]:
        try:
            if job.steps is None:
                job.steps = job.start()
            reply = next(job.steps)
        except StopIteration:
            self._forget(job)
            return JobStep(job, error=None if job.answered else NoAnswer())
        except Exception as error:
            self._forget(job)
            return JobStep(job, error=error)
        if isinstance(reply, Await):
            self._dequeue(job)
            job.resting = True
            return JobStep(job, reply)
        if reply is None or job.answered:
            return JobStep(job)
        if self._is_final(reply):
            self._dequeue(job)
            job.answered, job.priority = True, Priority.BACKGROUND
            self._enqueue(job)
            self.drop([held for held in self.jobs if held.answered][:-_MOST_BEHIND])
        return JobStep(job, reply)

    def _forget(self, job: AnyJob) -> None:
        del self._jobs[job.client, job.id]
        self._dequeue(job)
        document = job.client, job.document
        del self._documents[document][job]
        if not self._documents[document]:
            del self._documents[document]
        close = getattr(job.steps, "close", None)
        if close is not None:
            # What a job does wrong while it is dropped has nobody left to be told.
            with contextlib.suppress(Exception):
                close()

    def _enqueue(self, job: AnyJob) -> None:
        self._rings[job.priority].setdefault(job.client, {})[job] = None

    def _dequeue(self, job: AnyJob) -> None:
        if job.resting:
            return
        ring = self._rings[job.priority]
        del ring[job.client][job]
        if not ring[job.client]:
            del ring[job.client]


def _displaces(new: Job, old: Job) -> bool:
    """Whether `new` makes `old`, a job of the same client on the same document, pointless."""
    if new.priority is Priority.GHOST:
        return old.answered or old.priority is not Priority.CONTINUE
    return old.priority is new.priority is Priority.BACKGROUND and not old.answered
