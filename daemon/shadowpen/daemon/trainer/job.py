"""Messages of the trainer process: a job on standard input, progress as JSON lines.

The author's tokens go through a pipe and never through a file. This file knows the format, not what is done with it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.trainer.packing import Packed, pack

RESULT = "result.json"
_FIELDS = ("ids", "weights", "segments", "positions")
_STATUS_EVERY_S = 1.0


class Array(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


class TrainingJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job for the trainer.

    `rows` holds train, validation, general and perhaps rehearsed as `rows_of` made them, and what a recipe has of its
    own; paths are absolute.

    `weights_sha256` identifies what is in `source`, `openings` are beginnings of sentences as token ids;
    `start` is the file of differences that every weight starts from, "" for the base, and `start_sha256` its hash;
    `pause_idle_s` 0 never pauses, `gives_way` makes the process the least important one; `max_general_ratio`
    bounds how much worse general text may be read at the scale that is chosen; `vocabulary` are the ids of a new model.
    """

    source: str
    weights_sha256: str
    run_folder: str
    replay_folder: str
    activity_file: str
    pause_idle_s: float
    gives_way: bool = True
    plan: LoraPlan | FullPlan | RecipePlan
    start: str = ""
    start_sha256: str = ""
    openings: list[list[int]]
    bos_id: int | None
    vocabulary: int = 0
    max_general_ratio: float
    rows: dict[str, list[Array]]

    def packed(self, name: str) -> Packed:
        """The rows of that name; none where the job has none."""
        if name not in self.rows:
            return pack([], length=self.rows["train"][0].shape[1])
        return Packed(*(_array(array) for array in self.rows[name]))

    def fingerprint(self) -> str:
        """The same for jobs with the same result: a checkpoint goes with it."""
        content = msgspec.msgpack.encode(
            [self.weights_sha256, self.start_sha256, self.plan, self.openings, self.bos_id, self.rows]
        )
        return hashlib.sha256(content).hexdigest()


def rows_of(packed: Packed) -> list[Array]:
    """Encode `packed` for a job."""
    return [_travelling(getattr(packed, name)) for name in _FIELDS]


def encode(job: TrainingJob) -> bytes:
    return msgspec.msgpack.encode(job)


def decode(content: bytes) -> TrainingJob:
    """The job in `content`; msgspec.DecodeError if there is none."""
    return msgspec.msgpack.decode(content, type=TrainingJob)


def _travelling(values: NDArray[Any]) -> Array:
    return Array(values.dtype.str, values.shape, np.ascontiguousarray(values).tobytes())


def _array(array: Array) -> NDArray[Any]:
    return np.frombuffer(array.data, np.dtype(array.dtype)).reshape(array.shape).copy()


# --- events of a run --------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainerEvent:
    """An event of the trainer: `kind` is "progress", "paused", "resumed", "done", "stopped" or "failed"."""

    kind: str
    data: dict[str, Any]


class EventWriter:
    """Writes events to a stream, one JSON object per line; ignores a closed stream."""

    def __init__(self, stream: IO[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._last = (float("-inf"), "")

    def progress(self, step: str, done: float = 0, total: float = 0, **more: Any) -> None:
        """Write progress of a phase, at most once a second and always its end."""
        now = self._clock()
        if step == self._last[1] and now - self._last[0] < _STATUS_EVERY_S and done < total:
            return
        self._last = (now, step)
        self.write("progress", phase=step, done=done, total=total, **more)

    def failed(self, error: ShadowpenError) -> None:
        self.write("failed", code=error.code, message=error.message, hint=error.hint)

    def write(self, kind: str, **data: Any) -> None:
        try:
            self._stream.write(json.dumps({"event": kind, **data}) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return


def parse_event(line: str) -> TrainerEvent | None:
    """Parse the event in a line; None for other output of libraries."""
    try:
        data = json.loads(line)
        return TrainerEvent(data.pop("event"), data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
