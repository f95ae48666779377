"""`shadowpen train`: start a training run, watch it, stop it, and show how much text there is.

The run is a process of its own (`runs.COMMAND`), which speaks JSON lines; here they become bars and sentences.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, ShadowpenError, from_code
from shadowpen.daemon.base.translation.language import translated, words

_STOPPED = 75
_STATES = words("promoted", "rejected", "rolled back", "stopped", "failed", "interrupted")  # of a run that has ended


@click.group()
def train() -> None:
    """Train your own version of the model, watch a run, or stop it."""


@train.command()
@click.option("--full-speed", is_flag=True, help="Run at normal priority, and do not pause while you type.")
@click.option("--all", "whole", is_flag=True, help="Learn all remaining text in one run, without a time limit.")
@click.option("--recipe", default="", metavar="NAME", help="Train with this recipe; `shadowpen lab list` lists them.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Change a hyperparameter of the recipe.")
@click.option("--background", is_flag=True, help="Return at once; `shadowpen train status` shows the progress.")
@terminal.json_option
def now(full_speed: bool, whole: bool, recipe: str, given: tuple[str, ...], background: bool, as_json: bool) -> None:
    """Learn from your texts and accepted edits now. An interrupted run resumes.

    A run takes about learning.minutes_a_run minutes and continues from the version in use, newest text first. The new
    version is used only if it predicts your newest text better, and other people's text not much worse.
    """
    if configuration.load().learning.enabled == "off":
        raise ConfigInvalid("Learning is off.", "`shadowpen learn on` allows it.")
    from shadowpen.daemon.learning import runs

    with runs.only_run(store.layout()):
        pass  # a run that goes on is told here, in a sentence
    command = [*runs.COMMAND, *(["--full-speed"] if full_speed else []), *(["--all"] if whole else [])]
    command += ["--recipe", recipe] if recipe else []
    command += [part for one in given for part in ("--set", one)]
    if background:
        runs.start_detached(command)
        if as_json:
            terminal.print_json({"event": "started"})
            return
        terminal.say("A training run has started. `shadowpen train status` shows the progress.")
        return
    last = _watch(command, as_json)
    if as_json:
        terminal.print_json(last)
    _end(last, as_json)


def _watch(command: list[str], as_json: bool) -> dict[str, Any]:
    """Run the process and show what it tells; the last event. Ctrl-C reaches the process too, which then stops."""
    from shadowpen.daemon.trainer.job import parse_event

    last: dict[str, Any] = {"event": "failed", "message": "Training exited without a result.", "hint": ""}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        _bars(hidden=as_json) as show,
    ):
        assert process.stdout is not None
        while True:
            try:
                line = process.stdout.readline()
            except KeyboardInterrupt:
                continue  # it writes its checkpoint and says so
            if not line:
                break
            event = parse_event(line)
            if event is None:
                continue
            show(event.kind, event.data)
            if event.kind not in ("progress", "paused", "resumed", "resumed_at", "note"):
                last = {"event": event.kind, **event.data}
    return last


def _end(last: dict[str, Any], as_json: bool) -> None:
    kind = last["event"]
    if kind == "failed":
        error = from_code(last.get("code", ""), last["message"], last["hint"])
        raise click.exceptions.Exit(error.exit_status) if as_json else error  # the document has told it already
    if kind in ("stopped", "interrupted"):
        if not as_json:
            terminal.say("The run was stopped. `shadowpen train now` resumes it.", err=True)
        raise click.exceptions.Exit(_STOPPED)
    if as_json:
        return
    if kind == "promoted":
        terminal.say(f"The new version {last['version']} is better and in use from now on ({last['seconds']:.0f} s).")
    else:
        terminal.say(
            f"The new version {last['version']} did not pass its gate and is not used ({last['seconds']:.0f} s)."
        )
        for reason in last["reasons"]:
            terminal.say(f"  {reason}")
    from shadowpen.daemon.learning import told

    for sentence in told.sentences(last["metrics"]):
        terminal.say(f"  {sentence}")


@contextmanager
def _bars(*, hidden: bool) -> Iterator[Any]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), console=terminal.console(error=True), disable=hidden) as bars:
        drawing = _PhaseBars(bars)

        def show(kind: str, data: Mapping[str, Any]) -> None:
            if kind == "progress":
                drawing.progress(data)
            elif kind in ("rolled_back", "note"):
                bars.console.print(translated(data["message"]))
            elif kind in ("paused", "resumed"):
                drawing.note(translated("waiting until you stop typing") if kind == "paused" else "")

        yield show
        drawing.close()


class _PhaseBars:
    """A bar for each phase of a run; the last one moves."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._phase = ""
        self._task: Any = None

    def progress(self, data: Mapping[str, Any]) -> None:
        if data["phase"] != self._phase:
            self.close()
            self._phase = data["phase"]
            self._task = self._bars.add_task(translated(self._phase), total=data["total"] or None, note="")
            if not self._bars.console.is_terminal:
                self._bars.console.print(translated(self._phase))
        note = translated(f"loss {data['loss']:.2f}") if "loss" in data else ""
        note += translated(f", on newer text {data['validation']:.2f}") if "validation" in data else ""
        self._bars.update(self._task, completed=data["done"], total=data["total"] or None, note=note)

    def note(self, note: str) -> None:
        if self._task is not None:
            self._bars.update(self._task, note=note)

    def close(self) -> None:
        """Fill the bar of the phase."""
        if self._task is not None:
            total = self._bars.tasks[self._task].total or 1
            self._bars.update(self._task, completed=total, total=total, note="")


