"""Offline runs of Weights & Biases hold every curve, nothing of the user's account, and are written anew each time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.installed import wandb_stand_in

from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable
from shadowpen.daemon.reporting import wandb_runs
from shadowpen.daemon.reporting.event_files import CurvePoint

VERSION = "default@v0002-20260502"
RUNS = {
    VERSION: [CurvePoint("taken", 0, 1.0, 0.4), CurvePoint("taken", 2, 3.0, 0.25), CurvePoint("chrF", 0, 1.0, 70.0)],
    "training v0002-20260502": [CurvePoint("training/loss", 1, 5.0, 3.5)],
}


@pytest.fixture(autouse=True)
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb_stand_in.install(tmp_path / "site", monkeypatch)


def test_every_curve_is_there_once_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "secret")
    monkeypatch.setenv("WANDB_MODE", "online")
    (tmp_path / "curves/wandb/offline-run-20250101_000000-of-somebody").mkdir(parents=True)

    for _ in range(2):
        written = wandb_runs.write(tmp_path / "curves", RUNS)

    folders = {path.name: path for path in (tmp_path / "curves/wandb").iterdir()}
    assert len(folders) == 3 and {*written} < folders.keys() and len(written) == 2
    (data,) = folders[written[0]].iterdir()  # no log, which would name paths
    told = json.loads(data.read_text())
    assert (told["project"], told["name"]) == ("shadowpen", VERSION)
    assert told["rows"] == [
        [0, {"taken": 0.4, "chrF": 70.0, "_timestamp": 1.0}],
        [2, {"taken": 0.25, "_timestamp": 3.0}],
    ]
    assert told["settings"]["mode"] == "offline" == told["environment"]["WANDB_MODE"]
    assert (told["settings"]["console"], told["settings"]["host"]) == ("off", "")
    assert told["environment"]["WANDB_ERROR_REPORTING"] == "false" and "WANDB_API_KEY" not in told["environment"]


def test_a_client_that_fails_and_a_folder_that_is_a_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="wandb failed: ValueError: A step below zero"):
        wandb_runs.write(tmp_path / "curves", {"a": [CurvePoint("a", -1, 1.0, 1.0)]})
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable):
        wandb_runs.write(tmp_path / "file", RUNS)


def test_names_that_differ_in_signs_are_different_runs(tmp_path: Path) -> None:
    point = [CurvePoint("a", 1, 1.0, 1.0)]
    written = wandb_runs.write(tmp_path / "curves", {"../../my model": point, "my-model": point})
    assert len({*written}) == 2 and [path.name for path in tmp_path.iterdir() if path.name != "site"] == ["curves"]
