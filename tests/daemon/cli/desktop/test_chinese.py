"""The pages in Chinese: every sentence that is ours, and what is the user's as it is."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from support.language import templates
from support.language.shown import TEMPLATES
from support.models.kept_versions import make

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.translation import language
from shadowpen.daemon.storage import models

PATHS = ["/", "/learned", "/learned/forget?kind=phrase&value=quay", "/versions", "/report", "/report/page", "/settings"]
_NAMES = {"Shadowpen", "base"}  # that are the same in every language
_MARKUP = re.compile(r"<(style|script|option|textarea|label|h2)\b.*?</\1>|<[^<>]*>", re.DOTALL)
_COMMAND = re.compile(r"`[^`]*`")
_ENGLISH = re.compile(r"[A-Za-z]{3,}( [a-z]{2,}){2,}")


@pytest.fixture
def in_chinese(home: Path) -> None:
    language.speak(lambda: "zh")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_words_stand_in_a_template_alone(path: Path) -> None:
    assert templates.words(path) - _NAMES == set(), "put them into `say`"


@pytest.mark.usefixtures("in_chinese", "with_model")
@pytest.mark.parametrize("path", [*PATHS, "/write"])
def test_every_page_is_chinese_throughout(browser: httpx.Client, layout: store.Layout, path: str) -> None:
    browser.post("/versions/use", data={"version": make(models.resolve("default"))})
    config_file.write(layout.config_file, "learning", "folders", ["/the folder of my essays"])
    page = browser.get(path).text
    assert page.startswith('<!DOCTYPE html>\n<html lang="zh-Hans">')
    shown = _COMMAND.sub("", _MARKUP.sub("\n", page)).replace("/the folder of my essays", "")
    assert [found[0] for found in _ENGLISH.finditer(shown)] == []


@pytest.mark.usefixtures("in_chinese")
def test_keys_are_marked_as_such(browser: httpx.Client) -> None:
    assert "按 <kbd>Tab</kbd> 接受灰色文字，<kbd>Ctrl</kbd>+<kbd>→</kbd> 接受一个词" in browser.get("/write").text


@pytest.mark.usefixtures("in_chinese")
def test_what_was_done_and_what_cannot_be_done_are_told_in_chinese(browser: httpx.Client) -> None:
    assert "幽灵文本已暂停到" in browser.post("/act", data={"wish": "tomorrow"}).text
    refused = browser.post("/learned/words", data={"word": "two words"}).text
    assert "这不是一个词。" in refused and "请输入一个词。" in refused
    changed = browser.post("/settings", data={"name": "completion.deadline_ms", "value": "90"}).text
    assert "completion.deadline_ms 现在是 90。" in changed and "来自 config.toml；默认值是" in changed
    assert browser.post("/write/expand", content="no JSON").json()["problem"] == "无法读取请求。请重新加载页面。"


@pytest.mark.usefixtures("in_chinese")
def test_whoever_has_no_cookie_is_told_so_in_chinese(browser: httpx.Client) -> None:
    browser.cookies.clear()
    assert browser.get("/").text.startswith("Shadowpen 只向一个浏览器显示这些页面。")
