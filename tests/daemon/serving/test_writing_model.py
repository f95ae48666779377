"""daemon/serving/writing_model.py: a second model for whole paragraphs, in a daemon that serves both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import daemons
from support.models.fake_model import FakeModel
from support.raw_client import RawClient
from support.waiting import wait_until
from tiny import LINES

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DeviceFailed, MemoryTooSmall, ModelError, ModelMissing
from shadowpen.daemon.base.sections import WritingSettings
from shadowpen.daemon.engine.text_engine import Await
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.serving import text_model
from shadowpen.daemon.serving.writing_model import WritingModel
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import (
    Cancel,
    Complete,
    Completion,
    Continuation,
    Continue,
    Expand,
    Expansion,
    Reply,
    Status,
    StatusReport,
    encode,
)
from shadowpen.daemon.wire.reports import WritingReport

TWO = Config(writing=WritingSettings(model="tiny"))


@pytest.fixture
def layout(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    return store.layout()


Made = Callable[[Config], Client]


@pytest.fixture
def client_of(layout: store.Layout) -> Iterator[Made]:
    """A client of a daemon with these settings."""
    with ExitStack() as open_ones:

        def made(config: Config) -> Client:
            def load(where: store.Layout, _: Config) -> Any:
                return text_model.load(where, config, Judge(), Remembering(where))

            open_ones.enter_context(daemons.in_thread(layout, load, settings=config))
            return open_ones.enter_context(Client(name="test", start=False, layout=layout))

        yield made


def recited(client: Client) -> Completion:
    """Ghost text of the default model, which knows its lines by heart."""
    prefix = " ".join(LINES[0].split()[:4])
    reply = client.request(Complete(id=client.next_id(), document="d", prefix=prefix, deadline_ms=20_000), 20_000)
    assert isinstance(reply, Completion)
    return reply


def continued(client: Client) -> Continuation:
    asked = Continue(id=client.next_id(), document="d", prefix="The harbour lay still. ", max_words=4)
    reply = client.request(asked, 20_000)
    assert isinstance(reply, Continuation)
    return reply


def told(client: Client) -> WritingReport:
    report = client.request(Status(id=client.next_id()), 20_000)
    assert isinstance(report, StatusReport)
    return report.report.model.writing


def test_each_model_has_its_part_and_the_second_is_loaded_only_when_asked(client_of: Made) -> None:
    client = client_of(TWO)
    assert recited(client).model == "default@base" and recited(client).suggestions
    assert (told(client).name, told(client).state) == ("tiny", "unloaded")
    assert continued(client).model == "tiny@base"
    asked = Expand(id=client.next_id(), document="d", notes="harbour closed", candidates=1, max_words=4)
    reply = client.request(asked, 20_000)
    assert isinstance(reply, Expansion) and reply.model == "tiny@base"
    assert told(client).state == "ready" and "on cpu" in told(client).runs
    assert recited(client).model == "default@base"


def test_an_idle_second_model_is_unloaded_and_loaded_again(client_of: Made) -> None:
    client = client_of(Config(writing=WritingSettings(model="tiny", unload_after_s=0.2)))
    assert continued(client).model == "tiny@base"
    wait_until(lambda: told(client).state == "unloaded", "the end of the second model")
    assert continued(client).model == "tiny@base"
    assert recited(client).suggestions


def test_a_model_beyond_its_budget_is_not_loaded_and_ghost_text_goes_on(client_of: Made, tiny_models: Path) -> None:
    with pytest.raises(MemoryTooSmall, match=r"'tiny' takes about .* 5 MB are free"):
        _written(store.layout(), TWO, available_bytes=lambda: 5 << 20)
    client = client_of(Config(writing=WritingSettings(model="tiny", memory_mb=8)))
    with pytest.raises(MemoryTooSmall, match=r"writing\.memory_mb allows 8"):
        continued(client)
    assert "writing.memory_mb" in told(client).problem
    assert recited(client).suggestions


def test_a_second_model_that_is_missing_is_named_to_whoever_asks_it(client_of: Made) -> None:
    client = client_of(Config(writing=WritingSettings(model="large")))
    with pytest.raises(ModelMissing, match="large"):
        continued(client)
    assert recited(client).suggestions


def _written(layout: store.Layout, config: Config, **more: Any) -> list[Reply]:
    """What a model for writing answers, without a daemon."""
    model = WritingModel(layout, config, **more)
    try:
        return list(_replies(model, Continue(id="1", document="d", prefix="It rained.", max_words=2)))
    finally:
        model.close()


def _replies(model: WritingModel, request: Continue) -> Iterator[Reply]:
    for reply in model.steps(request, 0.0):
        if isinstance(reply, Await):
            ready = threading.Event()
            reply.subscribe(ready.set)
            assert ready.wait(20)
        elif reply is not None:
            yield reply


def test_ghost_text_does_not_wait_for_a_step_of_the_second_model(client_of: Made, layout: store.Layout) -> None:
    """The second model hangs within a step; cancelling lets go of it, and ghost text comes meanwhile."""
    begun, let_go = threading.Event(), threading.Event()

    class Slow(FakeModel):
        def steps(self, request: Any, deadline_s: float, client: bytes = b"") -> Iterator[Reply | None]:
            begun.set()
            assert let_go.wait(20)
            return super().steps(request, deadline_s)

    made: list[WritingModel] = []
    config = TWO

    def load(where: store.Layout, _: Config) -> Any:
        own = text_model.built_in.load(where, config)
        made.append(WritingModel(where, config, load=lambda *_, **__: Slow()))
        return text_model.TwoModels(own, made[0], (Continue, Expand))

    with (
        daemons.in_thread(layout, load, settings=config),
        Client(name="test", start=False, layout=layout) as client,
        RawClient(layout) as editor,
    ):
        editor.greet()
        editor.send(encode(Continue(id="slow", document="d", prefix="It rained.")))
        assert begun.wait(20)
        assert recited(client).suggestions
        editor.send(encode(Cancel(id="c", target="slow")))
        wait_until(lambda: recited(client).suggestions, "ghost text")
        let_go.set()


def test_a_device_that_fails_is_left_once_and_the_answer_still_comes(layout: store.Layout) -> None:
    loaded: list[FakeModel] = []

    class Failing(FakeModel):
        def steps(self, request: Any, deadline_s: float, client: bytes = b"") -> Iterator[Reply | None]:
            raise DeviceFailed("The model failed on cuda: out of memory.")

    def load(*_: Any, **__: Any) -> FakeModel:
        loaded.append(FakeModel("tiny@base") if loaded else Failing())
        return loaded[-1]

    with pytest.raises(ModelError) as told:
        _written(layout, TWO, load=lambda *_, **__: Failing())
    assert not isinstance(told.value, DeviceFailed), "which would load the model for ghost text anew"

    *_, last = _written(layout, TWO, load=load)
    assert isinstance(last, Continuation) and last.model == "tiny@base"
    assert [model.closed for model in loaded] == [True, True]


def test_the_second_model_is_served_as_it_was_installed(layout: store.Layout) -> None:
    """A version in use belongs to the model for ghost text, and so does the setting of its precision."""
    config = replace(TWO, model=replace(TWO.model, precision="fp32"))
    asked: dict[str, Any] = {}

    def load(_: store.Layout, settings: Config, **more: Any) -> FakeModel:
        asked.update(more, name=settings.model.name, precision=settings.model.precision)
        return FakeModel()

    _written(layout, config, load=load)
    assert (asked["name"], asked["precision"], asked["taught"]) == ("tiny", "auto", False)
