"""Training by command: a run from texts to a version that answers, stopped, killed, resumed, watched."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import tiny
from support.command_line import Process, Shadowpen
from support.waiting import wait_until

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.cli.learning import train
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.conditions.activity import ActivityMark, activity_file
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.trainer.job import parse_event

pytestmark = pytest.mark.slow


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Enough of one author's text for a run."""
    folder = tmp_path / "texts"
    folder.mkdir()
    dice = random.Random(1)
    words = [line.split() for line in tiny.LINES]
    for number in range(22):
        lines = [" ".join(dice.sample(dice.choice(words), 8)) + "." for _ in range(28)]
        (folder / f"2024-01-{number + 1:02}.md").write_text(
            "\n\n".join(" ".join(lines[n : n + 4]) for n in range(0, 28, 4))
        )
    return folder


@pytest.fixture
def ready(texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    """A home with a tiny model that says nonsense, and consent to learn from the texts."""
    pytest.importorskip("peft")
    tiny.make_tiny_model(tmp_path / "models", "default")
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    layout = store.layout()
    config_file.write(layout.config_file, "learning", "enabled", "on")
    config_file.write(layout.config_file, "learning", "method", "lora")  # a model that says nonsense needs many passes
    config_file.add_item(layout.config_file, "learning", "folders", str(texts))
    return layout


class TrainingRun:
    """The training process, and what it says."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen([*runs.COMMAND, *options], stdout=subprocess.PIPE)

    def events(self) -> Iterator[Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = parse_event(line.decode())
            assert event is not None, line
            yield event

    def until(self, what: str) -> None:
        for event in self.events():
            if what in (event.data.get("phase"), event.kind):
                return
        raise AssertionError(f"it never came to {what!r}")

    def end(self) -> int:
        self.process.communicate(timeout=100)
        return self.process.wait()


@pytest.fixture
def start() -> Iterator[Any]:
    started: list[TrainingRun] = []

    def go(*options: str) -> TrainingRun:
        started.append(TrainingRun(*options))
        return started[-1]

    yield go
    for run in started:
        with run.process:
            run.process.kill()


def _is_whole(layout: store.Layout) -> versions.Served:
    """What is served: it fits its manifest, byte by byte, whatever was killed."""
    model = models.resolve("default", layout)
    served = versions.served(layout, model, "int8")
    assert served.problem == ""
    if served.version:
        versions.check_graph(layout, versions.read(layout, served.version), "int8", thorough=True)
    return served


def test_a_run_from_texts_to_a_version_that_answers(process: Process, ready: store.Layout) -> None:
    done = process("train", "now", "--full-speed", "--json")

    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["event"] == "promoted", told
    assert _is_whole(ready).version == told["version"]
    again = json.loads(process("train", "status", "--json").stdout)
    assert again["run"]["state"] == "promoted"
    assert (again["text"]["new_tokens"], again["text"]["missing_tokens"], again["text"]["ready"]) == (0, 0, False)


@pytest.mark.soak  # one kill of each process stays in CI: recipes/test_chain_kills.py and trainer/test_trainer.py
@pytest.mark.parametrize(
    "phase", ["Learning", "Building the int8 graph", "Reading your newest text with the candidate"]
)
def test_killed_at_any_moment_what_is_served_is_whole_and_the_next_run_goes_on(
    start: Any, ready: store.Layout, phase: str
) -> None:
    killed = start("--full-speed")
    killed.until(phase)
    children = psutil.Process(killed.process.pid).children()
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.end()
    wait_until(lambda: not any(map(psutil.pid_exists, [child.pid for child in children])), "the trainer's end", 60)

    assert _is_whole(ready).version == ""
    assert runs.status(ready).state == "interrupted"
    assert start("--full-speed").end() == 0
    assert _is_whole(ready).version != ""
    assert not (ready.training / "candidate").exists()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_thirty_kills_at_random_moments(start: Any, ready: store.Layout) -> None:
    moment = random.Random(30)
    for _ in range(30):
        run = start("--full-speed")
        for number, event in enumerate(run.events()):
            if event.kind == "promoted" or number == moment.randrange(40):
                break
        run.process.kill()
        run.end()
        _is_whole(ready)
    assert start("--full-speed").end() == 0
    assert _is_whole(ready).version != ""


@pytest.mark.timeout(600)  # it gives way to whatever else the machine does
def test_a_run_that_waits_for_the_writer_can_be_stopped(start: Any, ready: store.Layout, shadowpen: Shadowpen) -> None:
    config_file.write(ready.config_file, "learning", "idle_s", 3600.0)
    ActivityMark(activity_file(ready)).touch()
    first = start()
    first.until("paused")

    assert "already in progress" in shadowpen("train", "now").err
    assert "It waits until you stop typing" in shadowpen("train", "status").out
    assert "is stopping" in shadowpen("train", "stop").out
    assert first.end() == 75
    assert shadowpen("train", "status", "--json").json["run"]["state"] == "stopped"
    assert "No training" in shadowpen("train", "stop").out
    assert _is_whole(ready).version == ""


def test_with_too_little_text_it_says_how_much_is_missing(
    shadowpen: Shadowpen, process: Process, ready: store.Layout, texts: Path
) -> None:
    for path in sorted(texts.iterdir())[2:]:
        path.unlink()

    refused = process("train", "now", "--full-speed")

    assert refused.returncode == 7
    assert b"too little new text of yours" in refused.stderr
    assert b"more words" in refused.stderr
    status = shadowpen("train", "status")
    assert "too little" in status.out
    assert "a run needs another" in status.out


def test_switched_off_it_does_not_learn(shadowpen: Shadowpen, ready: store.Layout) -> None:
    shadowpen("learn", "off")

    refused = shadowpen("train", "now")

    assert refused.status == 2
    assert "Learning is off" in refused.err


def test_without_torch_it_says_what_to_install(
    ready: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where only completing was installed: a module that cannot be imported stands in its place."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "peft.py").write_text("raise ModuleNotFoundError(\"No module named 'peft'\", name='peft')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without"))

    command = [sys.executable, "-m", "shadowpen.daemon.cli", "train", "now", "--full-speed"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 7
    assert "needs the package peft" in done.stderr
    assert "pip install" in done.stderr


def test_before_any_run_the_status_says_so(shadowpen: Shadowpen) -> None:
    status = shadowpen("train", "status")

    assert (status.status, "No training has run yet" in status.out) == (0, True)
    assert "setup" in status.out


def test_a_run_in_the_background_is_a_document_for_a_script(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(runs, "start_detached", started.append)
    assert shadowpen("train", "now", "--background", "--json").json == {"event": "started"}
    assert started == [list(runs.COMMAND)]


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_run_that_fails_has_the_exit_code_of_its_reason(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch, as_json: list[str]
) -> None:
    last = {"event": "failed", "code": "too_little_text", "message": "There is too little.", "hint": "Write."}
    monkeypatch.setattr(train, "_watch", lambda *_: last)
    done = shadowpen("train", "now", *as_json)
    assert done.status == 7
    assert done.json == last if as_json else "There is too little." in done.err
