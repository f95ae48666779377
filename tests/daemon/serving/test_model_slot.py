"""daemon/serving/model_slot.py: loading, failing, swapping, unloading."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from msgspec import to_builtins
from support.models.fake_model import FakeModel

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelError, ModelMissing, ShadowpenError
from shadowpen.daemon.serving.model_slot import ModelSlot
from shadowpen.daemon.wire.protocol import Event


class Owner:
    """The thread that owns a slot, in the hands of the test: it runs what is put when told to."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.events: list[Event] = []
        self.changes: list[ShadowpenError | None] = []
        self.outcomes: list[FakeModel | Exception] = []
        self.loads = 0
        self.gate = threading.Event()
        self.gate.set()
        self.slot = ModelSlot(self._load, Config(), self.inbox.put, self.events.append, self.changes.append)

    def _load(self) -> tuple[FakeModel, Config]:
        assert self.gate.wait(20)
        self.loads += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome, Config()

    def settle(self) -> None:
        """Take the outcome of one load."""
        self.inbox.get(timeout=20)()

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@pytest.fixture
def owner() -> Iterator[Owner]:
    owner = Owner()
    yield owner
    owner.gate.set()
    assert owner.slot.join(20)


def test_a_model_is_loaded_once_however_many_want_it(owner: Owner) -> None:
    model = FakeModel()
    owner.outcomes = [model]
    assert to_builtins(owner.slot.state()) == {"state": "unloaded"}
    assert owner.slot.want() is None
    assert owner.slot.want() is None
    assert to_builtins(owner.slot.state()) == {"state": "loading"}
    owner.settle()
    assert owner.slot.model is model
    assert to_builtins(owner.slot.state()) == {"state": "ready", "model": "fake@1"}
    assert (owner.loads, owner.kinds(), owner.changes) == (1, ["model_loaded"], [None])


def test_a_failure_is_told_and_not_repeated_at_once(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = ModelMissing("There is none.", "Get one.")
    owner.outcomes = [missing, FakeModel()]
    owner.slot.want()
    owner.settle()
    error = {"code": "model_missing", "message": "There is none.", "hint": "Get one."}
    assert to_builtins(owner.slot.state()) == {"state": "failed", "error": error}
    assert to_builtins(owner.events[0].data) == {"error": error}
    assert owner.slot.want() is missing  # too fresh to try again
    assert owner.loads == 1
    monkeypatch.setattr("shadowpen.daemon.serving.model_slot._RETRY_AFTER_S", 0)
    assert owner.slot.want() is None
    owner.settle()
    assert owner.slot.state().state == "ready"


def test_an_unforeseen_failure_is_a_sentence_without_its_text(owner: Owner) -> None:
    owner.outcomes = [MemoryError("the secret letter")]
    owner.slot.want()
    owner.settle()
    (failure,) = owner.changes
    assert isinstance(failure, ModelError) and "secret" not in failure.message + failure.hint


def test_the_old_model_answers_until_the_new_one_stands(owner: Owner) -> None:
    old, new = FakeModel("old"), FakeModel("new")
    owner.outcomes = [old, new]
    owner.slot.want()
    owner.settle()
    owner.gate.clear()
    told: list[ShadowpenError | None] = []
    owner.slot.reload(told.append)
    assert owner.slot.model is old and owner.slot.state().state == "ready"
    owner.gate.set()
    owner.settle()
    assert owner.slot.model is new
    assert told == [None]
    assert owner.kinds() == ["model_loaded", "model_swapped"]
    owner.slot.close_retired({id(old)})
    assert not old.closed
    owner.slot.close_retired(set())
    assert old.closed and not new.closed


def test_a_failed_reload_leaves_the_old_model(owner: Owner) -> None:
    old, failure = FakeModel("old"), ModelError("no")
    owner.outcomes = [old, failure]
    owner.slot.want()
    owner.settle()
    told: list[ShadowpenError | None] = []
    owner.slot.reload(told.append)
    owner.settle()
    assert owner.slot.model is old and not old.closed
    assert told == [failure]
    owner.slot.unload()
    assert to_builtins(owner.slot.state()) == {"state": "unloaded"}  # the failure was of the other one


def test_a_reload_during_a_load_loads_again(owner: Owner) -> None:
    first, second = FakeModel("1"), FakeModel("2")
    owner.outcomes = [first, second]
    owner.gate.clear()
    owner.slot.want()
    told: list[str] = []
    for name in ("a", "b"):
        owner.slot.reload(lambda failure, name=name: told.append(name))
    owner.gate.set()
    owner.settle()
    assert told == []  # what was loaded may be older than what they ask for
    owner.settle()
    assert told == ["a", "b"]
    assert owner.slot.model is second
    assert owner.loads == 2


def test_unloading_frees_and_wanting_loads_again(owner: Owner) -> None:
    first, second = FakeModel("1"), FakeModel("2")
    owner.outcomes = [first, second]
    owner.slot.want()
    owner.settle()
    owner.slot.unload()
    assert first.closed and owner.slot.model is None
    owner.slot.want()
    owner.settle()
    assert owner.slot.model is second
    assert owner.kinds() == ["model_loaded", "model_unloaded", "model_loaded"]


def test_closing_closes_all(owner: Owner) -> None:
    first, second = FakeModel("1"), FakeModel("2")
    owner.outcomes = [first, second]
    owner.slot.want()
    owner.settle()
    owner.slot.reload(lambda failure: None)
    owner.settle()
    owner.slot.close()
    assert first.closed and second.closed
