from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types

from shadowpen.daemon.config import Config, LearningSettings
from shadowpen.daemon.errors import DaemonUnreachable, RequestInvalid
from shadowpen.daemon.protocol import Record
from shadowpen.lsp_server import edit_reporter
from shadowpen.lsp_server.acceptance import Accepted
from shadowpen.lsp_server.documents import Documents
from shadowpen.lsp_server.edit_reporter import EditReporter
from shadowpen.lsp_server.positions import Place

URI = "file:///essay.md"


class Desk:
    """A reporter in front of a daemon that acknowledges, or fails as often as told."""

    def __init__(self, learning: str = "on", **settings: list[str]) -> None:
        self.documents = Documents()
        self.document = self.documents.open(types.TextDocumentItem(URI, "markdown", 1, "The quick brown fox"))
        self.failures: list[Exception] = []
        self.stored: list[dict[str, Any]] = []
        self.tries = 0
        self.questions = 0
        config = Config(learning=LearningSettings(enabled=learning, **settings))
        self.reporter = EditReporter(self.documents, self._ask, self._question, lambda: config)

    async def _ask(self, record: Record, timeout_s: float) -> None:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        self.stored.extend(record.events)

    def _question(self) -> None:
        self.questions += 1

    def accept(self, id: str = "g", uri: str = URI, language: str = "markdown") -> None:
        self.reporter.accepted(
            Accepted(id, uri, Place(0, 4), Place(0, 9), "quick", "quick", "The ", language, "m@stock", 7.0)
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "_RETRY_S", 0)


async def test_it_is_sent_again_until_the_daemon_has_it() -> None:
    desk = Desk()
    desk.failures = [DaemonUnreachable("gone"), DaemonUnreachable("gone")]
    desk.accept()
    await desk.until(lambda: bool(desk.stored))
    assert desk.tries == 3
    assert [event["id"] for event in desk.stored] == ["g"]


async def test_what_a_daemon_will_never_take_is_given_up() -> None:
    desk = Desk()
    desk.failures = [RequestInvalid("malformed")]
    desk.accept()
    await desk.until(lambda: desk.tries == 1)
    desk.accept("h")
    await desk.until(lambda: bool(desk.stored))
    assert [event["id"] for event in desk.stored] == ["h"]


async def test_after_two_minutes_what_stands_there_is_final(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_reporter, "FINAL_AFTER_S", 0.001)
    desk = Desk()
    desk.accept()
    await desk.until(lambda: len(desk.stored) == 2)
    assert (desk.stored[1]["type"], desk.stored[1]["when"], desk.stored[1]["text"]) == ("kept", "2min", "quick")
    await desk.reporter.close()
    assert len(desk.stored) == 2, "it is reported once"


async def test_at_the_end_everything_is_reported_and_waited_for() -> None:
    desk = Desk()
    desk.accept()
    await desk.reporter.close()
    assert [(event["type"], event.get("when")) for event in desk.stored] == [("accepted", None), ("kept", "shutdown")]


@pytest.mark.parametrize("learning", ["ask", "off"])
async def test_without_consent_nothing_leaves(learning: str) -> None:
    desk = Desk(learning)
    desk.accept()
    desk.accept("h")
    await desk.reporter.close()
    assert desk.tries == 0
    assert desk.questions == (1 if learning == "ask" else 0)


@pytest.mark.parametrize(
    ("uri", "language"),
    [("file:///home/me/.env", "plaintext"), ("git:/x.md", "markdown"), ("file:///x/private/a.md", "markdown")],
)
async def test_what_is_set_apart_does_not_leave(uri: str, language: str) -> None:
    desk = Desk(private_folders=["/x/private"])
    desk.accept("g", uri, language)
    await desk.reporter.close()
    assert desk.tries == 0
