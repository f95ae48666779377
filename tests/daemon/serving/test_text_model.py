"""daemon/serving/text_model.py: who writes what, in a daemon that serves both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support import daemons
from support.raw_client import RawClient
from support.servers import openai_stand_in as stand_in
from support.servers.openai_stand_in import OpenAiStandIn
from support.waiting import wait_until
from tiny import LINES

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import RequestInvalid, ServerFailed
from shadowpen.daemon.base.sections import EngineSettings, LearningSettings
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.serving import text_model
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
    Partial,
    Status,
    StatusReport,
    encode,
)

PROSE = "The harbour was closed, and only two boats lay there."


@pytest.fixture
def layout(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    return store.layout()


def settings(**engine: Any) -> Config:
    return Config(engine=EngineSettings(**engine))


@pytest.fixture
def client_of(layout: store.Layout) -> Iterator[Callable[[Config], Client]]:
    """A client of a daemon with these settings."""
    with ExitStack() as open_ones:

        def made(config: Config) -> Client:
            def load(where: store.Layout, _: Config) -> Any:
                return text_model.load(where, config, Judge(), Remembering(where))

            open_ones.enter_context(daemons.in_thread(layout, load, settings=config))  # type: ignore[arg-type]
            return open_ones.enter_context(Client(name="test", start=False, layout=layout))

        yield made


Made = Callable[[Config], Client]


def expand(client: Client, **more: Any) -> Expansion:
    reply = client.request(Expand(id=client.next_id(), document="d", notes="harbour closed, two boats", **more), 20_000)
    assert isinstance(reply, Expansion)
    return reply


def recited(client: Client) -> Completion:
    """Ghost text of the tiny model, which knows its lines by heart."""
    prefix = " ".join(LINES[0].split()[:4])
    reply = client.request(Complete(id=client.next_id(), document="d", prefix=prefix, deadline_ms=20_000), 20_000)
    assert isinstance(reply, Completion)
    return reply


def test_a_server_writes_and_the_built_in_model_does_the_ghost_text(client_of: Made) -> None:
    with OpenAiStandIn(stand_in.answering(lambda asked: PROSE)) as server:
        client = client_of(settings(writing="openai", address=server.url, model="large"))
        assert recited(client).model == "default@base" and recited(client).suggestions
        assert (expand(client).candidates, expand(client).model) == ([PROSE], "large")
        partials: list[Partial] = []
        asked = Continue(id=client.next_id(), document="d", prefix="It rained.")
        reply = client.request(asked, 20_000, partials.append)
        assert isinstance(reply, Continuation) and reply.text == f" {PROSE}" and partials
        assert {asked.path for asked in server.asked} == {"/v1/chat/completions"}


def test_a_server_that_hangs_holds_up_no_ghost_text_and_is_left_when_cancelled(
    client_of: Made, layout: store.Layout
) -> None:
    with OpenAiStandIn(stand_in.hang_within) as server:
        client = client_of(settings(writing="openai", address=server.url))
        with RawClient(layout) as editor:
            editor.greet()
            editor.send(encode(Expand(id="slow", document="d", notes="harbour closed, two boats")))
            wait_until(lambda: server.asked, "the request")
            assert recited(client).suggestions
            editor.send(encode(Cancel(id="c", target="slow")))
            assert server.closed.wait(20)


def test_no_built_in_model_is_needed_where_a_server_does_everything(
    client_of: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "none"))
    with OpenAiStandIn(stand_in.answering(lambda asked: PROSE)) as server:
        client = client_of(settings(writing="openai", ghost_text="openai", address=server.url))
        assert expand(client).candidates == [PROSE]


def test_status_says_who_writes_and_what_went_wrong(client_of: Made) -> None:
    with OpenAiStandIn(stand_in.web_page) as server:
        client = client_of(settings(writing="openai", address=server.url))
        with pytest.raises(ServerFailed, match="web page"):
            expand(client)
        report = client.request(Status(id=client.next_id()), 20_000)
    assert isinstance(report, StatusReport)
    told = report.report.model
    assert told.name == "default@base" and told.state == "ready"
    assert told.engine.told.endswith("on this machine")
    assert "web page" in told.engine.problem
    assert told.engine_name == "onnx" and "on cpu" in told.runs, "what is told of the built-in model stays"


def test_another_machine_gets_nothing_without_the_users_word(client_of: Made) -> None:
    client = client_of(settings(writing="openai", address="http://192.0.2.1:8080"))
    with pytest.raises(ServerFailed, match="another machine"):
        expand(client)
    assert recited(client).suggestions


def test_private_folders_are_kept_from_another_machine(tmp_path: Path) -> None:
    config = Config(
        engine=EngineSettings(ghost_text="openai", writing="openai", address="http://192.0.2.1", remote=True),
        learning=LearningSettings(private_folders=[str(tmp_path)]),
    )
    model = text_model.load(store.layout(), config, Judge(), Remembering(store.layout()))
    private = (tmp_path / "diary.md").as_uri()
    (reply,) = model.steps(Complete(id="1", document=private, prefix="I was"), 0.0)
    assert isinstance(reply, Completion) and reply.reason == "private_folder"
    with pytest.raises(RequestInvalid, match="private folder"):
        next(iter(model.steps(Continue(id="2", document=private, prefix="I was"), 0.0)))
    model.close()


def test_a_folder_is_private_from_the_moment_that_the_settings_say_so(layout: store.Layout, tmp_path: Path) -> None:
    config = settings(ghost_text="openai", writing="openai", address="http://192.0.2.1", remote=True)
    model = text_model.load(layout, config, Judge(), Remembering(layout))
    config_file.add_item(layout.config_file, "learning", "private_folders", str(tmp_path))
    request = Complete(id="1", document=(tmp_path / "diary.md").as_uri(), prefix="I was")
    (reply,) = model.steps(request, 0.0)
    assert isinstance(reply, Completion) and reply.reason == "private_folder"
    model.close()
