"""The language is the user's own, and nothing is read for English."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.translation import language


@pytest.mark.parametrize(
    ("setting", "locale", "environment", "expected"),
    [
        ("auto", None, {}, "en"),
        ("auto", None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("auto", None, {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ("auto", None, {"LANG": "de_DE.UTF-8", "LC_MESSAGES": "C", "LC_ALL": "zh_TW"}, "zh"),
        ("auto", None, {"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ("auto", None, {"LANG": "de_DE.UTF-8"}, "en"),
        ("auto", None, {"LANG": "C.UTF-8"}, "en"),
        ("auto", "zh-cn", {"LANG": "de_DE"}, "zh"),
        ("auto", "zh", {}, "zh"),
        ("auto", "en-us", {"LANG": "zh_CN"}, "en"),
        ("zh", "en-us", {"LANG": "C"}, "zh"),
        ("en", "zh-cn", {"LANG": "zh_CN"}, "en"),
    ],
)
def test_whose_language_it_is(setting: str, locale: str | None, environment: dict[str, str], expected: str) -> None:
    assert language.chosen(setting, locale, environment) == expected


def test_it_is_asked_for_once_and_only_when_something_is_said() -> None:
    asked: list[str] = []
    language.speak(lambda: asked.append("asked") or "zh")  # type: ignore[func-returns-value]
    assert not asked
    assert language.translated("The daemon is starting.") == "守护进程正在启动。"
    assert language.translated("The model is being loaded.") == "正在加载模型。"
    assert asked == ["asked"]


def test_no_catalogue_is_read_for_english() -> None:
    language.catalogue.cache_clear()
    language.speak(lambda: language.ENGLISH)
    assert language.translated("The daemon is starting.") == "The daemon is starting."
    assert language.catalogue.cache_info().misses == 0
