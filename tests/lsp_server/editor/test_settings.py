"""lsp_server/editor/settings.py: what config.toml says now, and the editor's options on top."""

from __future__ import annotations

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.config import CompletionSettings, Config
from shadowpen.lsp_server.editor.settings import LiveSettings


def test_what_the_user_writes_holds_at_once_and_stays_while_the_file_is_missing(home: object) -> None:
    settings = LiveSettings(Config())
    assert settings.author().learning.enabled == "ask"
    file = store.layout().config_file
    config_file.write(file, "learning", "enabled", "on")
    assert settings.author().learning.enabled == "on"
    file.unlink()
    assert settings.author().learning.enabled == "on"


def test_the_editor_may_ask_for_an_earlier_answer_and_not_for_a_later_one(home: object) -> None:
    settings = LiveSettings(Config(completion=CompletionSettings(deadline_ms=100)))
    asked = []
    for wished in (None, 50, 500):
        assert settings.configure({"deadlineMs": wished}) == []
        asked.append(settings.deadline_ms())
    assert asked == [None, 50, 100]


def test_a_mistake_in_the_options_is_told_and_keeps_the_default(home: object) -> None:
    settings = LiveSettings(Config())
    (problem,) = settings.configure({"enabled": "no"})
    assert "enabled" in problem and settings.options.enabled
