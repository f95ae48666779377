"""The demo's last scene: a model learns a diary and then predicts later entries better.

The diary is Samuel Pepys' for the first days of May 1663 (public domain; demo_diary.txt). Everything happens in a home
of its own below the cache, with the user's installed model: nothing of the user's is read, learned or changed. The
result is kept, and shown again the next time. Knows the training only as the process that `shadowpen train` starts.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.extras import install_hint
from shadowpen.daemon.cli.demo.screen import Screen
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.gate import MAX_GENERAL_RATIOS
from shadowpen.daemon.trainer.job import parse_event

_DIARY = Path(__file__).parents[2] / "typist" / "demo_diary.txt"
_DAYS = 12  # more would predict better, and take longer than anybody watches
_DAY_S = 86_400


def learn(screen: Screen, layout: store.Layout) -> None:
    """Train on the diary, or tell what was learned from it before; a failure is told, and ends nothing."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "peft", "transformers")):
        screen.step("learning", f"needs torch. {install_hint('train')}")
        return
    home = store.private_directory(layout.cache / "demo-learning")
    kept = home / "result.json"
    began = time.perf_counter()
    if not kept.exists():
        result = _train(home, layout, screen)
        if result.get("event") not in ("promoted", "rejected"):
            screen.step("learning", f"did not work: {result.get('message', 'no reason was given')}")
            return
        store.write_atomic(kept, json.dumps(result).encode())
    _tell(screen, json.loads(kept.read_text("utf-8")), (time.perf_counter() - began) * 1000)


def _train(home: Path, layout: store.Layout, screen: Screen) -> dict[str, Any]:
    """Train on the diary and return the run's last event; each phase is a step on the screen."""
    environment = {
        **os.environ,
        "SHADOWPEN_HOME": str(home),
        "SHADOWPEN_MODELS": str(layout.models),
        "SHADOWPEN_LEARNING_ENABLED": "on",
        "SHADOWPEN_LEARNING_FOLDERS": str(_days(home / "diary")),
    }
    screen.step("learning", "This takes 3 to 15 minutes, depending on your processor. It comes last; Ctrl-C ends it.")
    last: dict[str, Any] = {"event": "failed", "message": "training exited without a result"}
    shown = ""
    command = [*runs.COMMAND, "--full-speed"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            event = parse_event(line)
            if event is None:
                continue
            if event.kind != "progress":
                last = {"event": event.kind, **event.data}
            elif (phase := _phase(event.data)) != shown:
                shown = phase
                screen.step("learning", phase)
    return last


def _phase(data: dict[str, Any]) -> str:
    """The name of the run's phase; the long phase by quarters."""
    quarter = int(4 * data["done"] / data["total"]) if "loss" in data and data["total"] else 0
    return f"{data['phase']}, {quarter}/4 done" if quarter else str(data["phase"])


def _days(folder: Path) -> Path:
    """The diary as a folder of dated files, one entry each; the newest will judge what was learned."""
    store.private_directory(folder)
    for number, entry in enumerate(_DIARY.read_text("utf-8").split("\n\n")[:_DAYS], 1):
        day = folder / f"1663-05-{number:02}.md"
        store.write_atomic(day, entry.encode())
        written = 1_700_000_000 + number * _DAY_S  # the days of the diary are too long ago for a file system
        os.utime(day, (written, written))
    return folder


def _tell(screen: Screen, result: dict[str, Any], ms: float) -> None:
    numbers = result["metrics"]
    outcome = (
        "it is in use from now on" if result["event"] == "promoted" else "not served: " + " ".join(result["reasons"])
    )
    screen.step("learned", f"twelve days of Samuel Pepys' diary in {result['seconds']:.0f} s; {outcome}", ms)
    before, after = numbers["perplexity_served"], numbers["perplexity"]
    screen.step("last days", f"their perplexity: {before:.1f} before, {after:.1f} after ({after / before - 1:+.0%})")
    most = MAX_GENERAL_RATIOS["normal"] - 1
    screen.step(
        "others", f"perplexity of other people's text: {numbers['general_ratio'] - 1:+.1%} (at most {most:+.0%})"
    )
