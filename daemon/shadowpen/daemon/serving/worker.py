"""The thread that owns the model and the scheduler: one step at a time, commands in between.

Whatever other threads want (a request, a cancellation, a swap, the end) is put into its inbox and done between two
steps, so nothing here needs a lock. Requests wait while the model is loaded, and can be cancelled meanwhile.
Knows messages and no sockets.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import msgspec

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DeviceFailed, RequestCancelled, RequestInvalid, ShadowpenError
from shadowpen.daemon.base.logs import LOGGER, describe, printable
from shadowpen.daemon.engine.text_engine import Await
from shadowpen.daemon.serving.counters import Counters
from shadowpen.daemon.serving.model_slot import Load, Model, ModelRequest, ModelSlot
from shadowpen.daemon.serving.scheduler import CancelLimiter, Job, Priority, Scheduler
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.showing.suggestions import ServedSuggestion
from shadowpen.daemon.wire.protocol import (
    Complete,
    Completion,
    Continuation,
    Continue,
    Done,
    Event,
    Expand,
    Expansion,
    Failure,
    LogReport,
    Outcome,
    Partial,
    Prepare,
    Reply,
    RunVerb,
    StatusReport,
    VerbResult,
    Why,
)
from shadowpen.daemon.wire.reports import DaemonReport, ModelReport, ModelState

_LONGEST_WAIT_S = 3600.0  # what a lock waits must fit the system's clock
_STALE_S = 2.0  # a suggestion that begins later than that is for a text that is not there any more
_REST_S = 0.01  # the next request of a storm, or its cancellation, comes sooner

_PRIORITIES = {
    Complete: Priority.GHOST,
    Continue: Priority.CONTINUE,
    Expand: Priority.CONTINUE,
    RunVerb: Priority.CONTINUE,
    Prepare: Priority.BACKGROUND,
}


@dataclass(eq=False, kw_only=True)
class ModelJob(Job):
    """A request's job; times on the clock of time.perf_counter()."""

    request: ModelRequest
    received_s: float
    started_s: float = 0.0
    model: Model | None = None


