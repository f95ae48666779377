"""daemon/base/power.py: on battery only where the system says so."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from shadowpen.daemon.base import power


@pytest.mark.parametrize(("plugged", "expected"), [(True, False), (False, True), (None, False)])
def test_what_the_system_says(monkeypatch: pytest.MonkeyPatch, plugged: bool | None, expected: bool) -> None:
    battery = SimpleNamespace(percent=50, secsleft=100, power_plugged=plugged)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert power.on_battery() is expected


def test_without_a_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert not power.on_battery()


def test_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert not power.on_battery()
