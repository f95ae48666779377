"""`shadowpen lab`: list recipes, run them on texts, and compare what they made.

What a run does is in `running`; here it is asked for and told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, PluginBroken
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.evaluation.keys import PIECES

_FOLDER = click.Path(file_okay=False, path_type=Path)
_STOPPED = 75


@click.group()
def lab() -> None:
    """Try recipes on the same texts, and compare the results.

    Nothing here changes your versions. `shadowpen train now --recipe NAME` trains a version with one.
    """


@lab.command("list")
@terminal.json_option
def list_(as_json: bool) -> None:
    """List the recipes: what each one does, and its hyperparameters."""
    from rich.table import Table

    from shadowpen.daemon.trainer.by_recipe import registry

    found: list[dict[str, Any]] = []
    problems: list[str] = []
    for name in registry.names():
        try:
            recipe = registry.load(name)
        except PluginBroken as error:
            problems.append(f"{error.message} {error.hint}")
            continue
        defaults = {one: getattr(recipe.defaults, one) for one in recipe.follows}
        found.append({"name": name, "about": recipe.about, "lab_only": recipe.lab_only, "hyperparameters": defaults})
    if as_json:
        terminal.print_json({"recipes": found, "problems": problems})
        return
    table = Table(*map(translated, words("recipe", "what it is", "hyperparameters")), box=None, pad_edge=False)
    for one in found:
        table.add_row(
            one["name"], translated(one["about"]), " ".join(f"{k}={v}" for k, v in one["hyperparameters"].items())
        )
    terminal.console().print(table)
    for problem in problems:
        terminal.say(problem, err=True)


@lab.command()
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE...")
@click.option("--texts", type=_FOLDER, help="Folder of texts; without it, your own texts are used.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for models and results.")
@click.option(
    "--tokens", type=click.IntRange(1_000), default=20_000, show_default=True, help="Maximum tokens to learn."
)
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Change a hyperparameter.")
@click.option(
    "--pieces",
    type=click.IntRange(0, 1000),
    default=PIECES,
    show_default=True,
    help="Passages of 140 characters for the simulated writer to type; 0: none.",
)
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Training processes.")
@click.option("--full-speed", is_flag=True, help="Run at normal priority, and do not pause while you type.")
@terminal.json_option
def run(
    recipes: tuple[str, ...],
    texts: Path | None,
    out: Path,
    tokens: int,
    given: tuple[str, ...],
    pieces: int,
    processes: int,
    full_speed: bool,
    as_json: bool,
) -> None:
    """Train with each RECIPE on the older texts, and measure the result on the newest.

    The model without training is measured too. Each recipe leaves a model and result.json in its folder below --out.
    Finished recipes are skipped, and interrupted ones resume.
    """
    from shadowpen.daemon.learning.conditions import packages
    from shadowpen.daemon.trainer.loop import Stopped
    from shadowpen.daemon.trainer.process import TrainerProcess
    from shadowpen.exporters.lab.results import as_plain, markdown
    from shadowpen.exporters.lab.running import Lab, LabPlan
    from shadowpen.exporters.progress import silent
    from shadowpen.exporters.progress_display import ProgressDisplay
    from shadowpen.exporters.recipes.process import EndOnSignal

    packages.require()
    if texts is not None and not texts.is_dir():
        raise ConfigInvalid(f"There is no folder {texts}.", "Name a folder of texts.")
    trainer = TrainerProcess(processes=processes)
    EndOnSignal(trainer)
    plan = LabPlan(out.resolve(), texts, tokens, given, pieces=pieces, full_speed=full_speed)
    made = []
    with ProgressDisplay() as display:
        work = Lab(store.layout(), config.load(), plan, silent if as_json else display)
        try:
            made.append(work.base())
            for name in recipes:
                result, problems = work.run(name, trainer)
                made.append(result)
                for problem in problems:
                    terminal.say(f"{name}: {problem}", err=True)
        except Stopped:
            terminal.say("The run was stopped. The same command resumes it.", err=True)
            raise click.exceptions.Exit(_STOPPED) from None
    if as_json:
        terminal.print_json({"results": [as_plain(one) for one in made]})
    else:
        click.echo(markdown(made), nl=False)


@lab.command()
@click.argument("folder", type=_FOLDER)
@terminal.json_option
def compare(folder: Path, as_json: bool) -> None:
    """Print the results below FOLDER as a Markdown table, lowest perplexity on your later text first."""
    from shadowpen.exporters.lab.results import all_in, as_plain, markdown

    results = all_in(folder)
    if as_json:
        terminal.print_json({"results": [as_plain(one) for one in results]})
    else:
        click.echo(markdown(results), nl=False)
