"""Alarms on the desktop and by a command: only where set, and a failure is one sentence."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring import channels
from shadowpen.daemon.monitoring.alarms import Alarm

ALARMS = [Alarm("taken", 'You accepted "5%"; $(touch no) of 300.'), Alarm("kept", "Less stood.")]
_WRITE = "import os, sys; open(sys.argv[1], 'a').write(f\"{os.environ['SHADOWPEN_ALARM']}: {sys.argv[2]}\\n\")"


def test_the_command_gets_each_sentence_as_its_last_argument(tmp_path: Path) -> None:
    written = tmp_path / "alarms"
    settings = MonitoringSettings(command=[sys.executable, "-c", _WRITE, str(written)])

    assert channels.told(ALARMS, settings) == []

    assert written.read_text().splitlines() == [f"{alarm.name}: {alarm.message}" for alarm in ALARMS]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/no/such/program"], "cannot be run: No such file"),
        ([sys.executable, "-c", "import sys; sys.exit(3)"], "failed with exit status 3"),
    ],
)
def test_a_command_that_fails_is_one_sentence(command: list[str], said: str) -> None:
    (problem,) = channels.told(ALARMS, MonitoringSettings(command=command))
    assert said in problem and "monitoring.command" in problem


def test_the_desktop_is_told_where_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = MonitoringSettings(desktop=True)
    written = tmp_path / "notices"
    monkeypatch.setattr(channels, "desktop_command", lambda: [sys.executable, "-c", _WRITE, str(written)])
    assert channels.told(ALARMS, settings) == []
    assert len(written.read_text().splitlines()) == 2
    monkeypatch.setattr(channels, "desktop_command", list)
    assert "notify-send, which is not installed" in channels.told(ALARMS, settings)[0]
    assert channels.told(ALARMS, dataclasses.replace(settings, desktop=False)) == []
