"""The examples of docs/plugins: installed by pip as anyone would, found, tried, and run by the real programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny import make_tiny_checkpoint

from shadowpen.daemon.plugins.registry import KINDS

_EXAMPLES = Path(__file__).parents[2] / "docs" / "plugins"
_SUBTITLES = "1\n00:00:01,000 --> 00:00:02,500\nThe ferry left at noon, and nobody waved.\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Run = Callable[..., str]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one example of each kind, installed without network."""
    folder = tmp_path_factory.mktemp("installed")
    examples = sorted(path.parent for path in _EXAMPLES.glob("*/pyproject.toml"))
    assert [example.name for example in examples] == sorted(KINDS.values())
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--no-compile", "--quiet")
    command = (sys.executable, "-m", "pip", "install", *offline, "--target", str(folder), *map(str, examples))
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return folder


@pytest.fixture
def run(target: Path, home: Path, tiny_models: Path) -> Run:
    """Runs `shadowpen` with the examples installed; its output."""

    def run(*arguments: str, given: str = "", **settings: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(target), "SHADOWPEN_MODELS": str(tiny_models), **settings}
        command = (sys.executable, "-P", "-m", "shadowpen.daemon.cli", *arguments)
        done = subprocess.run(command, input=given, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_each_is_tried_and_listed(run: Run) -> None:
    found = json.loads(run("plugins", "--json"))["plugins"]
    assert {plugin["kind"] for plugin in found} == set(KINDS.values())
    assert [plugin["problem"] for plugin in found] == [""] * len(KINDS)


def test_a_command_is_run(run: Run) -> None:
    assert run("count-words", given="one two three") == "3 words\n"


def test_a_model_is_installed_from_a_source(run: Run, tmp_path: Path) -> None:
    checkpoint = make_tiny_checkpoint(tmp_path / "checkpoint")
    (checkpoint / "LICENSE").write_text("Apache License, Version 2.0\n")
    archive = tmp_path / "tiny.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in checkpoint.iterdir():
            packed.write(path, path.name)
    models = {"SHADOWPEN_MODELS": str(tmp_path / "models")}
    installed = json.loads(run("setup", f"zip:{archive}", "--name", "zipped", "--json", **models))
    assert installed["manifest"]["source"]["kind"] == "zip"


def test_a_format_is_read(run: Run, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "ferry.srt").write_text(_SUBTITLES)
    run("data", "prepare", "--input", str(texts), "--output", str(tmp_path / "out"))
    prepared = "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "The ferry left at noon" in prepared and "-->" not in prepared


def test_a_recipe_is_listed_with_its_hyperparameters(run: Run) -> None:
    listed = {one["name"]: one for one in json.loads(run("lab", "list", "--json"))["recipes"]}
    assert listed["slow"]["hyperparameters"]["pull_back"] == 0.5
    assert "full" in listed


def test_a_task_and_an_engine_serve_in_the_daemon(run: Run) -> None:
    settings = {"SHADOWPEN_MODEL_ENGINE": "echo", "SHADOWPEN_MODEL_TASKS": "initials"}
    assert run("complete", given="All that glitters", **settings).strip().endswith("Atg")
    report = json.loads(run("status", "--json", **settings))
    assert report["model"]["plugin_problems"] == []
    assert report["model"]["replaced_tasks"] == ["continue by initials (inkwell-task)"]
    assert report["model"]["engine_name"] == "echo (inkwell-engine)"
    assert run("expand", given="harbour, rope", **settings).strip(), "the engine repeats what the notes say"
