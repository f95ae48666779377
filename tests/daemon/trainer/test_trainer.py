"""The trainer process: a job in, events and an adapter out; killed, stopped or paused it loses at most its own run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load_file
from support.models.patterns import rows_in_a_pattern
from support.waiting import wait_until

from shadowpen.daemon.learning.status import TrainingStatus as RunStatus
from shadowpen.daemon.learning.status import read_status, write_status
from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import EventWriter, TrainerEvent, TrainingJob, encode, parse_event, rows_of
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.trainer.packing import pack
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.daemon.trainer.trainer import EXIT_STOPPED

pytest.importorskip("peft")
pytestmark = pytest.mark.slow

PLAN = LoraPlan(
    rank=2,
    alpha=4,
    learning_rate=1e-2,
    batch_rows=2,
    rows_at_once=2,
    epochs=3.0,
    checkpoint_every=1,
    patience=99,
    replay_share=0.0,
    dtype="float32",
)


@pytest.fixture
def job(checkpoint: Path, tmp_path: Path) -> TrainingJob:
    return TrainingJob(
        weights_sha256="0" * 64,
        source=str(checkpoint),
        run_folder=str(tmp_path / "run"),
        replay_folder=str(tmp_path / "replay"),
        activity_file=str(tmp_path / "activity"),
        pause_idle_s=0.0,
        gives_way=False,
        plan=PLAN,
        openings=[],
        bos_id=None,
        max_general_ratio=1.5,
        rows={
            "train": rows_of(rows_in_a_pattern(1)),
            "validation": rows_of(rows_in_a_pattern(2, documents=4)),
            "general": rows_of(pack([], length=32)),
        },
    )


class Trainer:
    """The process under test and what it says."""

    def __init__(self, job: TrainingJob | bytes) -> None:
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "shadowpen.daemon.trainer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
        )  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(job if isinstance(job, bytes) else encode(job))
        self.process.stdin.close()

    def events(self) -> Iterator[TrainerEvent]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = parse_event(line.decode())
            assert event is not None, line
            yield event

    def until(self, kind: str, **data: Any) -> TrainerEvent:
        for event in self.events():
            if event.kind == kind and data.items() <= event.data.items():
                return event
        raise AssertionError(f"it never said {kind} {data}: {self.errors()}")

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()[-2_000:]

    def end(self) -> int:
        assert self.process.stdout is not None
        self.process.stdout.read()
        self.process.stdout.close()
        errors = self.errors()
        assert self.process.stderr is not None
        self.process.stderr.close()
        status = self.process.wait(60)
        assert "Traceback" not in errors, errors
        return status


@pytest.fixture
def start() -> Iterator[Any]:
    started: list[Trainer] = []

    def go(job: TrainingJob | bytes) -> Trainer:
        started.append(Trainer(job))
        return started[-1]

    yield go
    for trainer in started:
        trainer.process.kill()
        trainer.process.wait()
        for stream in (trainer.process.stdout, trainer.process.stderr):
            if stream is not None:
                stream.close()


def test_a_job_becomes_an_adapter(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    trainer = start(job)
    done = trainer.until("done")
    assert trainer.end() == 0

    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["fingerprint"] == job.fingerprint()
    assert result["scale"] == done.data["scale"] == 1.0
    config = json.loads((tmp_path / "run" / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"]) == (2, 4.0)
    tensors = load_file(tmp_path / "run" / "adapter_model.safetensors")
    assert len(tensors) == 28
    assert any(value.any() for name, value in tensors.items() if "lora_B" in name)


def _every_weight(job: TrainingJob, documents: int = 16) -> TrainingJob:
    plan = FullPlan(learning_rate=3e-2, batch_rows=2, checkpoint_every=1, dtype="float32")
    rows = job.rows | {"train": rows_of(rows_in_a_pattern(1, documents)), "rehearsed": rows_of(rows_in_a_pattern(3, 2))}
    return msgspec.structs.replace(job, plan=plan, rows=rows)


def test_a_job_over_every_weight_becomes_a_delta(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    job = _every_weight(job)
    trainer = start(job)
    assert trainer.until("progress", phase="Learning").data["total"] == 9
    done = trainer.until("done")
    assert trainer.end() == 0

    folder = tmp_path / "run"
    result = json.loads((folder / "result.json").read_text())
    assert (result["fingerprint"], result["scale"]) == (job.fingerprint(), done.data["scale"])
    assert result["tokens_per_s"] > 0
    assert Delta(folder / "delta.safetensors").tensor("model.embed_tokens.weight").any()
    assert not (folder / "base.f32").exists()


def test_over_every_weight_it_is_killed_and_goes_on_to_the_very_same_delta(
    job: TrainingJob, start: Any, tmp_path: Path
) -> None:
    job = _every_weight(job)
    assert start(msgspec.structs.replace(job, run_folder=str(tmp_path / "whole"))).end() == 0

    first = start(job)
    first.until("progress", phase="Learning")
    first.process.kill()
    first.end()
    second = start(job)
    second.until("resumed_at")
    assert second.end() == 0

    found, expected = ((tmp_path / name / "delta.safetensors").read_bytes() for name in ("run", "whole"))
    assert found == expected


@pytest.mark.soak
def test_it_is_killed_and_goes_on_to_the_very_same_adapter(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    whole = msgspec.structs.replace(job, run_folder=str(tmp_path / "whole"))
    assert start(whole).end() == 0

    first = start(job)
    for event in first.events():
        if event.kind == "progress" and event.data["phase"] == "Learning":
            first.process.kill()
            break
    first.end()
    assert not (tmp_path / "run" / "result.json").exists()
    second = start(job)
    second.until("resumed_at")
    assert second.end() == 0

    found, expected = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("run", "whole"))
    assert all((found[name] == expected[name]).all() for name in expected)


def test_asked_to_stop_it_leaves_a_checkpoint(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    trainer = start(msgspec.structs.replace(job, plan=msgspec.structs.replace(PLAN, epochs=10_000.0)))
    trainer.until("progress", phase="Learning")
    trainer.process.send_signal(signal.SIGTERM)
    trainer.until("stopped")

    assert trainer.end() == EXIT_STOPPED
    assert (tmp_path / "run" / "checkpoint.safetensors").is_file()


def test_it_waits_while_someone_types(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    activity = tmp_path / "activity"
    activity.touch()
    trainer = start(msgspec.structs.replace(job, pause_idle_s=3_600.0))
    trainer.until("paused")
    os.utime(activity, (0, 0))
    trainer.until("resumed")
    trainer.until("done")

    assert trainer.end() == 0


def test_it_waits_before_it_writes_replay_text(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    (tmp_path / "activity").touch()
    trainer = start(msgspec.structs.replace(job, pause_idle_s=3_600.0))

    phases = []
    for event in trainer.events():
        if event.kind == "paused":
            break
        phases.append(event.data.get("phase"))
    assert "Writing replay text" not in phases


def test_it_is_the_least_important_process(job: TrainingJob, start: Any) -> None:
    plan = msgspec.structs.replace(PLAN, epochs=10_000.0)
    trainer = start(msgspec.structs.replace(job, plan=plan, gives_way=True))
    pid = trainer.process.pid
    # Not by an event: a process that gives way to all others may not get to its first one.
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == 19, "the lowest priority")
    if sys.platform == "linux":
        wait_until(lambda: os.sched_getscheduler(pid) == os.SCHED_IDLE, "an idle process")


def test_what_is_no_job_is_told_in_a_sentence(start: Any) -> None:
    trainer = start(b"nonsense")
    said = trainer.until("failed")

    assert said.data["code"] == "training_error"
    assert trainer.end() == 7


def test_a_full_disk_is_told_in_a_sentence(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    trainer = start(job)
    said = trainer.until("failed")

    assert said.data["code"] == "state_unusable"
    assert trainer.end() == 3


def test_fingerprints_follow_what_changes_the_result(job: TrainingJob) -> None:
    same = msgspec.structs.replace(job, run_folder="/elsewhere", pause_idle_s=9.0)
    other = msgspec.structs.replace(job, plan=msgspec.structs.replace(PLAN, seed=1))

    assert same.fingerprint() == job.fingerprint()
    assert other.fingerprint() != job.fingerprint()


def test_events_are_sparse_and_survive_a_reader_that_went_away(tmp_path: Path) -> None:
    path = tmp_path / "events"
    now = 0.0
    with path.open("w") as stream:
        event_writer = EventWriter(stream, clock=lambda: now)
        for step in range(1, 11):
            now = step * 0.3
            event_writer.progress("Learning", step, 10)
        event_writer.progress("Choosing", 0, 1)
    event_writer.write("done")  # the stream is closed

    events = [parse_event(line) for line in path.read_text().splitlines()]
    assert [event.data["done"] for event in events if event] == [1, 5, 9, 10, 0]
    assert parse_event("tokenizer warning") is None


def test_the_status_is_readable_at_any_moment(layout: Any) -> None:
    assert read_status(layout).state == "none"
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write_status(layout, RunStatus(state="running", phase="x" * (number % 50), done=number))

    writer = threading.Thread(target=write)
    write_status(layout, RunStatus(state="running"))
    writer.start()
    try:
        assert all(read_status(layout).state == "running" for _ in range(200))
    finally:
        stop.set()
        writer.join()


def _by_recipe(job: TrainingJob, **changes: Any) -> TrainingJob:
    given = {"learning_rate": 3e-2, "batch_rows": 2, "gradient_accumulation": 1, "max_seq_length": 32, **changes}
    return msgspec.structs.replace(job, plan=RecipePlan(recipe="frozen", freeze="lowest 1", dtype="float32", **given))


def test_a_recipe_becomes_a_delta_of_what_learned(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    trainer = start(_by_recipe(job, pull_back=0.5))
    done = trainer.until("done")
    assert trainer.end() == 0
    assert done.data["scale"] <= 0.5
    names = set(Delta(tmp_path / "run" / "delta.safetensors").names)
    assert names and all("layers.1." in name for name in names)
    assert json.loads((tmp_path / "run" / "result.json").read_text())["peak_memory_mb"] > 0


def test_a_run_that_diverges_is_told_and_leaves_nothing(job: TrainingJob, start: Any, tmp_path: Path) -> None:
    rows = rows_in_a_pattern(1)
    rows.weights[:, 5] = np.inf
    trainer = start(msgspec.structs.replace(_by_recipe(job), rows=job.rows | {"train": rows_of(rows)}))
    failed = trainer.until("failed")
    assert trainer.end() == 7
    assert failed.data["code"] == "training_diverged"
    assert "diverged at step 1" in failed.data["message"]
    assert not (tmp_path / "run").exists()


@pytest.mark.timeout(600)  # five starts of torch
def test_two_processes_learn_what_one_does(job: TrainingJob, tmp_path: Path) -> None:
    """Started by ourselves with torchrun, and by somebody with `accelerate launch`; over gloo."""
    made = []
    for name, trainer in {
        "one": TrainerProcess(),
        "torchrun": TrainerProcess(processes=2),
        "accelerate": TrainerProcess(command=_accelerate_launch(2)),
    }.items():
        folder = tmp_path / name
        trainer.run(msgspec.structs.replace(_by_recipe(job), run_folder=str(folder)), lambda _: None)
        learned = Delta(folder / "delta.safetensors")
        made.append({matrix: learned.tensor(matrix) for matrix in learned.names})
    for together in made[1:]:
        assert made[0].keys() == together.keys()
        for matrix, alone in made[0].items():
            assert abs(alone - together[matrix]).mean() < 0.1 * abs(alone).mean()


def _accelerate_launch(processes: int) -> tuple[str, ...]:
    """The words of docs/recipes.md."""
    launcher = (sys.executable, "-P", "-m", "accelerate.commands.launch", "--cpu", "--main_process_port", "0")
    options = ("--num_processes", str(processes), "--num_machines", "1", "--mixed_precision", "no")
    return (*launcher, *options, "--dynamo_backend", "no", "-m", "shadowpen.daemon.trainer")