@train.command()
@terminal.json_option
def status(as_json: bool) -> None:
    """Show the progress of the run or the result of the last one, and how much new text there is."""
    import msgspec

    from shadowpen.daemon.learning import runs

    layout = store.layout()
    found = runs.status(layout)
    readiness, problem = _readiness(layout)
    if as_json:
        terminal.print_json({"run": msgspec.to_builtins(found), "text": readiness, "problem": problem})
        return
    if found.state in ("running", "paused"):
        share = f", {found.done / found.total:.0%}" if found.total else ""
        terminal.say(f"A run is in progress (process {found.pid}): {found.phase}{share}.")
        if found.state == "paused":
            terminal.say("It waits until you stop typing.")
    elif found.state == "none":
        terminal.say("No training has run yet.")
    else:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.updated))
        ended = found.state.replace("_", " ")
        assert ended in _STATES, ended
        terminal.say(f"The last run ({when}): {ended}. {found.message}".rstrip())
    if problem:
        terminal.say(problem)
    else:
        terminal.say(_told(readiness))


def _readiness(layout: store.Layout) -> tuple[dict[str, Any], str]:
    """The numbers of `readiness.Readiness` and whether a run would start by itself; or why they are not to be had."""
    import dataclasses

    from shadowpen.daemon.corpus.corpus import collect
    from shadowpen.daemon.corpus.split import encoder
    from shadowpen.daemon.learning import runs
    from shadowpen.daemon.learning.conditions import ratings, readiness
    from shadowpen.daemon.storage import journal, models

    settings = configuration.load()
    try:
        model = models.resolve(settings.model.name, layout)
        encode = encoder(model.tokenizer, model.manifest.architecture.vocab)
    except ShadowpenError as error:
        return {}, f"{error.message} {error.hint}"
    corpus = collect(layout, settings.learning)
    ledger = _ledger(layout) if settings.learning.method == "full" else None
    a_run = runs.tokens_a_run(layout, settings.learning.minutes_a_run)
    last, feedback = runs.status(layout), settings.feedback
    found = readiness.measure(corpus.documents, encode, last, ledger, a_run)
    low = len(ratings.newly_low_rated(journal.read(layout.edits).edits, last, feedback))
    ready = readiness.is_ready(found, settings.learning, ratings.start_a_run(low, last, feedback, time.time()))
    return {**dataclasses.asdict(found), "rated_low": low, "ready": ready}, ""


def _ledger(layout: store.Layout) -> Any:
    """What the version that is named as current has learned."""
    from shadowpen.daemon.learning.ledger import Ledger
    from shadowpen.daemon.storage import versions

    name = versions.current(layout).version
    try:
        return Ledger(versions.read(layout, name) if name else None)
    except ShadowpenError:
        return Ledger(None)


def _told(readiness: dict[str, Any]) -> str:
    settings = configuration.load()
    learning, feedback = settings.learning, settings.feedback
    told = f"There are {readiness['own_tokens']:,} tokens of your own words and {readiness['edits']} accepted edits"
    if readiness["missing_tokens"]:
        return f"{told}; a run needs another {readiness['missing_tokens']:,} tokens."
    told = f"{told}, {readiness['new_tokens']:,} and {readiness['new_edits']} of them since the last run."
    if learning.method == "full":
        told = f"{told} {_left_to_learn(readiness, learning.minutes_a_run)}"
    if not learning.automatic:
        return f"{told} Runs start only with `shadowpen train now` (learning.automatic is off)."
    least = f"{learning.min_new_tokens:,} new tokens or {learning.min_new_edits} new edits"
    low = f"{feedback.retrain_count} suggestions rated below {feedback.threshold:g} ({readiness['rated_low']} so far)"
    return f"{told} A run starts automatically after {least}, or after {low}."


def _left_to_learn(readiness: dict[str, Any], minutes: float) -> str:
    learned = f"{readiness['learned_tokens']:,} are learned, {readiness['left_tokens']:,} are left"
    runs_left = readiness["runs_left"]
    if not runs_left:
        return f"{learned}."
    return f"{learned}: about {runs_left} {'run' if runs_left == 1 else 'runs'} of {minutes:.0f} minutes."


@train.command()
def stop() -> None:
    """Stop the current run; the next one resumes it."""
    from shadowpen.daemon.learning import runs

    if not runs.ask_to_stop(store.layout()):
        terminal.say("No training is running.")
        return
    terminal.say("The run is stopping; it saves its progress first.")