class Worker:
    """The thread that runs the model.

    `post` sends a reply and `publish` an event, from any thread; `on_death` is called when it ends by an error.
    """

    def __init__(
        self,
        load: Load,
        config: Config,
        counters: Counters,
        judge: Judge,
        post: Callable[[bytes, Reply], None],
        publish: Callable[[Event], None],
        on_death: Callable[[], None],
    ) -> None:
        self._thread = threading.Thread(target=self._run, name="shadowpen-worker", daemon=True)
        self._counters, self._judge = counters, judge
        self._post, self._on_death = post, on_death
        self._inbox: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._scheduler: Scheduler[ModelJob] = Scheduler(lambda reply: not isinstance(reply, Partial))
        self._slot = ModelSlot(load, config, self._inbox.put, publish, self._model_changed)
        self._cancel_limiter = CancelLimiter()
        self._resting: list[tuple[float, int, ModelJob]] = []  # a heap: when to wake them, on the clock of monotonic()
        self._rests = itertools.count()
        self._busy_s = time.monotonic()
        self._stopping = False
        self._ready_s = 0.0  # since when the model answers, on the clock of time.perf_counter()
        self._slot.want()

    # --- called from other threads -----------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def submit(self, client: bytes, request: ModelRequest, received_s: float) -> None:
        self._put(client, request.id, partial(self._submit, client, request, received_s))

    def cancel(self, client: bytes, request_id: str, target: str) -> None:
        self._put(client, request_id, partial(self._cancel, client, request_id, target))

    def close_document(self, client: bytes, request_id: str, document: str) -> None:
        self._put(client, request_id, partial(self._close_document, client, request_id, document))

    def reload(self, client: bytes, request_id: str) -> None:
        self._inbox.put(partial(self._slot.reload, partial(self._reloaded, client, request_id)))

    def take_up(self) -> None:
        """Serve what the registry's `current` names now; nobody waits for it."""
        self._inbox.put(partial(self._slot.reload, lambda failure: None))

    def learn(self, client: bytes, outcome: Outcome) -> None:
        self._put(client, outcome.id, partial(self._learn, client, outcome))

    def explain(
        self, client: bytes, why: Why, explain: Callable[[bytes, Why, ServedSuggestion | None], object]
    ) -> None:
        """Have `explain` answer `why`, in the worker's thread, with the suggestion that it asks about."""
        self._put(client, why.id, lambda: explain(client, why, self._judge.suggestion(why.of)))

    def log(self, client: bytes, request_id: str, count: int) -> None:
        """Answer a Log."""
        self._put(
            client,
            request_id,
            lambda: self._post(client, LogReport(id=request_id, decisions=self._judge.log(count))),
        )

    def report(self, client: bytes, request_id: str, about_server: DaemonReport) -> None:
        """Answer a Status with `about_server` and what is known here."""
        self._put(client, request_id, partial(self._report, client, request_id, about_server))

    def forget_client(self, client: bytes) -> None:
        """Drop all jobs of a client that has gone."""
        self._inbox.put(lambda: self._forget_client(client))

    def stop(self, timeout_s: float) -> bool:
        """Cancel everything, free the model, end; False if that takes longer than `timeout_s`."""
        until = time.monotonic() + timeout_s
        self._inbox.put(self._end)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive() and self._slot.join(max(0.0, until - time.monotonic()))

    @property
    def is_busy(self) -> bool:
        """Whether there are jobs or a model is being loaded; from any thread."""
        return bool(self._scheduler) or self._slot.is_loading

    def state(self) -> ModelState:
        """Where the model stands, see ModelSlot.state."""
        return self._slot.state()

    def _put(self, client: bytes, request_id: str, work: Callable[[], object]) -> None:
        """Have what a client asked for done between two steps; what fails in it is answered, and ends nothing."""

        def guarded() -> None:
            try:
                work()
            except Exception as fault:
                LOGGER.error("request %s failed: %s", printable(request_id), describe(fault))
                self._fail(client, request_id, _inside())

        self._inbox.put(guarded)

    # --- the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._take_commands()
                if self._slot.model is not None:
                    self._step()
        except BaseException as error:
            LOGGER.critical("the worker ended: %s", describe(error))
            self._on_death()
        finally:
            self._cancelled(self._scheduler.drop(self._scheduler.jobs), "The daemon is stopping.")
            self._slot.close()
            self._judge.close()

    def _take_commands(self) -> None:
        """Do what the inbox holds, waiting for it as long as there is no step to do."""
        self._wake_rested()
        wait_s = self._patience_s()
        try:
            command = self._inbox.get_nowait() if wait_s == 0 else self._inbox.get(timeout=wait_s)
            while True:
                command()
                command = self._inbox.get_nowait()
        except queue.Empty:
            if not self._scheduler and self._until_unload_s() == 0:
                self._slot.unload()

    def _wake_rested(self) -> None:
        while self._resting and self._resting[0][0] <= time.monotonic():
            self._scheduler.wake(heapq.heappop(self._resting)[-1])

    def _patience_s(self) -> float | None:
        """How long to wait for a command; 0: there is work now; None: none will come by itself."""
        if self._slot.model is None:
            return None
        if self._scheduler.has_steps:
            return 0
        if self._resting:
            return max(0.0, self._resting[0][0] - time.monotonic())
        return None if self._scheduler else self._until_unload_s()

    def _until_unload_s(self) -> float | None:
        """How long the weights stay without work; None: for ever, or there are none."""
        unload_after_s = self._slot.config.daemon.unload_after_s
        if self._slot.model is None or not unload_after_s:
            return None
        return min(_LONGEST_WAIT_S, max(0.0, self._busy_s + unload_after_s - time.monotonic()))

    def _step(self) -> None:
        step = self._scheduler.step()
        if step is None:
            return
        if isinstance(step.reply, Await):
            self._rest(step.job, step.reply.until_s - time.perf_counter())
            step.reply.subscribe(lambda: self._inbox.put(partial(self._scheduler.wake, step.job)))
        elif step.reply is not None:
            self._answer(step.job, step.reply)
        if step.error is not None:
            self._failed(step.job, step.error)
        if self._slot.retired:
            self._slot.close_retired({id(job.model) for job in self._scheduler.jobs})

    def _submit(self, client: bytes, request: ModelRequest, received_s: float) -> None:
        self._busy_s = time.monotonic()
        job = ModelJob(
            client=client,
            id=request.id,
            document=request.document,
            priority=_PRIORITIES[type(request)],
            start=lambda: self._begin(job),
            request=request,
            received_s=received_s,
        )
        if self._cancel_limiter.is_throttled(client):
            job.resting = True
            self._rest(job, _REST_S)
        try:
            self._cancelled(self._scheduler.submit(job), "A newer request replaced it.")
        except ValueError:
            error = RequestInvalid("The id of this request is already in use.", "Use a unique id for every request.")
            self._fail(client, request.id, error)
            return
        if self._slot.model is None:
            failure = self._slot.want()
            if failure is not None:
                self._give_up(failure)

    def _rest(self, job: ModelJob, seconds: float) -> None:
        if seconds < math.inf:
            heapq.heappush(self._resting, (time.monotonic() + seconds, next(self._rests), job))

    def _begin(self, job: ModelJob) -> Iterator[Reply | Await | None]:
        assert self._slot.model is not None
        job.model, job.started_s = self._slot.model, time.perf_counter()
        if self._is_stale(job):
            return iter([Completion(id=job.id, reason="busy", model=job.model.name)])
        return job.model.steps(job.request, self._deadline_s(job), job.client)

    def _is_stale(self, job: ModelJob) -> bool:
        """Whether its author has typed on long ago: where hundreds ask at once, all wait less without it."""
        by_itself = isinstance(job.request, Complete) and not job.request.explicit
        return by_itself and job.started_s - max(job.received_s, self._ready_s) > _STALE_S

    def _deadline_s(self, job: ModelJob) -> float:
        if not isinstance(job.request, Complete):
            return float("inf")
        deadline_ms = job.request.deadline_ms
        if deadline_ms is None:
            deadline_ms = self._slot.config.completion.deadline_ms
        return job.received_s + deadline_ms / 1000

    def _answer(self, job: ModelJob, reply: Reply) -> None:
        if isinstance(reply, (Completion, Continuation, Expansion, VerbResult)):
            # Counted from the arrival: what the model says of its own time knows nothing of the queue.
            timings = msgspec.structs.replace(
                reply.timings,
                queue_ms=(job.started_s - job.received_s) * 1000,
                total_ms=(time.perf_counter() - job.received_s) * 1000,
            )
            reply = msgspec.structs.replace(reply, timings=timings)
            if LOGGER.isEnabledFor(logging.DEBUG):
                LOGGER.debug("%s %s: %.1f ms", type(reply).__name__, printable(job.id), timings.total_ms)
            if isinstance(reply, Completion):
                self._counters.completions_ms.append(timings.total_ms)
                assert isinstance(job.request, Complete)
                self._judge.answered(job.request, reply)
        self._post(job.client, reply)

    def _failed(self, job: ModelJob, error: Exception) -> None:
        if isinstance(error, DeviceFailed):
            self._change_device(job, error)
            return
        if not isinstance(error, ShadowpenError):
            LOGGER.error("request %s failed: %s", printable(job.id), describe(error))
            error = _inside()
        if not job.answered:
            self._fail(job.client, job.id, error)

    def _change_device(self, failed: ModelJob, error: DeviceFailed) -> None:
        """Load the model anew, which takes a device that works, and begin again what is owed an answer."""
        LOGGER.warning("%s", error.message)
        self._counters.failures[error.code] += 1
        owed = [*self._scheduler.drop(self._scheduler.jobs), *([] if failed.answered else [failed])]
        if failed.model is self._slot.model:
            self._slot.unload()
        for job in owed:
            self._submit(job.client, job.request, time.perf_counter())

    def _fail(self, client: bytes, request_id: str, error: ShadowpenError) -> None:
        self._counters.failures[error.code] += 1
        self._post(client, Failure.of(error, request_id))

    def _cancelled(self, jobs: list[ModelJob], why: str = "The request was cancelled.") -> None:
        for job in jobs:
            self._cancel_limiter.abandoned(job.client)
            self._fail(job.client, job.id, RequestCancelled(why))

    def _forget_client(self, client: bytes) -> None:
        self._cancelled(self._scheduler.drop_client(client))
        self._cancel_limiter.forget(client)

    def _cancel(self, client: bytes, request_id: str, target: str) -> None:
        job = self._scheduler.find(client, target)
        if job is not None:
            self._cancelled(self._scheduler.drop([job]))
        self._post(client, Done(id=request_id))

    def _close_document(self, client: bytes, request_id: str, document: str) -> None:
        self._cancelled(self._scheduler.drop_client(client, document), "The document was closed.")
        if self._slot.model is not None:
            self._slot.model.close_document(document, client)
        self._post(client, Done(id=request_id))

    def _learn(self, client: bytes, outcome: Outcome) -> None:
        self._judge.learn(outcome)
        self._post(client, Done(id=outcome.id))

    def _report(self, client: bytes, request_id: str, about_server: DaemonReport) -> None:
        about_model = self._slot.model.report() if self._slot.model is not None else ModelReport()
        state = self.state()
        report = msgspec.structs.replace(
            about_server,
            requests=dict(self._counters.requests),
            failures=dict(self._counters.failures),
            completion_ms=self._counters.completion_ms(),
            showing=self._judge.report(),
            model=msgspec.structs.replace(about_model, state=state.state, model=state.model, error=state.error),
            waiting=sum(not job.answered for job in self._scheduler.jobs),
        )
        self._post(client, StatusReport(id=request_id, report=report))

    def _end(self) -> None:
        self._stopping = True

    def _reloaded(self, client: bytes, request_id: str, failure: ShadowpenError | None) -> None:
        if failure is not None:
            self._fail(client, request_id, failure)
        else:
            self._post(client, Done(id=request_id))

    def _model_changed(self, failure: ShadowpenError | None) -> None:
        self._busy_s = time.monotonic()
        self._ready_s = time.perf_counter()
        if failure is None:
            # What goes on behind an answer feeds the caches of the model that has just been swapped out.
            self._scheduler.drop([job for job in self._scheduler.jobs if job.answered])
            self._slot.close_retired({id(job.model) for job in self._scheduler.jobs})
        elif self._slot.model is None:
            self._give_up(failure)

    def _give_up(self, failure: ShadowpenError) -> None:
        for job in self._scheduler.drop(self._scheduler.jobs):
            self._fail(job.client, job.id, failure)


def _inside() -> ShadowpenError:
    return ShadowpenError("The request failed inside the daemon.", "`shadowpen status` shows the path of its log.")
