"""`shadowpen engine`, and what status and doctor say of a server that writes."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from support.command_line import Shadowpen
from support.servers import openai_stand_in as stand_in
from support.servers.openai_stand_in import OpenAiStandIn

from shadowpen.daemon.base import config, store
from shadowpen.daemon.cli.setup.examining import serving_checks

GOOD = stand_in.probable((" lay", -0.5), (" still", -0.5))


def test_a_server_that_answers(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAiStandIn(GOOD) as server:
        monkeypatch.setenv("SHADOWPEN_ENGINE_ADDRESS", server.url)
        done = shadowpen("engine", "check", "--json")
    assert done.status == 0
    assert [(probe["kind"], probe["probabilities"]) for probe in done.json["probes"]] == [
        ("chat", True),
        ("text", True),
    ]
    assert all(probe["all_ms"] >= probe["first_ms"] > 0 for probe in done.json["probes"])
    assert {asked.path for asked in server.asked} == {"/v1/chat/completions", "/v1/completions"}


def test_one_that_does_not(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAiStandIn(stand_in.refuses(404, "no such model")) as server:
        monkeypatch.setenv("SHADOWPEN_ENGINE_ADDRESS", server.url)
        done = shadowpen("engine", "check")
    assert done.status != 0
    assert "no such model" in done.out


def test_another_machine_is_not_asked_without_the_users_word(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_ENGINE_ADDRESS", "http://192.0.2.1")
    done = shadowpen("engine", "check")
    assert done.status == 2 and "engine.remote" in done.err


def test_a_key_is_read_kept_and_removed(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[tuple[str, str], str] = {}
    keyring = SimpleNamespace(
        get_password=lambda *name: held.get(name),
        set_password=lambda service, name, value: held.update({(service, name): value}),
        delete_password=lambda *name: held.pop(name),
    )
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    done = shadowpen("engine", "key", stdin=b"sk-secret\n")
    assert done.status == 0 and "sk-secret" not in done.out
    assert held == {("shadowpen", "http://127.0.0.1:8080/v1"): "sk-secret"}
    assert shadowpen("engine", "key", stdin=b"\n").status == 2
    assert "removed" in shadowpen("engine", "key", "--remove").out and held == {}


def test_doctor_asks_the_server(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(serving_checks.engine(layout, config.load())) == []
    monkeypatch.setenv("SHADOWPEN_ENGINE_WRITING", "openai")
    with OpenAiStandIn(GOOD) as server:
        monkeypatch.setenv("SHADOWPEN_ENGINE_ADDRESS", server.url)
        (finding,) = serving_checks.engine(layout, config.load())
        assert finding.level == "ok" and "on this machine" in finding.message
        server.behaviour = stand_in.web_page
        (finding,) = serving_checks.engine(layout, config.load())
        assert finding.level == "fail" and "web page" in finding.message


def test_doctor_misses_no_model_that_nobody_asks(layout: store.Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_ENGINE_WRITING", "openai")
    assert [finding.level for finding in serving_checks.model(layout, config.load())] == ["fail"]
    monkeypatch.setenv("SHADOWPEN_ENGINE_GHOST_TEXT", "openai")
    assert list(serving_checks.model(layout, config.load())) == []


def test_status_says_that_text_leaves_the_machine(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "engine" not in shadowpen("status").out
    monkeypatch.setenv("SHADOWPEN_ENGINE_WRITING", "openai")
    monkeypatch.setenv("SHADOWPEN_ENGINE_ADDRESS", "https://api.example.org")
    monkeypatch.setenv("SHADOWPEN_ENGINE_REMOTE", "true")
    assert "your text leaves this machine" in shadowpen("status").out
