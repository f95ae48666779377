"""An editor whose language is Chinese is told everything in Chinese, also what the daemon said in English."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.wire.protocol import Explanation

from .abled import Abled
from .replays.driver import URI

_PLACE = {"line": 0, "character": 4}


async def test_actions_messages_and_results_are_in_the_editors_language(client: Abled) -> None:
    client.daemon.answers["Continue"] = RequestInvalid("There are no notes to expand.", "Select some words first.")
    await client.shake(locale="zh-cn", window={"workDoneProgress": True})
    client.open("notes: roof leaks")
    titles = [action["title"] for action in await client.actions(0, 10)]
    assert {"扩写成一段", "续写段落", "纠正拼写和语法", "改排为列表"} <= set(titles)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in titles)
    result = await client.command("shadowpen.continue", URI, _PLACE)
    assert result["reason"] == "没有可以扩写的要点。请先选中一些词。"
    shown = [params["message"] for method, params in client.heard if method == "window/showMessage"]
    assert "没有可以扩写的要点。请先选中一些词。" in shown
    statuses = [params for method, params in client.heard if method == "shadowpen/status"]
    assert (statuses[-1]["message"], statuses[-1]["hint"]) == ("没有可以扩写的要点。", "请先选中一些词。")
    assert statuses[-1]["code"] == "request_invalid"
    paused = await client.command("shadowpen.pause", "on")
    assert (paused["state"], paused["message"]) == ("paused", "联想已暂停。")
    await client.leave()


async def test_why_is_said_in_the_editors_language(client: Abled) -> None:
    client.daemon.suggests("")
    client.daemon.answers["Why"] = Explanation(id="", reason="inside_word", probability=0.25)
    await client.shake(locale="zh-cn")
    client.open("The quick")
    await client.ask(9)
    told = await client.command("shadowpen.why", URI, {"line": 0, "character": 9})
    assert told["text"] == "Shadowpen：没有显示联想：光标在词的中间（有 25% 的可能被接受）"
    assert told["reason"] == "inside_word"
    await client.leave()


@pytest.mark.parametrize("locale", ["en", "de-DE"])
async def test_others_are_told_in_english(client: Abled, locale: str) -> None:
    await client.shake(locale=locale)
    client.open("notes: roof leaks")
    titles = [action["title"] for action in await client.actions(0, 10)]
    assert "Continue paragraph" in titles
    await client.leave()
