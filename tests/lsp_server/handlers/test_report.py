"""lsp_server/handlers/report.py: the report is made by a process of its own and shown where the editor can."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shadowpen.lsp_server.handlers import report

from ..replays.driver import Client

TOLD = {"path": "/home/me/a report.html", "helps": "It saves you 31% of the keys.", "better": "It gets better."}


def answering(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    """The command line writes this."""
    monkeypatch.setattr(report, "MAKE", (sys.executable, "-c", f"print({output!r})"))


class Abled(Client):
    async def shake(self, **window: Any) -> None:
        await self.request("initialize", {"processId": None, "capabilities": {"window": window}})
        self.notify("initialized", {})


async def test_the_report_is_opened_outside_of_the_editor(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, json.dumps(TOLD))
    client = Abled()
    client.answers["window/showDocument"] = {"success": True}
    await client.shake(showDocument={"support": True})
    assert await client.command("shadowpen.report") == {**TOLD, "shown": True, "reason": ""}
    (asked,) = [params for method, params in client.heard if method == "window/showDocument"]
    assert asked == {"uri": "file:///home/me/a%20report.html", "external": True}
    assert client.messages() == []
    await client.leave()


@pytest.mark.parametrize("window", [{}, {"showDocument": {"support": False}}, {"showDocument": {"support": True}}])
async def test_where_it_cannot_be_opened_it_is_said_where_it_lies(
    home: Path, monkeypatch: pytest.MonkeyPatch, window: dict[str, Any]
) -> None:
    answering(monkeypatch, json.dumps(TOLD))
    client = Abled()
    client.answers["window/showDocument"] = {"success": False}
    await client.shake(**window)
    assert (await client.command("shadowpen.report"))["shown"] is False
    assert client.messages() == ["It saves you 31% of the keys. /home/me/a report.html"]
    await client.leave()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (json.dumps({"error": {"code": "state_unusable", "message": "No.", "hint": "Later."}}), "No. Later."),
        ("no report", "The report could not be made: JSONDecodeError."),
        ("[]", "The report could not be made: ValueError."),
    ],
)
async def test_a_report_that_cannot_be_made_says_why(
    home: Path, monkeypatch: pytest.MonkeyPatch, output: str, reason: str
) -> None:
    answering(monkeypatch, output)
    client = Abled()
    await client.shake()
    told = await client.command("shadowpen.report")
    assert (told["path"], told["shown"], told["reason"]) == ("", False, reason)
    assert client.messages() == [f"Shadowpen: {reason}"]
    await client.leave()


@pytest.mark.parametrize(("locale", "tag"), [("en", "en"), ("zh-cn", "zh-Hans")])
async def test_the_command_line_makes_it_in_the_clients_language(home: Path, locale: str, tag: str) -> None:
    client = Abled()
    await client.request("initialize", {"processId": None, "capabilities": {}, "locale": locale})
    client.notify("initialized", {})
    told = await client.command("shadowpen.report")
    assert told["reason"] == ""
    page = Path(told["path"]).read_text("utf-8")
    assert page.startswith(f'<!DOCTYPE html>\n<html lang="{tag}">')
    assert ("Shadowpen 为你做了什么" in page) is (tag == "zh-Hans")
    await client.leave()
