from __future__ import annotations

import asyncio

import pytest

from shadowpen.daemon.base.errors import DaemonUnreachable, ModelMissing, ShadowpenError
from shadowpen.daemon.wire.protocol import Done, Prepare, Reply, Request, Status
from shadowpen.lsp_server.session.daemon_link import DaemonLink, StillWaiting

from ..fakes import FakeClient

ASK = Status(id="1")


class Dying(FakeClient):
    """Loses its connection under the first `deaths` requests; starts again if `restarts`."""

    def __init__(self, deaths: int, *, restarts: bool = True) -> None:
        super().__init__()
        self.deaths, self.restarts = deaths, restarts

    async def request(self, message: Request, *args: object, **kwargs: object) -> Reply:  # type: ignore[override]
        self.asked.append(message)
        if self.deaths:
            self.deaths -= 1
            self.connected = False
            raise DaemonUnreachable("The connection to the daemon was lost.")
        if not self.connected and not self.restarts:
            raise DaemonUnreachable("It could not be started.")
        self.connected = True
        return Done(id=message.id)


async def test_a_daemon_that_dies_under_a_request_is_asked_again_once() -> None:
    client = Dying(1)
    assert await DaemonLink(client).ask(ASK, 5) == Done(id="1")
    assert len(client.asked) == 2


async def test_one_that_keeps_dying_is_not_asked_for_ever() -> None:
    client = Dying(99)
    with pytest.raises(DaemonUnreachable):
        await DaemonLink(client).ask(ASK, 5)
    assert len(client.asked) == 2


async def test_after_a_failed_start_the_next_keys_do_not_start_processes() -> None:
    now = [100.0]
    client = Dying(0, restarts=False)
    client.connected = False
    link = DaemonLink(client, clock=lambda: now[0])
    for _ in range(5):
        with pytest.raises(DaemonUnreachable, match="could not be started"):
            await link.ask(ASK, 5)
    assert len(client.asked) == 1
    now[0] += 2.0
    with pytest.raises(DaemonUnreachable):
        await link.ask(ASK, 5)
    assert len(client.asked) == 2
    now[0] += 1.5  # the pause has doubled
    with pytest.raises(DaemonUnreachable):
        await link.ask(ASK, 5)
    assert len(client.asked) == 2


async def test_what_the_user_asks_for_is_tried_at_once() -> None:
    client = Dying(0, restarts=False)
    client.connected = False
    link = DaemonLink(client)
    for _ in range(2):
        with pytest.raises(DaemonUnreachable):
            await link.ask(ASK, 5, patient=True)
    assert len(client.asked) == 2


async def test_an_error_the_daemon_reports_is_passed_on_without_a_pause() -> None:
    client = FakeClient()
    client.answers["Status"] = ModelMissing("No model is installed.", "Run shadowpen setup.")
    link = DaemonLink(client)
    for _ in range(2):
        with pytest.raises(ModelMissing):
            await link.ask(ASK, 5)
    assert len(client.asked) == 2


async def test_a_limit_ends_the_wait_and_the_request() -> None:
    client = FakeClient()
    del client.answers["Status"]
    with pytest.raises(StillWaiting):
        await DaemonLink(client).ask(ASK, 0.01)
    assert client.cancelled == [ASK]


async def test_what_nobody_waits_for_fails_quietly_and_ends_with_the_link() -> None:
    client = FakeClient()
    client.answers["Prepare"] = ShadowpenError("no")
    link = DaemonLink(client)
    link.tell(Prepare(id="1", document="d", prefix="p"), 5)
    await client.wait_for("Prepare")
    del client.answers["Prepare"]
    link.tell(Prepare(id="2", document="d", prefix="p"), 5)
    await client.wait_for("Prepare", 2)
    await asyncio.wait_for(link.close(), 5)
    assert client.closed
    assert [message.id for message in client.cancelled] == ["2"]
