"""`shadowpen models recommend`, `shadowpen models tune`, and the table of known models."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import config, terminal
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.storage.model_languages import declared

if TYPE_CHECKING:
    from shadowpen.exporters.recipes.ladder.known import KnownModel
    from shadowpen.exporters.recipes.ladder.recommending import SpeedLimits, TimedModel

_PARAGRAPH_S = 20.0
_MINUTES = 5.0
_MANY = "dozens"  # of languages
_LATEST_MS = 200.0  # between two keys; a ghost text that comes later is for a text that is not there any more
_DEADLINE_STEP_MS = 10


def show_known(as_json: bool) -> None:
    """The table of known models: what each is, not how it does here."""
    from shadowpen.exporters.recipes.ladder.known import known_models

    models = known_models()
    if as_json:
        terminal.print_json({"models": [_facts(model) for model in models]})
        return
    table = _table(*words("model", "parameters", "memory", "licence", "languages", "kind"))
    table.add_column(translated("to install it"), overflow="fold")
    for model in models:
        table.add_row(*_cells(model), model.setup_command)
    terminal.console().print(table)
    terminal.say("Memory is that of int8 weights. `shadowpen models recommend` says which are quick enough here.")


@click.command()
@click.option(
    "--paragraph-s",
    type=click.FloatRange(1, 600),
    default=_PARAGRAPH_S,
    show_default=True,
    help="Seconds that a paragraph of 100 tokens may take.",
)
@click.option(
    "--minutes", type=click.FloatRange(0.1, 60), default=_MINUTES, show_default=True, help="Time to spend on timing."
)
@terminal.json_option
def recommend(paragraph_s: float, minutes: float, as_json: bool) -> None:
    """Estimate the speed of the known models on this machine, and name the largest that are fast enough.

    Nothing is downloaded: a part of each graph is built with random weights, timed, and scaled to the whole. Close
    other programs; a busy machine looks slower than it is. For ghost text, fast enough means that half of the
    suggestions arrive within completion.deadline_ms.
    """
    from shadowpen.exporters.progress_display import ProgressDisplay
    from shadowpen.exporters.recipes.ladder import recommending
    from shadowpen.exporters.recipes.ladder.known import known_models

    models = known_models()
    settings = config.load()
    limits = _limits(settings, paragraph_s)
    found: list[TimedModel] = []
    with ProgressDisplay() as progress:
        wanted = declared(settings.writing)
        for one in recommending.timed(models, limits, wanted, _measure(settings), minutes * 60):
            found.append(one)
            if one.pace is not None:
                progress(f"Timed the shape of {one.model.name}", len(found), len(models))
    if as_json:
        terminal.print_json(_document(found, limits))
    else:
        _show(found, limits)


@click.command()
@click.argument("name")
@click.option(
    "--texts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of texts to learn from; use only texts you have the right to use.",
)
@click.option("--name", "new_name", help="Name of the tuned model.  [default: NAME-tuned]")
@terminal.json_option
def tune(name: str, texts: Path, new_name: str | None, as_json: bool) -> None:
    """Make a tune for the model NAME: train it to write plain prose and to expand notes.

    The default model comes with one. The training is the same, on the texts you name; the tuned model is installed
    beside NAME. This takes hours for a large model; run it again to resume after an interruption.
    """
    from shadowpen.exporters.progress import silent
    from shadowpen.exporters.progress_display import ProgressDisplay
    from shadowpen.exporters.recipes.ladder import tuning

    wanted = new_name or f"{name}-tuned"
    if as_json:
        model = tuning.tune(name, texts, wanted, silent)
        terminal.print_json({"name": model.name, "folder": str(model.folder)})
        return
    with ProgressDisplay() as progress:
        model = tuning.tune(name, texts, wanted, progress)
    terminal.say(f"The model '{model.name}' is installed: {name} with a tune.")
    terminal.say(f"To use it: shadowpen models use {model.name}")


def _measure(settings: config.Config) -> Any:
    from shadowpen.daemon.serving.model import usual_threads
    from shadowpen.daemon.storage import devices
    from shadowpen.exporters.recipes.ladder import timing

    device = "cuda" if settings.model.device in ("auto", "cuda") and not devices.why_not("cuda") else "cpu"
    precision = "fp16" if device == "cuda" else "int8"
    threads = settings.model.threads or usual_threads()
    return functools.partial(timing.measured, precision=precision, device=device, threads=threads)


def _limits(settings: config.Config, paragraph_s: float) -> SpeedLimits:
    import psutil

    from shadowpen.exporters.recipes.ladder.recommending import SpeedLimits

    return SpeedLimits(
        ghost_text_ms=settings.completion.deadline_ms,
        paragraph_s=paragraph_s,
        memory_bytes=int(psutil.virtual_memory().available),
        writing_bytes=settings.writing.memory_mb << 20,
    )


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(translated(column))
    return table


def _cells(model: KnownModel) -> tuple[str, ...]:
    size = f"{model.millions} M" if model.millions < 1000 else f"{model.millions / 1000:.1f} B"
    languages = " ".join(model.languages) or _MANY
    return model.name, size, terminal.size(model.memory_bytes()), model.licence, languages, model.kind


def _facts(model: KnownModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "locator": model.locator,
        "parameters": model.parameters,
        "memory_bytes": model.memory_bytes(),
        "licence": model.licence,
        "languages": list(model.languages),
        "kind": model.kind,
        "note": model.note,
    }


def _chosen(found: Sequence[TimedModel], limits: SpeedLimits) -> dict[str, TimedModel | None]:
    from shadowpen.exporters.recipes.ladder.recommending import largest

    return {
        "ghost text": largest(found, lambda one: one.does_ghost_text(limits)),
        "writing": largest(found, lambda one: one.writes(limits)),
    }


def _document(found: Sequence[TimedModel], limits: SpeedLimits) -> dict[str, Any]:
    rows = [
        {**_facts(one.model), "ghost_text_ms": one.ghost_text_ms, "paragraph_s": one.paragraph_s, "why": one.why}
        for one in found
    ]
    chosen = _chosen(found, limits)
    named = {purpose.replace(" ", "_"): one.model.locator if one else None for purpose, one in chosen.items()}
    wanted = {"ghost_text_ms": limits.ghost_text_ms, "paragraph_s": limits.paragraph_s}
    return {"models": rows, "limits": wanted, "recommended": named}


def _show(found: Sequence[TimedModel], limits: SpeedLimits) -> None:
    import psutil

    _show_times([one for one in found if one.pace is not None])
    for why in dict.fromkeys(one.why for one in found if one.pace is None):
        terminal.say(f"Not timed ({why}): {', '.join(one.model.name for one in found if one.why == why)}.")
    click.echo()
    for purpose, chosen in _chosen(found, limits).items():
        if chosen is None and purpose == "ghost text" and (late := _late(found, limits)) is not None:
            _recommend_later(late, limits)
        else:
            _recommend(purpose, chosen, limits)
    busy = psutil.getloadavg()[0] / (psutil.cpu_count() or 1)
    if busy > 1:
        terminal.say(
            "The machine is busy with other work, so these times are too long. Try again when it is idle.", err=True
        )


def _show_times(timed: Sequence[TimedModel]) -> None:
    if not timed:
        return
    table = _table("model", "memory", "languages", "a ghost text", "a paragraph")
    for one in timed:
        languages = " ".join(one.model.languages) or _MANY
        times = f"{one.ghost_text_ms:.0f} ms", f"{one.paragraph_s:.1f} s"
        table.add_row(one.model.name, terminal.size(one.model.memory_bytes()), languages, *times)
    terminal.console().print(table)


def _late(found: Sequence[TimedModel], limits: SpeedLimits) -> TimedModel | None:
    """The quickest for ghost text, where it is too slow for the deadline but comes before the next key."""
    timed = [one for one in found if one.does_ghost_text_within(_LATEST_MS, limits)]
    return min(timed, key=lambda one: one.ghost_text_ms or 0.0, default=None)


def _recommend_later(one: TimedModel, limits: SpeedLimits) -> None:
    assert one.ghost_text_ms is not None, "it was timed"
    deadline_ms = math.ceil(one.ghost_text_ms / _DEADLINE_STEP_MS) * _DEADLINE_STEP_MS
    terminal.say(
        f"For ghost text: {one.model.name} is the quickest, but takes about {one.ghost_text_ms:.0f} ms here and may "
        f"take {limits.ghost_text_ms:.0f} ms. To allow that:"
    )
    click.echo(f"  shadowpen config set completion.deadline_ms {deadline_ms}")
    _tell_how(one)


def _recommend(purpose: str, one: TimedModel | None, limits: SpeedLimits) -> None:
    limit = f"{limits.ghost_text_ms:.0f} ms" if purpose == "ghost text" else f"{limits.paragraph_s:.0f} s"
    if one is None:
        terminal.say(f"For {purpose}: no known model is quick enough ({limit}) and fits into the memory that is free.")
        return
    took = f"{one.ghost_text_ms:.0f} ms" if purpose == "ghost text" else f"{one.paragraph_s:.1f} s"
    terminal.say(f"For {purpose}: {one.model.name}, about {took} of {limit}.")
    _tell_how(one, " --for writing" if purpose == "writing" else "")


def _tell_how(one: TimedModel, what_for: str = "") -> None:
    """The commands that install the model and put it to use."""
    click.echo(f"  {one.model.setup_command} && shadowpen models use {one.model.name_here}{what_for}")
    if one.model.note:
        terminal.say(f"  Note: {one.model.note}.")
