"""The trainer in the process of the test: what it does is the same, and torch is imported once for all runs."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path

from shadowpen.daemon.trainer import trainer
from shadowpen.daemon.trainer.job import EventWriter, TrainerEvent, TrainingJob, parse_event


class TrainerHere:
    """Does what `TrainerProcess` does, but for stopping."""

    is_running = False

    def run(self, job: TrainingJob, on_event: Callable[[TrainerEvent], None]) -> Path:
        trainer.store.private_directory(Path(job.run_folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries, which end up on a process's standard error
            trainer.train(job, EventWriter(_Told(on_event)), lambda: False)
        return Path(job.run_folder)


class _Told(io.StringIO):
    """Hands each line on as the event that it is."""

    def __init__(self, on_event: Callable[[TrainerEvent], None]) -> None:
        super().__init__()
        self._on_event = on_event

    def write(self, line: str) -> int:
        event = parse_event(line)
        if event is not None:
            self._on_event(event)
        return len(line)
