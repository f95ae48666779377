"""Training without its packages is refused in a sentence; nothing is imported to find out."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shadowpen.daemon.base.errors import TrainingUnavailable
from shadowpen.daemon.learning.conditions import packages


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_NEEDED", ("json", "no_such_package_anywhere"))

    assert packages.missing() == "no_such_package_anywhere"
    with pytest.raises(TrainingUnavailable, match="no_such_package_anywhere") as raised:
        packages.require()
    assert "pip install" in raised.value.hint


def test_a_module_that_was_taken_away_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_NEEDED", ("json",))
    monkeypatch.setitem(sys.modules, "json", None)

    assert packages.missing() == "json"


def test_looking_imports_nothing() -> None:
    code = (
        "from shadowpen.daemon.learning.conditions import packages; packages.missing(); "
        "import sys; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
