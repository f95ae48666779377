"""Write the curves of monitoring as event files for TensorBoard.

The files are written by tensorboardX, an optional package; its own writer would put the name of this machine into
theirs. They hold numbers and names of versions, no text.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.extras import install_hint
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import BEFORE_DAYS, Counts
from shadowpen.daemon.monitoring.produced_texts import TaskCounts

_NAME = "events.out.tfevents.0.shadowpen"  # written anew each time, so that no point is there twice
_LONGEST_NAME = 100


class CurvePoint(NamedTuple):
    """A value of the curve `name` at `step`; `time_s` since 1970."""

    name: str
    step: int
    time_s: float
    value: float


Runs = Mapping[str, Sequence[CurvePoint]]


def curves(layout: store.Layout) -> dict[str, list[CurvePoint]]:
    """All that is recorded, by run: the figures of each version by day, and the loss of each training run by step.

    The step of a day is its number since the first one recorded.
    """
    days = {key: one for key, one in record.read(layout).items() if key[0] != BEFORE_DAYS}
    tasks = record.read_tasks(layout)
    first = min((_number(day) for day, *_ in (*days, *tasks)), default=0)
    found: dict[str, list[CurvePoint]] = {}
    for (day, version), one in sorted(days.items()):
        found.setdefault(version, []).extend(_points(day, first, _of_suggestions(one)))
    for (day, task, version), made in sorted(tasks.items()):
        found.setdefault(version, []).extend(_points(day, first, _of_task(task, made)))
    for run, steps in record.read_steps(layout).items():
        points = found.setdefault(f"training {run}", [])
        for step in steps:
            points.append(CurvePoint("training/loss", step.step, step.time_s, step.loss))
            if step.validation is not None:
                points.append(CurvePoint("training/validation loss", step.step, step.time_s, step.validation))
    return found


def write(folder: Path, runs: Runs) -> list[str]:
    """Write each run into a folder of its name below `folder`, in the place of what was written there before.

    The names of these folders. ConfigInvalid without tensorboardX, StateUnusable where nothing can be written.
    """
    if importlib.util.find_spec("tensorboardX") is None:
        raise ConfigInvalid("Event files need tensorboardX, which is not installed.", install_hint("monitor"))
    written = []
    for name, points in runs.items():
        place = folder.absolute() / _folder_name(name)
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(place / _NAME, points)
        except OSError as error:
            raise store.unusable(place, error) from error
        written.append(place.name)
    return written


def _write(path: Path, points: Sequence[CurvePoint]) -> None:
    from tensorboardX import RecordWriter
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary

    writer = RecordWriter(str(path))
    try:
        writer.write(Event(wall_time=points[0].time_s, file_version="brain.Event:2").SerializeToString())
        for point in points:
            summary = Summary(value=[Summary.Value(tag=point.name, simple_value=point.value)])
            writer.write(Event(wall_time=point.time_s, step=point.step, summary=summary).SerializeToString())
    finally:
        writer.close()


def _of_suggestions(one: Counts) -> dict[str, float | None]:
    return {
        "suggestions/shown": one.shown,
        "suggestions/taken share": one.taken_share,
        "suggestions/kept share": one.kept_share,
        "suggestions/changed letters": one.edited_share,
        "suggestions/rating": one.rating,
        "suggestions/perplexity of new text": one.perplexity,
        "latency/median ms": one.latency_ms(0.5),
        "latency/90 % ms": one.latency_ms(0.9),
    }


def _of_task(task: str, one: TaskCounts) -> dict[str, float | None]:
    bleu, chrf, rouge_l = one.similarity or (None, None, None)
    return {
        f"{task}/texts": one.texts,
        f"{task}/kept share": one.kept_share,
        f"{task}/changed letters": one.edited_share,
        f"{task}/BLEU": bleu,
        f"{task}/chrF": chrf,
        f"{task}/ROUGE-L": rouge_l,
        f"{task}/BERTScore": one.mean_bert_score,
    }


def _points(day: str, first: int, values: Mapping[str, float | None]) -> Iterator[CurvePoint]:
    noon = datetime.combine(date.fromisoformat(day), time(12), UTC).timestamp()
    for name, value in values.items():
        if value is not None:
            yield CurvePoint(name, _number(day) - first, noon, float(value))


def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _folder_name(run: str) -> str:
    """A name that every system takes, and that leads to no other place."""
    return re.sub(r"[^\w@. -]", "_", run).strip(". ")[:_LONGEST_NAME] or "_"
