"""daemon/wire/async_client.py and link.py: requests, streams, losses, events, on asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from support import daemons, fake_daemon
from support.models import fake_model
from support.models.fake_model import FakeModel
from support.waiting import until, wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import (
    DaemonUnreachable,
    ProtocolMismatch,
    RequestCancelled,
    RequestInvalid,
    ShadowpenError,
)
from shadowpen.daemon.base.sections import DaemonSettings
from shadowpen.daemon.serving.server import Server
from shadowpen.daemon.wire import lock
from shadowpen.daemon.wire.async_client import AsyncClient
from shadowpen.daemon.wire.protocol import Complete, Completion, Continuation, Continue, Event, Partial, Shutdown


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture(params=["ipc", "tcp"])
def server(request: pytest.FixtureRequest, layout: store.Layout, model: FakeModel) -> Iterator[Server]:
    settings = Config(daemon=DaemonSettings(transport=request.param))
    with daemons.in_thread(layout, lambda *_: model, settings=settings) as server:
        yield server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[AsyncClient]:
    async with await AsyncClient.connect("test", start=False) as client:
        yield client


def complete(client: AsyncClient, prefix: str = "Hello", document: str = "d") -> Complete:
    return Complete(id=client.next_id(), document=document, prefix=prefix)


async def test_a_request(client: AsyncClient) -> None:
    reply = await client.request(complete(client))
    assert isinstance(reply, Completion) and reply.suggestions[0].text == "Hello"
    assert client.connected and client.welcome is not None and client.welcome.version


async def test_many_at_once_get_their_own_answers(client: AsyncClient) -> None:
    replies = await asyncio.gather(
        *(client.request(complete(client, f"text {number}", f"{number}")) for number in range(200))
    )
    assert [reply.suggestions[0].text for reply in replies] == [f"text {number}" for number in range(200)]  # type: ignore[union-attr]


async def test_a_stream(client: AsyncClient) -> None:
    parts: list[Partial] = []
    request = Continue(id=client.next_id(), document="d", prefix="x", max_words=3)
    reply = await client.request(request, on_partial=parts.append)
    assert isinstance(reply, Continuation)
    texts = [part.text for part in parts]  # one that was overtaken before it was sent is left out
    assert texts == sorted(set(texts), key=len) and texts[-1] == " word 0 word 1 word 2" == reply.text


async def test_a_failure_is_the_error_it_names(client: AsyncClient) -> None:
    with pytest.raises(ShadowpenError, match="failed inside the daemon"):
        await client.request(complete(client, "!raise"))


async def test_cancelling_by_id(client: AsyncClient, model: FakeModel) -> None:
    request = complete(client, "!hang")
    asked = asyncio.create_task(client.request(request))
    await until(lambda: model.running)
    await client.cancel(request.id)
    with pytest.raises(RequestCancelled):
        await asked


async def test_a_caller_that_is_cancelled_cancels_in_the_daemon(client: AsyncClient, model: FakeModel) -> None:
    asked = asyncio.create_task(client.request(complete(client, "!hang")))
    await until(lambda: model.running)
    asked.cancel()
    await until(lambda: not model.running)
    assert asked.cancelled()


async def test_a_caller_that_gives_up_cancels_in_the_daemon(client: AsyncClient, model: FakeModel) -> None:
    with pytest.raises(DaemonUnreachable, match="within 50 ms"):
        await client.request(complete(client, "!hang"), timeout_ms=50)
    await until(lambda: not model.running)
    assert isinstance(await client.request(complete(client)), Completion)


async def test_what_the_caller_raises_at_a_part_ends_its_own_request_alone(
    client: AsyncClient, model: FakeModel
) -> None:
    def leave(part: Partial) -> None:
        raise BrokenPipeError

    request = Continue(id=client.next_id(), document="d", prefix="x", max_words=10_000)
    with pytest.raises(BrokenPipeError):
        await client.request(request, on_partial=leave)
    await until(lambda: not model.running)
    assert isinstance(await client.request(complete(client)), Completion)


async def test_a_message_that_would_be_refused_is_not_sent(client: AsyncClient) -> None:
    with pytest.raises(RequestInvalid, match="exceeds the limit"):
        await client.request(complete(client, "x" * 3_000_000))
    assert client.connected


async def test_an_id_in_use_is_refused(client: AsyncClient, model: FakeModel) -> None:
    request = complete(client, "!hang")
    asked = asyncio.create_task(client.request(request))
    await until(lambda: model.running)
    with pytest.raises(RequestInvalid, match="in use"):
        await client.request(request)
    asked.cancel()


async def test_closing_fails_what_is_outstanding(client: AsyncClient, model: FakeModel) -> None:
    asked = asyncio.create_task(client.request(complete(client, "!hang")))
    await until(lambda: model.running)
    await client.close()
    with pytest.raises(DaemonUnreachable):
        await asked
    await until(lambda: not model.running)


async def test_the_answer_to_shutdown_comes_before_the_end(client: AsyncClient) -> None:
    await client.request(Shutdown(id=client.next_id()))
    await until(lambda: not client.connected)
    with pytest.raises(DaemonUnreachable, match="No daemon is running"):
        await client.request(complete(client))


async def test_nobody_there() -> None:
    with pytest.raises(DaemonUnreachable, match="No daemon is running"):
        await AsyncClient.connect(start=False)


async def test_a_daemon_of_another_protocol_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shadowpen.daemon.serving.server.PROTOCOL_VERSION", 2)
    with pytest.raises(ProtocolMismatch, match="protocol 1, the daemon 2"):
        await AsyncClient.connect(start=False)


async def test_events_tell_the_state_first_and_survive_a_restart(layout: store.Layout) -> None:
    fake_model.install(layout)
    events: list[Event] = []

    async def listen(client: AsyncClient) -> None:
        async for event in client.events():
            events.append(event)

    def kinds() -> list[str]:
        return [event.kind for event in events]

    async with AsyncClient("test", command=fake_daemon.COMMAND) as client:
        listening = asyncio.create_task(listen(client))
        await until(lambda: client._listeners)
        for _ in range(2):
            events.clear()
            await client.request(complete(client))
            await until(lambda: "state" in kinds())
            assert kinds()[0] == "connected"
            await client.request(Shutdown(id=client.next_id()))
            await until(lambda: "disconnected" in kinds())
            assert "stopping" in kinds()
            pid = lock.holder(layout)
            await until(lambda pid=pid: lock.holder(layout) != pid or pid is None)
        listening.cancel()


async def test_a_daemon_is_started_by_the_first_request_and_shared(layout: store.Layout) -> None:
    fake_model.install(layout)
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(AsyncClient(f"{number}", command=fake_daemon.COMMAND))
            for number in range(3)
        ]
        replies = await asyncio.gather(
            *(client.request(complete(client, document=document)) for client in clients for document in "abc")
        )
        assert all(isinstance(reply, Completion) for reply in replies)
        assert layout.log_file.read_text().count("listens on") == 1


async def test_a_caller_in_a_hurry_does_not_stop_the_daemon_from_starting(layout: store.Layout) -> None:
    fake_model.install(layout)
    async with AsyncClient(command=fake_daemon.COMMAND) as client:
        for _ in range(3):
            with pytest.raises(DaemonUnreachable, match="within 1 ms"):
                await client.request(complete(client), timeout_ms=1)
        await until(lambda: client.connected)
        assert isinstance(await client.request(complete(client)), Completion)
    assert (layout.logs / "daemon.out").read_text() == ""  # no second one that found the first


async def test_a_killed_daemon_fails_at_once_what_is_outstanding_and_comes_back(layout: store.Layout) -> None:
    fake_model.install(layout)
    process = daemons.start(layout)
    async with await AsyncClient.connect(command=fake_daemon.COMMAND) as client:
        asked = [asyncio.create_task(client.request(complete(client, "!hang", f"{number}"))) for number in range(5)]
        await client.request(complete(client))
        daemons.kill(process)
        for one in asked:
            with pytest.raises(DaemonUnreachable, match="was lost"):
                await one
        assert isinstance(await client.request(complete(client)), Completion)
        assert lock.holder(layout) != process.pid
        await client.request(Shutdown(id="s"))
    wait_until(lambda: lock.holder(layout) is None)
