"""A package in the place of wandb, which is large: it writes what it was given, and its environment, as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

_SOURCE = """
import json, os
from pathlib import Path

class Settings:
    def __init__(self, **given):
        self.given = given

class Run:
    def __init__(self, **about):
        self.about, self.settings, self.rows = about, about.pop("settings").given, []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        id = self.about["id"]
        folder = Path(self.settings["root_dir"], "wandb", f"offline-run-20260501_{os.getpid():06}-{id}")
        (folder / "logs").mkdir(parents=True)
        (folder / "logs" / "debug.log").write_text(str(folder))
        of_wandb = {name: value for name, value in os.environ.items() if name.startswith("WANDB_")}
        told = {**self.about, "settings": self.settings, "rows": self.rows, "environment": of_wandb}
        (folder / f"run-{id}.wandb").write_text(json.dumps(told))

    def log(self, values, step):
        if step < 0:
            raise ValueError("A step below zero.")
        self.rows.append([step, values])

def init(**about):
    return Run(**about)
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and those it starts import it."""
    folder.mkdir()
    (folder / "wandb.py").write_text(_SOURCE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
