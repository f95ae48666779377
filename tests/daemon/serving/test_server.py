"""daemon/serving/server.py: what crosses the wire, well-formed and not, over both transports."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pytest
import zmq
from support import daemons
from support.models.fake_model import FakeModel
from support.raw_client import RawClient, plain
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import DaemonError, DaemonRunning, ModelMissing, RequestInvalid, StateUnusable
from shadowpen.daemon.base.sections import DaemonSettings
from shadowpen.daemon.serving.server import Server, serve
from shadowpen.daemon.wire import transport
from shadowpen.daemon.wire.protocol import (
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Attend,
    AttentionReport,
    Cancel,
    Close,
    Complete,
    Completion,
    Continue,
    Done,
    Explanation,
    Failure,
    Hello,
    Prepare,
    Record,
    Reload,
    Shutdown,
    Status,
    StatusReport,
    Welcome,
    Why,
    decode_event,
    encode,
)
from shadowpen.daemon.wire.reports import AttentionState

HELLO = Complete(id="1", document="d", prefix="Hello")
AWAKE = {"paused": False, "paused_until": None, "manual_only": False}


class Journal:
    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()

    def record(self, frames: Sequence[msgspec.Raw]) -> None:
        events = [msgspec.msgpack.decode(frame) for frame in frames]
        assert self.gate.wait(20)
        if events[0].get("bad"):
            raise RequestInvalid("That is no event.")
        if events[0].get("full"):
            raise OSError("the secret letter")
        self.events.extend(events)


@pytest.fixture(params=["ipc", "tcp"])
def settings(request: pytest.FixtureRequest) -> Config:
    return Config(daemon=DaemonSettings(transport=request.param), problems=("a setting is wrong",))


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def server(layout: store.Layout, settings: Config, model: FakeModel, journal: Journal) -> Iterator[Server]:
    with daemons.in_thread(layout, lambda *_: model, journal, settings) as server:
        yield server


@pytest.fixture
def client(server: Server, layout: store.Layout) -> Iterator[RawClient]:
    with RawClient(layout) as client:
        client.greet()
        yield client


@pytest.fixture
def other(server: Server, layout: store.Layout) -> Iterator[RawClient]:
    with RawClient(layout) as client:
        client.greet()
        yield client


def test_hello_is_welcomed(client: RawClient, layout: store.Layout) -> None:
    welcome = client.ask(Hello(id="again", client="raw"))
    connection = transport.read_connection(layout)
    assert connection is not None and isinstance(welcome, Welcome)
    assert (welcome.protocol, welcome.version, welcome.events) == (
        PROTOCOL_VERSION,
        connection.version,
        connection.events,
    )


@pytest.mark.parametrize(("protocol", "hint"), [(0, "Update Shadowpen where this client runs"), (99, "shadowpen stop")])
@pytest.mark.usefixtures("server")
def test_another_protocol_is_told_which_side_to_update(layout: store.Layout, protocol: int, hint: str) -> None:
    with RawClient(layout) as client:
        failure = client.failure(encode(Hello(id="h", protocol=protocol)))
        assert (failure.id, failure.code) == ("h", "protocol_mismatch")
        assert f"protocol {protocol}" in failure.message and hint in failure.hint
        assert client.failure(encode(HELLO)).code == "protocol_mismatch"


@pytest.mark.usefixtures("server")
def test_who_does_not_say_hello_gets_nothing(layout: store.Layout, model: FakeModel) -> None:
    with RawClient(layout) as client:
        failure = client.failure(encode(HELLO))
        assert (failure.id, failure.code) == ("1", "protocol_mismatch")
        assert client.failure(encode(Shutdown(id="2"))).code == "protocol_mismatch"
    assert model.served == []


@pytest.mark.parametrize(
    "request_",
    [HELLO, Continue(id="1", document="d", prefix="x"), Prepare(id="1", document="d", prefix="x")],
    ids=lambda request: type(request).__name__,
)
def test_what_needs_the_model_is_answered_by_it(client: RawClient, model: FakeModel, request_: Complete) -> None:
    assert not isinstance(client.ask(request_), Failure)
    assert model.served == ["1"]


def test_why_it_was_answered_so(client: RawClient) -> None:
    client.ask(HELLO)
    told = client.ask(Why(id="2", of="1"))
    assert isinstance(told, Explanation)
    assert (told.reason, told.model, told.likelihood, told.sources) == ("offered", "fake@1", 0.5, [])
    assert client.ask(Why(id="3", of="never")) == Explanation(id="3")


def test_cancel(client: RawClient, model: FakeModel) -> None:
    client.send(encode(Continue(id="1", document="d", prefix="!hang")))
    wait_until(lambda: model.running)
    client.send(encode(Cancel(id="2", target="1")))
    replies = {(reply := client.receive()).id: reply for _ in range(2)}
    assert isinstance(replies["1"], Failure) and replies["1"].code == "request_cancelled"
    assert isinstance(replies["2"], Done)


def test_close(client: RawClient, model: FakeModel) -> None:
    client.ask(HELLO)
    wait_until(lambda: not model.running)
    assert isinstance(client.ask(Close(id="2", document="d")), Done)
    assert [document for document, _ in model.closed_documents] == ["d"]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"rubbish",
        b"\xff" * 100,
        b"\x91" * 100_000,  # nested beyond any depth
        plain({"type": "unheard of", "id": "7"}),
        plain({"id": "7"}),
        plain({"type": "complete", "id": "7", "document": "d", "prefix": 5}),
        plain({"type": "complete", "id": "7"}),
        plain({"type": "complete", "id": "7", "document": "d", "prefix": b"\xff\xfe"}),
        b"\x84\xa4type\xa8complete\xa2id\xa17\xa8document\xa1d\xa6prefix\xa2\xff\xfe",  # not UTF-8
        plain({"type": "complete", "id": "7", "document": "d", "prefix": "x" * 64_001}),
        plain([1, 2, 3]),
        plain(None),
    ],
    ids=lambda frame: f"{frame[:12]!r}",
)
def test_a_malformed_message_costs_an_error_and_nothing_else(client: RawClient, other: RawClient, frame: bytes) -> None:
    failure = client.failure(frame)
    assert failure.code == "request_invalid"
    assert failure.id == ("7" if b"id\xa17" in frame else "")
    for one in (client, other):
        assert isinstance(one.ask(HELLO), Completion)


def test_a_message_of_several_frames_is_refused(client: RawClient) -> None:
    assert client.failure(encode(HELLO), encode(HELLO)).code == "request_invalid"
    assert isinstance(client.ask(HELLO), Completion)


def test_a_message_over_two_megabytes_is_refused(client: RawClient, other: RawClient) -> None:
    for frame, found in ((bytes(3_000_000), ""), (plain({"id": "7", "prefix": "x" * 3_000_000}), "7")):
        failure = client.failure(frame)
        assert failure.code == "request_invalid" and f"{MAX_MESSAGE_BYTES:,}" in failure.message
        assert failure.id == found
    for one in (client, other):
        assert isinstance(one.ask(HELLO), Completion)


def test_a_message_over_sixteen_megabytes_disconnects_its_sender_alone(
    client: RawClient, other: RawClient, layout: store.Layout
) -> None:
    client.send(bytes(17 * 1024 * 1024))
    assert client.was_disconnected()
    assert isinstance(other.ask(HELLO), Completion)
    with RawClient(layout) as again:
        again.greet()


@pytest.mark.parametrize("prefix", ["in the middle of a stream", "!hang in silence"])
def test_a_client_that_dies_takes_its_work_along(
    layout: store.Layout, other: RawClient, model: FakeModel, prefix: str
) -> None:
    with RawClient(layout) as mortal:
        mortal.greet()
        mortal.send(encode(Continue(id="1", document="d", prefix=prefix, max_words=10_000)))
        wait_until(lambda: model.running)
    wait_until(lambda: not model.running, "the work's end")
    assert isinstance(other.ask(HELLO), Completion)


def test_a_client_that_does_not_read_holds_up_nobody(client: RawClient, other: RawClient) -> None:
    client.send(encode(Continue(id="1", document="d", prefix="x", max_words=4_000)))
    client.send(encode(Continue(id="2", document="d", prefix="x", max_words=4_000)))
    for _ in range(20):
        assert isinstance(other.ask(HELLO), Completion)


def test_status(client: RawClient, other: RawClient, layout: store.Layout, settings: Config) -> None:
    client.ask(HELLO)
    with RawClient(layout) as gone:
        gone.greet()
    status = client.ask(Status(id="s"))
    assert isinstance(status, StatusReport)
    report = status.report
    assert report.transport == settings.daemon.transport
    assert report.log == str(layout.log_file)
    assert report.problems == ["a setting is wrong"]
    assert report.requests["complete"] == 1 and report.completion_ms.of == 1
    assert report.model.state == "ready"
    assert report.rss_mb > 1 and report.uptime_s >= 0 and report.pid > 0

    def names() -> list[str]:
        status = client.ask(Status(id="s"))
        assert isinstance(status, StatusReport)
        return [one.name for one in status.report.clients]

    wait_until(lambda: names() == ["raw", "raw"], "the one that left to be missed")


def test_record_is_done_when_it_is_on_the_disk(client: RawClient, journal: Journal) -> None:
    journal.gate.clear()
    client.send(encode(Record(id="r", events=[{"type": "accepted"}])))
    assert isinstance(client.ask(HELLO), Completion)  # meanwhile completions go on
    journal.gate.set()
    reply = client.receive()
    assert isinstance(reply, Done) and reply.id == "r"
    assert journal.events == [{"type": "accepted"}]


@pytest.mark.parametrize(("event", "code"), [({"bad": 1}, "request_invalid"), ({"full": 1}, "state_unusable")])
def test_what_the_journal_refuses_is_a_failure(client: RawClient, event: dict[str, int], code: str) -> None:
    reply = client.ask(Record(id="r", events=[event]))
    assert isinstance(reply, Failure) and reply.code == code
    assert "secret" not in reply.message + reply.hint


def test_without_a_journal_recording_fails(layout: store.Layout, model: FakeModel) -> None:
    with daemons.in_thread(layout, lambda *_: model), RawClient(layout) as client:
        client.greet()
        reply = client.ask(Record(id="r", events=[{"type": "accepted"}]))
        assert isinstance(reply, Failure) and reply.code == "state_unusable"


def test_what_is_recorded_before_the_end_is_kept(client: RawClient, journal: Journal) -> None:
    journal.gate.clear()
    client.send(encode(Record(id="r", events=[{"type": "accepted"}])))
    client.send(encode(Shutdown(id="s")))
    journal.gate.set()
    assert [type(client.receive()), type(client.receive())] == [Done, Done]
    assert journal.events == [{"type": "accepted"}]


def test_shutdown_cancels_answers_and_cleans_up(
    client: RawClient, other: RawClient, layout: store.Layout, model: FakeModel
) -> None:
    other.send(encode(Continue(id="long", document="d", prefix="!hang")))
    wait_until(lambda: model.running)
    assert isinstance(client.ask(Shutdown(id="s")), Done)
    reply = other.receive()
    assert isinstance(reply, Failure) and reply.code == "request_cancelled"
    wait_until(lambda: not layout.connection_file.exists())
    assert model.closed
    assert other.was_disconnected()


def test_a_reload_reads_the_settings_again(layout: store.Layout, settings: Config) -> None:
    names: list[str] = []

    def load(_: store.Layout, config: Config) -> FakeModel:
        names.append(config.model.name)
        return FakeModel(config.model.name)

    with daemons.in_thread(layout, load, settings=settings), RawClient(layout) as client:
        client.greet()
        assert client.ask(HELLO).model == "default"  # type: ignore[union-attr]
        layout.config_file.write_text('[model]\nname = "mine"\n')
        assert isinstance(client.ask(Reload(id="r")), Done)
        assert client.ask(HELLO).model == "mine"  # type: ignore[union-attr]
    assert names == ["default", "mine"]


def test_a_subscriber_is_told_the_state_and_then_the_changes(client: RawClient, layout: store.Layout) -> None:
    connection = transport.read_connection(layout)
    assert connection is not None
    client.ask(HELLO)
    with zmq.Context() as context, transport.dial(context, zmq.SUB, connection) as subscriber:
        subscriber.subscribe(b"")
        subscriber.connect(connection.events)

        def next_event() -> tuple[str, dict[str, Any]]:
            assert subscriber.poll(10_000)
            event = decode_event(subscriber.recv())
            return event.kind, msgspec.to_builtins(event.data)

        assert next_event() == ("state", {"state": "ready", "model": "fake@1", "attention": AWAKE})
        client.ask(Reload(id="r"))
        assert next_event() == ("model_swapped", {"state": "ready", "model": "fake@1", "attention": AWAKE})
        client.ask(Shutdown(id="s"))
        assert next_event()[0] == "stopping"


def test_a_pause_is_told_to_all_at_its_beginning_and_its_end(client: RawClient, layout: store.Layout) -> None:
    connection = transport.read_connection(layout)
    assert connection is not None
    with zmq.Context() as context, transport.dial(context, zmq.SUB, connection) as subscriber:
        subscriber.subscribe(b"")
        subscriber.connect(connection.events)

        def told() -> tuple[str, bool, bool]:
            assert subscriber.poll(10_000)
            event = decode_event(subscriber.recv())
            return event.kind, event.data.attention.paused, event.data.attention.manual_only

        assert told() == ("state", False, False)
        report = client.ask(Attend(id="p", pause=0.001))
        assert isinstance(report, AttentionReport) and report.paused and report.paused_until is not None
        assert told() == ("attention", True, False)
        assert told() == ("attention", False, False)
        assert client.ask(Attend(id="m", manual=True)) == AttentionReport(id="m", manual_only=True)
        assert told() == ("attention", False, True)


@pytest.mark.parametrize("pause", [-1, 1e9, float("nan"), "for ever"])
def test_a_pause_of_nonsense_is_refused(client: RawClient, pause: object) -> None:
    failure = client.failure(plain({"type": "attention", "id": "p", "pause": pause}))
    assert (failure.id, failure.code) == ("p", "request_invalid")
    status = client.ask(Status(id="s"))
    assert isinstance(status, StatusReport) and status.report.attention == AttentionState()


def test_a_failed_load_is_an_event_with_its_reason(layout: store.Layout, settings: Config) -> None:
    gate = threading.Event()

    def load(*_: object) -> FakeModel:
        assert gate.wait(20)
        raise ModelMissing("There is none.", "Get one.")

    with daemons.in_thread(layout, load, settings=settings):
        connection = transport.read_connection(layout)
        assert connection is not None
        with zmq.Context() as context, transport.dial(context, zmq.SUB, connection) as subscriber:
            subscriber.subscribe(b"")
            subscriber.connect(connection.events)
            assert subscriber.poll(10_000)
            assert msgspec.to_builtins(decode_event(subscriber.recv()).data) == {"state": "loading", "attention": AWAKE}
            gate.set()
            assert subscriber.poll(10_000)
            event = decode_event(subscriber.recv())
    assert event.kind == "model_failed"
    assert msgspec.to_builtins(event.data.error) == {
        "code": "model_missing",
        "message": "There is none.",
        "hint": "Get one.",
    }


def test_it_ends_when_nobody_asks(layout: store.Layout, model: FakeModel) -> None:
    settings = Config(daemon=DaemonSettings(exit_after_s=0.05))
    serve(layout, settings, lambda *_: model)
    assert model.closed
    assert not layout.connection_file.exists()


def test_it_does_not_end_while_it_works(layout: store.Layout, model: FakeModel) -> None:
    settings = Config(daemon=DaemonSettings(exit_after_s=0.3))
    with daemons.in_thread(layout, lambda *_: model, settings=settings), RawClient(layout) as client:
        client.greet()
        client.send(encode(Continue(id="1", document="d", prefix="!hang")))
        client.send(encode(Complete(id="2", document="e", prefix="!hang")))
        reply = client.socket.poll(1000)
        assert reply == 0 and layout.connection_file.exists()
        client.ask(Cancel(id="c", target="1"))
        client.send(encode(Cancel(id="c", target="2")))
        wait_until(lambda: not layout.connection_file.exists())


def test_a_worker_that_dies_ends_the_daemon(layout: store.Layout, model: FakeModel) -> None:
    def broken() -> None:
        raise OSError

    with (
        pytest.raises(DaemonError, match="failed and stopped"),
        daemons.in_thread(layout, lambda *_: model) as server,
        RawClient(layout) as client,
    ):
        client.greet()
        client.ask(HELLO)
        server._worker._inbox.put(broken)
        wait_until(lambda: not layout.connection_file.exists())


@pytest.mark.usefixtures("server")
def test_a_second_daemon_is_refused_at_once(
    layout: store.Layout, settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shadowpen.daemon.serving.server._LOCK_WAIT_S", 1000)
    with pytest.raises(DaemonRunning):
        serve(layout, settings, lambda *_: FakeModel())
    with RawClient(layout) as client:
        client.greet()


def test_a_socket_that_cannot_be_had_leaves_nothing_behind(layout: store.Layout, model: FakeModel) -> None:
    (layout.socket_path("requests") / "blocks the daemon's socket").mkdir(parents=True)
    with pytest.raises(StateUnusable):
        serve(layout, Config(), lambda *_: model)
    assert not layout.connection_file.exists()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("shadowpen-")]
