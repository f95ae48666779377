"""`shadowpen config`: every setting with its source; get, set, unset."""

from __future__ import annotations

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import config, store
from shadowpen.daemon.cli.setup import settings


def test_every_setting_is_shown_with_value_source_and_reason(shadowpen: Shadowpen) -> None:
    document = shadowpen("config", "--json").json
    assert [row["name"] for row in document["settings"]] == settings.names()
    assert all(row["why"] and row["source"] == "default" for row in document["settings"])
    shown = shadowpen("config").out
    assert all(name in shown for name in settings.names())


def test_a_value_is_set_with_the_source_named(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert "editors restart" in shadowpen("config", "set", "completion.deadline_ms", "80").out
    assert "nothing needs to restart" in shadowpen("config", "set", "monitoring.min_bleu", "30").out
    assert shadowpen("config", "get", "completion.deadline_ms").out == "80\n"
    row = shadowpen("config", "get", "completion.deadline_ms", "--json").json
    assert (row["value"], row["default"], row["source"]) == (80, 60, str(layout.config_file))
    assert config.load().completion.deadline_ms == 80


def test_unset_brings_the_default_back(shadowpen: Shadowpen) -> None:
    shadowpen("config", "set", "completion.deadline_ms", "80")
    done = shadowpen("config", "unset", "completion.deadline_ms")
    assert "is no longer set" in done.out
    assert config.load().completion.deadline_ms == 60
    assert "was not set" in shadowpen("config", "unset", "completion.deadline_ms").out


def test_the_environment_is_named_where_it_wins(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_COMPLETION_DEADLINE_MS", "99")
    done = shadowpen("config", "set", "completion.deadline_ms", "80")
    assert "SHADOWPEN_COMPLETION_DEADLINE_MS" in done.err
    assert shadowpen("config", "get", "completion.deadline_ms").out == "99\n"


@pytest.mark.parametrize(
    ("value", "items"),
    [('["a", "b c"]', ["a", "b c"]), ("[]", []), ("a:b", ["a", "b"]), ("[ab]*", ["[ab]*"]), ("[1]", ["[1]"])],
)
def test_a_list_in_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, items: list[str]) -> None:
    monkeypatch.setattr("os.pathsep", ":")
    monkeypatch.setenv("SHADOWPEN_LEARNING_EXCLUDE", value)
    assert config.load().learning.exclude == items


def test_a_list_takes_several_values(shadowpen: Shadowpen) -> None:
    assert "from now on" in shadowpen("config", "set", "learning.exclude", "*.key", "private notes/*").out
    assert config.load().learning.exclude == ["*.key", "private notes/*"]
    shadowpen("config", "set", "learning.exclude", '["diary", "a b/*"]')
    assert config.load().learning.exclude == ["diary", "a b/*"]
    shadowpen("config", "set", "learning.exclude", "[ab]*.[md]")
    assert config.load().learning.exclude == ["[ab]*.[md]"]
    assert shadowpen("config", "set", "learning.exclude", "").status == 0
    assert config.load().learning.exclude == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["completion.deadline_ms", "1"], "between 5 and 5000"),
        (["completion.deadline_ms", "soon"], "whole number"),
        (["completion.deadline_ms", "80", "90"], "one value"),
        (["deadline_ms", "80"], "completion.deadline_ms"),
        (["model.device", "tpu"], "auto, cpu, cuda"),
        (["nonsense.at_all", "1"], "`shadowpen config` lists them"),
    ],
)
def test_a_mistake_is_refused_and_changes_nothing(
    shadowpen: Shadowpen,
    layout: store.Layout,
    arguments: list[str],
    words: str,
) -> None:
    done = shadowpen("config", "set", *arguments)
    assert done.status == 2 and words in done.err
    assert not layout.config_file.exists()


def test_problems_of_the_file_are_told(shadowpen: Shadowpen, layout: store.Layout) -> None:
    store.write_atomic(layout.config_file, b"[completion]\ndeadline_ms = 'soon'\n")
    assert "whole number" in shadowpen("config").err
    assert shadowpen("config", "--json").json["problems"]
