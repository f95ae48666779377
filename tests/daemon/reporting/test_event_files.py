"""Event files hold every curve of the record, by run, in TensorBoard's format, and are written anew each time."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts
from shadowpen.daemon.monitoring.produced_texts import TaskCounts
from shadowpen.daemon.monitoring.record import LearnedStep
from shadowpen.daemon.reporting import event_files
from shadowpen.daemon.reporting.event_files import CurvePoint

VERSION = "default@v0002-20260502"


def _scalars(folder: Path) -> list[tuple[str, int, float]]:
    """What a file holds: records of a length, its checksum, an event and its checksum."""
    from tensorboardX.proto.event_pb2 import Event

    (path,) = folder.iterdir()
    content, found = path.read_bytes(), []
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        event = Event.FromString(content[12 : 12 + length])
        found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
        content = content[16 + length :]
    return found


def test_every_curve_is_there_once(layout: store.Layout, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    before, today = record.days_ago(2), record.today()
    record.add(layout, {(before, VERSION): Counts(shown=10, taken=4), (today, VERSION): Counts(shown=8, taken=2)})
    record.add_tasks(layout, {(today, "expand", VERSION): TaskCounts(texts=2, compared=2, bleu=90.0, chrf=140.0)})
    steps = [LearnedStep(1, 1.0, 3.5, None), LearnedStep(2, 2.0, 3.0, 3.25)]
    record.add_steps(layout, "v0002-20260502", steps)
    folder = tmp_path / "curves"

    for _ in range(2):
        written = event_files.write(folder, event_files.curves(layout))

    assert written == [VERSION, "training v0002-20260502"] == sorted(path.name for path in folder.iterdir())
    found = _scalars(folder / VERSION)
    assert ("suggestions/taken share", 0, pytest.approx(0.4)) in found
    assert ("suggestions/taken share", 2, 0.25) in found
    assert ("expand/BLEU", 2, 45.0) in found and ("expand/chrF", 2, 70.0) in found
    assert _scalars(folder / written[1]) == [
        ("training/loss", 1, 3.5),
        ("training/loss", 2, 3.0),
        ("training/validation loss", 2, 3.25),
    ]


def test_a_name_leads_to_no_other_folder(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    point = [CurvePoint("a", 1, 1.0, 1.0)]
    written = event_files.write(tmp_path / "curves", {"../../up": point, "my/own:model@base": point})
    assert written == ["_.._up", "my_own_model@base"]
    assert [path.name for path in tmp_path.iterdir()] == ["curves"]


def test_a_missing_package_and_a_folder_that_is_a_file_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboardX")
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable):
        event_files.write(tmp_path / "file", {"a": [CurvePoint("a", 1, 1.0, 1.0)]})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigInvalid, match="tensorboardX"):
        event_files.write(tmp_path, {})
