"""The first page: what is running, what was learned, and buttons to pause, allow learning and train."""

from __future__ import annotations

from typing import Any

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.base.errors import ConfigInvalid, DaemonError, RequestInvalid
from shadowpen.daemon.cli.learning import allowed
from shadowpen.daemon.cli.running import own, status
from shadowpen.daemon.cli.writing import pause
from shadowpen.daemon.learning import runs
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.wire.protocol import Attend

_WISHES = {
    "pause": Attend(id="pause", pause=30.0),
    "tomorrow": Attend(id="pause", pause="tomorrow"),
    "resume": Attend(id="resume", pause=0),
    "manual": Attend(id="manual", manual=True),
    "automatic": Attend(id="manual", manual=False),
}


def shown(layout: store.Layout) -> dict[str, Any]:
    """The values of the page."""
    settings = config.load(layout.config_file)
    attention = Attention(layout.attention, manual_only=settings.completion.manual_only).report()
    return {
        "rows": [
            *_running(layout),
            ("ghost text", pause.sentence(attention)),
            *own.rows(own.figures(layout, settings.learning)),
        ],
        "paused": attention.paused,
        "manual": attention.manual_only,
        "learning": settings.learning.enabled,
        "problems": settings.problems,
    }


def act(layout: store.Layout, wish: str) -> str:
    """Carry out the wish of a button; what became of it, in a sentence."""
    if wish in _WISHES:
        return f"Ghost text is {pause.sentence(pause.attend(_WISHES[wish]))}."
    if wish in ("learning-on", "learning-off"):
        return _learning(layout, on=wish == "learning-on")
    if wish == "train":
        return _train(layout)
    raise RequestInvalid("This button is unknown.", "Load the page again.")


def _running(layout: store.Layout) -> list[tuple[str, str]]:
    try:
        report = status.ask(layout)
    except DaemonError as failure:
        return [("daemon", failure.message)]
    if report is None:
        return [("daemon", "not running; an editor starts it when needed")]
    return [row for row in status.rows(report) if row[0] in ("daemon", "model", "latency", "problem")]


def _learning(layout: store.Layout, *, on: bool) -> str:
    if on:
        config_file.write(layout.config_file, "learning", "enabled", "on")
        return "Learning is on: what you accept, and what you write where a suggestion was shown, is kept."
    allowed.switch_off(layout)
    return "Learning is off: nothing is kept from now on, and no training starts."


def _train(layout: store.Layout) -> str:
    if config.load(layout.config_file).learning.enabled != "on":
        raise ConfigInvalid("Learning is not on.", "Turn it on first.")
    with runs.only_run(layout):
        pass
    runs.start_detached(runs.COMMAND)
    return "A training run has started. This page shows the progress."
