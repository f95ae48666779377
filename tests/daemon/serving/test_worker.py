"""daemon/serving/worker.py: requests to replies, between steps everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.models.fake_model import FakeModel
from support.waiting import wait_until

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DeviceFailed, ModelMissing
from shadowpen.daemon.base.sections import DaemonSettings
from shadowpen.daemon.engine.text_engine import Await
from shadowpen.daemon.serving.counters import Counters
from shadowpen.daemon.serving.worker import Worker
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.wire.protocol import (
    Complete,
    Completion,
    Continuation,
    Continue,
    Done,
    Event,
    Failure,
    Partial,
    Prepare,
    Reply,
    StatusReport,
)
from shadowpen.daemon.wire.reports import DaemonReport, ModelReport, ModelState

ME, OTHER = b"me", b"other"


class Post:
    """A worker and everything it sent."""

    def __init__(
        self, models: list[FakeModel | Exception], config: Config | None = None, *, loading: bool = False
    ) -> None:
        self.replies: list[tuple[bytes, Reply]] = []
        self.events: list[Event] = []
        self.died = threading.Event()
        self.counters = Counters()
        self.models, self.config = models, config or Config()
        self.gate = threading.Event()
        if not loading:
            self.gate.set()
        self.worker = Worker(
            self._load, self.config, self.counters, Judge(), self._post, self.events.append, self.died.set
        )
        self.worker.start()

    def _load(self) -> tuple[FakeModel, Config]:
        assert self.gate.wait(20)
        model = self.models.pop(0)
        if isinstance(model, Exception):
            raise model
        return model, self.config

    def _post(self, client: bytes, reply: Reply) -> None:
        self.replies.append((client, reply))

    def submit(self, request: Complete | Continue | Prepare, client: bytes = ME) -> None:
        self.worker.submit(client, request, time.perf_counter())

    def to(self, request_id: str, client: bytes = ME) -> list[Reply]:
        return [reply for to, reply in list(self.replies) if to == client and reply.id == request_id]

    def final(self, request_id: str, client: bytes = ME) -> Reply:
        """The one final reply, once it is there."""

        def found() -> list[Reply]:
            return [reply for reply in self.to(request_id, client) if not isinstance(reply, Partial)]

        (reply,) = wait_until(found, f"an answer to {request_id}")
        return reply

    def code(self, request_id: str, client: bytes = ME) -> str:
        reply = self.final(request_id, client)
        assert isinstance(reply, Failure), reply
        return reply.code


@pytest.fixture
def made() -> Iterator[list[Post]]:
    made: list[Post] = []
    yield made
    for post in made:
        post.gate.set()
        assert post.worker.stop(20)


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def post(made: list[Post], model: FakeModel) -> Post:
    made.append(Post([model]))
    return made[0]


def complete(request_id: str, prefix: str = "Hello", document: str = "d", **more: Any) -> Complete:
    return Complete(id=request_id, document=document, prefix=prefix, **more)


@pytest.mark.parametrize(("more", "is_stale"), [({}, True), ({"explicit": True}, False)])
def test_what_waited_too_long_is_answered_without_the_model(
    post: Post, model: FakeModel, more: dict[str, Any], is_stale: bool
) -> None:
    post.submit(complete("warm"))
    post.final("warm")
    post.worker._ready_s = 0.0
    post.worker.submit(ME, complete("1", **more), time.perf_counter() - 60)
    reply = post.final("1")
    assert isinstance(reply, Completion)
    assert (reply.reason == "busy", reply.suggestions == [], "1" in model.served) == (is_stale, is_stale, not is_stale)


def test_who_waited_for_the_model_is_answered_by_it(post: Post) -> None:
    post.submit(complete("warm"))
    post.final("warm")
    post.worker.submit(ME, complete("1"), post.worker._ready_s - 60)
    assert post.final("1").suggestions  # type: ignore[union-attr]


def test_a_completion(post: Post) -> None:
    post.submit(complete("1"))
    reply = post.final("1")
    assert isinstance(reply, Completion)
    assert reply.suggestions[0].text == "Hello" and reply.model == "fake@1"
    assert 0 < reply.timings.queue_ms < reply.timings.total_ms
    assert post.counters.completion_ms().of == 1


def test_a_continuation_streams(post: Post) -> None:
    post.submit(Continue(id="1", document="d", prefix="Hello", max_words=2))
    assert isinstance(post.final("1"), Continuation)
    assert [reply.text for reply in post.to("1")] == [" word 0", " word 0 word 1", " word 0 word 1"]  # type: ignore[union-attr]


def test_a_preparation(post: Post) -> None:
    post.submit(Prepare(id="1", document="d", prefix="Hello"))
    assert isinstance(post.final("1"), Done)


def test_the_deadline_counts_from_the_arrival(made: list[Post]) -> None:
    seen: list[float] = []

    class Watching(FakeModel):
        def steps(self, request: Any, deadline_s: float, client: bytes = b"") -> Iterator[Reply | None]:
            seen.append(deadline_s)
            return super().steps(request, deadline_s)

    made.append(Post([Watching()]))
    worker = made[0].worker
    worker.submit(ME, complete("1", deadline_ms=250), 100.0)
    worker.submit(ME, complete("2", document="e"), 100.0)
    worker.submit(ME, Continue(id="3", document="d", prefix="x"), 100.0)
    for request_id in "123":
        made[0].final(request_id)
    assert seen == [100.25, 100.0 + Config().completion.deadline_ms / 1000, float("inf")]


def test_requests_wait_for_the_model_and_can_be_cancelled_meanwhile(made: list[Post], model: FakeModel) -> None:
    post = Post([model], loading=True)
    made.append(post)
    post.worker.reload(ME, "again")  # a second load after the one under way
    post.models.append(FakeModel("fake@2"))
    for number, document in enumerate("abc"):
        post.submit(complete(str(number), document=document))
    post.worker.cancel(ME, "c", "1")
    assert post.code("1") == "request_cancelled"
    assert isinstance(post.final("c"), Done)
    assert post.to("0") == []
    post.gate.set()
    assert isinstance(post.final("0"), Completion)
    assert isinstance(post.final("2"), Completion)
    assert isinstance(post.final("again"), Done)


def test_a_missing_model_fails_what_waits_and_appears_later(
    made: list[Post], model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post([ModelMissing("There is none.", "Get one."), model])
    made.append(post)
    post.submit(complete("1"))
    assert post.code("1") == "model_missing"
    monkeypatch.setattr("shadowpen.daemon.serving.model_slot._RETRY_AFTER_S", 0)
    post.submit(complete("2"))
    assert isinstance(post.final("2"), Completion)
    assert [event.kind for event in post.events] == ["model_failed", "model_loaded"]


def test_the_latest_wins(post: Post) -> None:
    post.submit(complete("1", "!hang"))
    post.submit(complete("2"))
    assert post.code("1") == "request_cancelled"
    assert isinstance(post.final("2"), Completion)


def test_ghost_text_does_not_wait_for_a_long_continuation(post: Post) -> None:
    post.submit(Continue(id="long", document="d", prefix="!hang"))
    post.submit(complete("1", document="e"))
    assert isinstance(post.final("1"), Completion)
    assert post.to("long") == []


def test_cancelling_closes_the_work(post: Post, model: FakeModel) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    wait_until(lambda: model.running)
    post.worker.cancel(OTHER, "c", "1")  # another client's ids are its own
    post.final("c", OTHER)
    assert model.running
    post.worker.cancel(ME, "c", "1")
    post.final("c")
    assert post.code("1") == "request_cancelled"
    assert not model.running


def test_of_a_storm_only_what_is_still_wanted_after_a_moment_is_begun(post: Post, model: FakeModel) -> None:
    for number in range(300):
        post.submit(complete(f"s{number}"))
        post.worker.cancel(ME, f"c{number}", f"s{number}")
    post.submit(complete("wanted"))
    post.submit(complete("1", document="e"), OTHER)
    assert isinstance(post.final("1", OTHER), Completion)
    assert isinstance(post.final("wanted"), Completion)
    assert not {"s200", "s299"} & set(model.served)
    assert not model.closed


def test_cancelling_what_is_not_there_is_done(post: Post) -> None:
    post.worker.cancel(ME, "c", "never")
    assert isinstance(post.final("c"), Done)


def test_an_id_in_use_is_refused(post: Post) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    post.submit(Continue(id="1", document="e", prefix="Hello"))
    assert post.code("1") == "request_invalid"
    post.submit(Continue(id="1", document="e", prefix="Hello"), OTHER)
    assert isinstance(post.final("1", OTHER), Continuation)


def test_a_failing_request_costs_only_itself(post: Post) -> None:
    post.submit(complete("1", "!raise the secret letter"))
    reply = post.final("1")
    assert isinstance(reply, Failure)
    assert reply.code == "internal" and "secret" not in reply.message + reply.hint
    post.submit(complete("2"))
    assert isinstance(post.final("2"), Completion)
    assert post.counters.failures["internal"] == 1


def test_closing_a_document_ends_its_jobs_and_its_cache(post: Post, model: FakeModel) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    post.worker.close_document(ME, "c", "d")
    assert post.code("1") == "request_cancelled"
    post.final("c")
    assert model.closed_documents == [("d", ME)]


def test_closing_a_document_leaves_that_of_another_client_alone(post: Post, model: FakeModel) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"), OTHER)
    post.worker.close_document(ME, "c", "d")
    post.final("c")
    assert model.closed_documents == [("d", ME)]
    assert post.to("1", OTHER) == []


def test_a_client_that_left_takes_its_work_along(post: Post, model: FakeModel) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    wait_until(lambda: model.running)
    post.worker.forget_client(ME)
    wait_until(lambda: not model.running)


def test_a_swap_lets_what_was_begun_finish_on_the_old_model(made: list[Post], model: FakeModel) -> None:
    new = FakeModel("fake@2")
    post = Post([model, new])
    made.append(post)
    post.submit(Continue(id="old", document="d", prefix="!hang"))
    post.submit(complete("tail", "!tail", document="t"))
    post.final("tail")
    wait_until(lambda: model.running == 2)
    post.worker.reload(ME, "r")
    post.final("r")
    assert model.running == 1 and not model.closed  # what went on behind an answer is dropped
    post.submit(complete("new", document="e"))
    assert post.final("new").model == "fake@2"  # type: ignore[union-attr]
    post.worker.cancel(ME, "c", "old")
    post.final("c")
    post.submit(complete("next", document="e"))
    post.final("next")
    wait_until(lambda: model.closed)
    assert not new.closed


def test_a_failed_swap_leaves_the_old_model(made: list[Post], model: FakeModel) -> None:
    post = Post([model, ModelMissing("There is none.")])
    made.append(post)
    post.submit(complete("1"))
    post.final("1")
    post.worker.reload(ME, "r")
    assert post.code("r") == "model_missing"
    post.submit(complete("2"))
    assert post.final("2").model == "fake@1"  # type: ignore[union-attr]


def test_idle_weights_leave_memory_and_come_back(made: list[Post], model: FakeModel) -> None:
    config = Config(daemon=DaemonSettings(unload_after_s=0.05))
    post = Post([model, FakeModel("fake@2")], config)
    made.append(post)
    wait_until(lambda: model.closed)
    assert post.worker.state() == ModelState(state="unloaded")
    post.submit(complete("1"))
    assert post.final("1").model == "fake@2"  # type: ignore[union-attr]
    assert [event.kind for event in post.events[:3]] == ["model_loaded", "model_unloaded", "model_loaded"]


def test_weights_stay_while_there_is_work(made: list[Post], model: FakeModel) -> None:
    post = Post([model], Config(daemon=DaemonSettings(unload_after_s=0.01)), loading=True)
    made.append(post)
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    post.gate.set()
    wait_until(lambda: model.running)
    until = time.monotonic() + 0.1
    wait_until(lambda: time.monotonic() > until)
    assert not model.closed
    post.worker.cancel(ME, "c", "1")
    wait_until(lambda: model.closed)


def test_the_report(post: Post) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    post.submit(complete("2", document="e"))
    post.final("2")
    post.worker.report(ME, "s", DaemonReport(pid=7))
    reply = post.final("s")
    assert isinstance(reply, StatusReport)
    assert reply.report.pid == 7
    assert reply.report.waiting == 1
    assert reply.report.model == ModelReport(state="ready", model="fake@1", name="fake@1", device="none")


def test_stopping_answers_everybody_and_frees_the_model(post: Post, model: FakeModel) -> None:
    post.submit(Continue(id="1", document="d", prefix="!hang"))
    wait_until(lambda: model.running)
    assert post.worker.is_busy
    assert post.worker.stop(20)
    assert post.code("1") == "request_cancelled"
    assert model.closed
    assert not post.died.is_set()


def test_a_load_that_hangs_does_not_hold_up_the_end_for_ever(made: list[Post], model: FakeModel) -> None:
    post = Post([model], loading=True)
    made.append(post)
    post.worker.reload(ME, "r")
    assert not post.worker.stop(0.1)


def test_stopping_before_starting() -> None:
    counters = Counters()
    worker = Worker(
        lambda: (FakeModel(), Config()), Config(), counters, Judge(), lambda *_: None, lambda _: None, lambda: None
    )
    assert worker.stop(20)


def test_a_request_that_fails_is_answered_and_ends_nothing(post: Post, model: FakeModel) -> None:
    def broken(document: str) -> None:
        raise OSError

    post.submit(complete("1"))
    post.final("1")
    model.close_document = broken  # type: ignore[method-assign]
    post.worker.close_document(ME, "c", "d")
    reply = post.final("c")
    assert isinstance(reply, Failure) and "inside the daemon" in reply.message
    post.submit(complete("2"))
    assert isinstance(post.final("2"), Completion)
    assert not post.died.is_set()


def test_a_worker_that_dies_says_so(post: Post) -> None:
    def broken() -> None:
        raise OSError

    post.worker._inbox.put(broken)
    assert post.died.wait(20)


def test_a_device_that_fails_costs_nobody_their_answer(made: list[Post], monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = FakeModel(), FakeModel()

    def fails(request: object, deadline_s: float, client: bytes) -> Iterator[Reply | None]:
        raise DeviceFailed("The model failed on cuda: its memory is full.", "The CPU is used instead.")

    monkeypatch.setattr(broken, "steps", fails)
    made.append(post := Post([broken, sound]))
    post.submit(complete("1"))
    post.submit(complete("2", document="e"), client=OTHER)

    assert isinstance(post.final("1"), Completion) and isinstance(post.final("2", OTHER), Completion)
    assert sorted(sound.served) == ["1", "2"]
    assert post.counters.failures["device_failed"] == 1


class Waits(FakeModel):
    """Answers when it is woken, and has no work until then."""

    def __init__(self) -> None:
        super().__init__()
        self.wake: list[Callable[[], None]] = []

    def _steps(self, request: Any) -> Iterator[Any]:
        yield Await(self.wake.append)
        yield Completion(id=request.id, model=self.name)


def test_what_waits_for_others_is_woken_and_its_model_stays_meanwhile(made: list[Post]) -> None:
    model = Waits()
    post = Post([model], Config(daemon=DaemonSettings(unload_after_s=0.001)), loading=True)
    made.append(post)
    post.submit(complete("1"))
    post.gate.set()  # loaded earlier, it would be unloaded again before there is a request
    wait_until(lambda: model.wake, "the wait")
    post.submit(complete("2", document="other"))
    wait_until(lambda: len(model.wake) == 2, "the next request's turn")
    assert post.to("1") == [] and not model.closed
    for wake in model.wake:
        wake()
    assert isinstance(post.final("1"), Completion) and isinstance(post.final("2"), Completion)


def test_what_waits_has_its_turn_again_at_its_time(made: list[Post]) -> None:
    class Timed(FakeModel):
        def _steps(self, request: Any) -> Iterator[Any]:
            yield Await(lambda wake: None, time.perf_counter() + 0.01)
            yield Completion(id=request.id, model=self.name)

    post = Post([Timed()])
    made.append(post)
    post.submit(complete("1"))
    assert isinstance(post.final("1"), Completion)
