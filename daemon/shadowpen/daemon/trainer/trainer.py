"""The trainer process: turn rows of tokens into a version, at the lowest priority.

Reads a Job from standard input, tells events on standard output, writes `delta.safetensors` (every weight learned) or
`adapter_model.safetensors` and `adapter_config.json` (an adapter), and `result.json` into the run's folder. Killed at
any moment it leaves at most a checkpoint, from which the same job goes on. It is `python -m
shadowpen.daemon.trainer`.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
from safetensors.numpy import save

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ShadowpenError, TrainingDiverged, TrainingError
from shadowpen.daemon.learning.conditions.activity import PauseWhileTyping
from shadowpen.daemon.learning.conditions.priority import lower_priority
from shadowpen.daemon.storage.models import ADAPTER, DELTA
from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.by_recipe import ranks
from shadowpen.daemon.trainer.by_recipe import registry as recipes
from shadowpen.daemon.trainer.by_recipe.recipe import Recipe, RecipePlan, served_at_most
from shadowpen.daemon.trainer.by_recipe.run import RecipeRun
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan, OnePass, spread
from shadowpen.daemon.trainer.full_training.strength import best_strength
from shadowpen.daemon.trainer.job import RESULT, EventWriter, TrainingJob, decode
from shadowpen.daemon.trainer.loop import LoraPlan, LoraRun, Stopped, TrainingStep, best_scale, replay_rows
from shadowpen.daemon.trainer.packing import Packed, pack
from shadowpen.daemon.trainer.recipes.prefix import PrefixRecipe, PrefixWeights
from shadowpen.daemon.trainer.replay import replay_ids
from shadowpen.daemon.trainer.scratch.fresh import FreshWeights
from shadowpen.daemon.trainer.scratch.recipes import ScratchRecipe

EXIT_STOPPED = 75
_MOST_THREADS = 8


def main() -> int:
    """Exit status 0 when the adapter is there, EXIT_STOPPED when asked to stop, else an error's."""
    told = sys.stdout.fileno() if ranks.rank() == 0 else os.open(os.devnull, os.O_WRONLY)
    event_writer = EventWriter(os.fdopen(os.dup(told), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries print what they like; stdout is for events
    stop = _StopOnSignal()
    try:
        ranks.join()
        job = _read_job()
        if job.gives_way:
            lower_priority()
        store.private_directory(Path(job.run_folder))
        lora.require_torch()
        train(job, event_writer, stop)
    except Stopped:
        event_writer.write("stopped")
        return EXIT_STOPPED
    except TrainingDiverged as error:
        shutil.rmtree(job.run_folder, ignore_errors=True)  # its checkpoints would diverge again
        event_writer.failed(error)
        return error.exit_status
    except ShadowpenError as error:
        event_writer.failed(error)
        return error.exit_status
    except MemoryError:
        event_writer.failed(TrainingError("There is not enough memory to train this model.", "Close other programs."))
        return TrainingError.exit_status
    return 0


class _StopOnSignal:
    """True from the first SIGTERM or SIGINT on, or when whoever started it is gone: it then leaves a checkpoint."""

    def __init__(self) -> None:
        self._asked = False
        self._parent = os.getppid()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask)

    def _ask(self, *_: object) -> None:
        self._asked = True

    def __call__(self) -> bool:
        return self._asked or os.getppid() != self._parent


def _read_job() -> TrainingJob:
    try:
        return decode(ranks.from_first(sys.stdin.buffer.read() if ranks.rank() == 0 else b""))
    except msgspec.DecodeError as error:
        raise TrainingError(f"The trainer was started without a job: {error}.", "shadowpen train now") from error


def train(job: TrainingJob, event_writer: EventWriter, stop: Callable[[], bool]) -> None:
    """Do the job. Raises Stopped, or a ShadowpenError."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or min(_MOST_THREADS, psutil.cpu_count(False) or 1)))
    event_writer.progress("Loading the model", 0, 1)
    pause = PauseWhileTyping(
        Path(job.activity_file),
        job.pause_idle_s,
        lambda paused: event_writer.write("paused" if paused else "resumed"),
        stop,
    )
    if ranks.count() > 1 and not isinstance(job.plan, RecipePlan):
        raise TrainingError(
            "This recipe runs in one process alone.", "Leave --processes out; every recipe but full and lora takes it."
        )
    learn = {FullPlan: _every_weight, LoraPlan: _adapter, RecipePlan: _by_recipe}[type(job.plan)]
    chosen = learn(job, event_writer, stop, pause, "cuda" if torch.cuda.is_available() else "cpu")
    event_writer.write("done", **chosen)


def _every_weight(
    job: TrainingJob, event_writer: EventWriter, stop: Callable[[], bool], pause: PauseWhileTyping, device: str
) -> dict[str, float]:
    """One pass over every weight; how strongly what it learned is to be served."""
    assert isinstance(job.plan, FullPlan)
    folder = Path(job.run_folder)
    dtype = lora.fastest_dtype(device) if job.plan.dtype == "auto" else job.plan.dtype
    base = lora.load_base(Path(job.source), "float32", device)
    train_rows = job.packed("train")
    replay = _replay(job, base, train_rows, event_writer, stop, pause)
    model = EveryWeight(base, folder, dtype, Delta(Path(job.start)) if job.start else None)
    model.before_every_layer(pause)
    rows = spread(spread(train_rows, job.packed("rehearsed")), replay)
    run = OnePass(model, job.plan, rows, folder)
    run.resume()
    if run.resumed_at:
        event_writer.write("resumed_at", step=run.resumed_at)
    started = time.monotonic() - pause.paused_s
    loss = run.train(_steps(event_writer), stop)
    busy_s = time.monotonic() - started - pause.paused_s
    learned = sum(job.plan.batch_rows for _ in range(run.resumed_at, run.total_steps)) * rows.ids.shape[1]
    del run  # its memory is needed
    model.store(folder / DELTA)
    event_writer.progress("Choosing the strength", 0, 1)
    parts = (job.packed("validation"), job.packed("general"))
    chosen = best_strength(model, job.plan, Delta(folder / DELTA), *parts, job.max_general_ratio)
    model.forget_base()
    speed = {"tokens_per_s": learned / busy_s if busy_s > 0 else 0.0}
    _write_metrics(job, {"loss": loss, "dtype": dtype, "paused_s": pause.paused_s, **speed, **chosen})
    return chosen


def _by_recipe(
    job: TrainingJob, event_writer: EventWriter, stop: Callable[[], bool], pause: PauseWhileTyping, device: str
) -> dict[str, float]:
    """What a recipe makes of the weights; how strongly it is to be served."""
    plan, folder = job.plan, Path(job.run_folder)
    assert isinstance(plan, RecipePlan)
    recipe = recipes.load(plan.recipe)
    if isinstance(recipe, ScratchRecipe):
        return _beside(job, recipe, plan, recipe.fresh(job.vocabulary), event_writer, stop)
    dtype = lora.fastest_dtype(device) if plan.dtype == "auto" else plan.dtype
    if isinstance(recipe, PrefixRecipe):
        base = lora.load_base(Path(job.source), dtype, device)
        prefixed = PrefixWeights(base, job.packed("train").ids[0].tolist(), plan.rank)
        return _beside(job, recipe, plan, prefixed, event_writer, stop)
    base = lora.load_base(Path(job.source), "float32", device)
    replay = _replay(job, base, job.packed("train"), event_writer, stop, pause)
    own_folder = store.private_directory(folder / f"process-{ranks.rank()}") if ranks.rank() else folder
    model = EveryWeight(base, own_folder, dtype, Delta(Path(job.start)) if job.start else None)
    model.before_every_layer(pause)
    run = RecipeRun(model, recipe, plan, job.packed, replay, folder)
    run.resume()
    if run.resumed_at:
        event_writer.write("resumed_at", step=run.resumed_at)
    started, first = time.monotonic() - pause.paused_s, run.resumed_at
    best = run.train(_steps(event_writer), stop)
    busy_s = time.monotonic() - started - pause.paused_s
    learned = (run.resumed_at - first) * run.tokens_a_step
    if ranks.rank():
        model.forget_base()
        return {}
    del run  # its memory is needed
    model.store(folder / DELTA)
    event_writer.progress("Choosing the strength", 0, 1)
    scaled = msgspec.structs.replace(plan, scales=served_at_most(plan.scales, plan.pull_back))
    parts = (job.packed("validation"), job.packed("general"))
    chosen = best_strength(model, scaled, Delta(folder / DELTA), *parts, job.max_general_ratio)
    model.forget_base()
    speed = {"tokens_per_s": learned / busy_s if busy_s > 0 else 0.0}
    _write_metrics(job, {"best_validation": best, "dtype": dtype, "paused_s": pause.paused_s, **speed, **chosen})
    return chosen


def _beside(
    job: TrainingJob,
    recipe: Recipe,
    plan: RecipePlan,
    model: FreshWeights | PrefixWeights,
    event_writer: EventWriter,
    stop: Callable[[], bool],
) -> dict[str, float]:
    """Weights that are no change of the base's: there is nothing to be weighed against it."""
    folder, length = Path(job.run_folder), plan.max_seq_length
    run = RecipeRun(model, recipe, plan, job.packed, pack([], length=length), folder)
    run.resume()
    if run.resumed_at:
        event_writer.write("resumed_at", step=run.resumed_at)
    best = run.train(_steps(event_writer), stop)
    if ranks.rank() == 0:
        model.store(folder)
        _write_metrics(job, {"best_validation": best, "scale": 1.0})
    return {"validation_loss": best}


def _adapter(
    job: TrainingJob, event_writer: EventWriter, stop: Callable[[], bool], pause: PauseWhileTyping, device: str
) -> dict[str, float]:
    """An adapter on the base; the scale that was chosen for it."""
    assert isinstance(job.plan, LoraPlan)
    folder = Path(job.run_folder)
    dtype = lora.fastest_dtype(device) if job.plan.dtype == "auto" else job.plan.dtype
    base = lora.load_base(Path(job.source), dtype, device)
    train_rows, validation, general = (job.packed(name) for name in ("train", "validation", "general"))
    replay = _replay(job, base, train_rows, event_writer, stop, pause)
    model = lora.Adapted(base, job.plan.rank, job.plan.alpha, job.plan.seed)
    model.before_every_layer(pause)
    plan = job.plan if device == "cpu" else msgspec.structs.replace(job.plan, rows_at_once=job.plan.batch_rows)
    run = LoraRun(model, plan, train_rows, replay, validation, folder)
    run.resume()
    if run.resumed_at:
        event_writer.write("resumed_at", step=run.resumed_at)
    best = run.train(_steps(event_writer), stop)
    event_writer.progress("Choosing the strength", 0, 1)
    chosen = best_scale(model, job.plan, validation, general, job.max_general_ratio)
    _write_adapter(folder, model, job.plan, chosen["scale"])
    _write_metrics(job, {"best_validation": best, "dtype": dtype, "paused_s": pause.paused_s, **chosen})
    return chosen


def _replay(
    job: TrainingJob,
    base: Any,
    train_rows: Packed,
    event_writer: EventWriter,
    stop: Callable[[], bool],
    pause: PauseWhileTyping,
) -> Packed:
    length = train_rows.ids.shape[1]
    wanted = replay_rows(train_rows, job.plan.replay_share)
    if not wanted or not job.openings:
        return pack([], length=length)
    begin = [] if job.bos_id is None else [job.bos_id]
    room = length - len(begin)

    def told(done: int, total: int) -> None:
        pause()
        if stop():
            raise Stopped
        event_writer.progress("Writing replay text", done, total)

    ids = replay_ids(base, job.openings, Path(job.replay_folder), wanted, room, told, begin)
    return pack([(row.tolist(), np.ones(room).tolist()) for row in ids], job.bos_id, length)


def _steps(event_writer: EventWriter) -> Callable[[TrainingStep], None]:
    """Tells each step; TrainingError at the first whose loss is no number."""

    def told(step: TrainingStep) -> None:
        if not math.isfinite(step.loss):
            raise TrainingDiverged(
                f"The run diverged at step {step.number} of {step.total}: its loss is no longer a number. "
                "Nothing of it is used.",
                "Choose a smaller learning_rate; `shadowpen lab run --help` says how.",
            )
        read = {} if math.isnan(step.validation) else {"validation": round(step.validation, 4)}
        event_writer.progress("Learning", step.number, step.total, loss=round(step.loss, 4), **read)

    return told


def _write_adapter(folder: Path, model: lora.Adapted, plan: LoraPlan, scale: float) -> None:
    """The adapter under peft's names, so that other programs can load it."""
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": plan.rank,
        "lora_alpha": plan.alpha * scale,
        "target_modules": model.targets,
        "fan_in_fan_out": model.inputs_first,
        "lora_dropout": 0.0,
        "bias": "none",
        "inference_mode": True,
    }
    store.write_atomic(folder / ADAPTER, save(model.state()))
    store.write_atomic(folder / "adapter_config.json", json.dumps(config, indent=2).encode())


def _write_metrics(job: TrainingJob, metrics: dict[str, float | str]) -> None:
    """result.json comes last: where it is, the run is done."""
    content = json.dumps({"fingerprint": job.fingerprint(), **_peak(), **metrics})
    store.write_atomic(Path(job.run_folder) / RESULT, content.encode())


def _peak() -> dict[str, float]:
    """The most memory that this process has held; nothing where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return {}
    unit = 1 if sys.platform == "darwin" else 1024
    return {"peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)}
