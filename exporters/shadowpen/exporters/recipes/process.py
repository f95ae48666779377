"""The training process behind `shadowpen train` and `shadowpen versions`.

One run, or the graph of a kept version built again. It gives way to everything else, speaks JSON lines on standard
output, and ends soon, with a checkpoint, when asked to.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import click
import msgspec

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ShadowpenError
from shadowpen.daemon.learning.conditions.priority import lower_priority
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.models import ExportedGraph
from shadowpen.daemon.storage.placement import place
from shadowpen.daemon.storage.versions import Version
from shadowpen.daemon.trainer.by_recipe import registry as recipes
from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import EventWriter
from shadowpen.daemon.trainer.loop import LoraPlan, Stopped
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.daemon.trainer.trainer import EXIT_STOPPED
from shadowpen.exporters.checkpoints.version_weights import version_weights
from shadowpen.exporters.recipes.exported_again import export_again, open_installed
from shadowpen.exporters.recipes.personal import PersonalRun


def rebuilt(layout: store.Layout, settings: configuration.Config, wanted: str, event_writer: EventWriter) -> Version:
    """Export a kept version's graph again, so that it can be served; nothing else changes."""
    model = models.resolve(settings.model.name, layout)
    precision = place(layout, settings.model, model, for_current=False).precision
    version = versions.read(layout, wanted)
    folder = versions.folder_of(layout, version)
    versions.check_adapter(layout, version)
    weights = version_weights(open_installed(model), folder, version)
    made = export_again(model, weights, folder, [precision], event_writer.progress)
    exported = msgspec.convert(made["precisions"], dict[str, ExportedGraph])
    renewed = msgspec.structs.replace(version, precisions={**version.precisions, **exported})
    versions.rewrite(layout, renewed)
    return renewed


def planned(
    settings: configuration.Config, recipe: str, given: Sequence[str], event_writer: EventWriter
) -> FullPlan | LoraPlan | RecipePlan | None:
    """The plan of the recipe that is asked for, or else set; None for what `learning.method` says as it is.

    A hyperparameter that cannot be used is told and keeps its default. ConfigInvalid for a recipe that makes no
    version.
    """
    name = recipe or settings.recipes.name
    changes = [*settings.recipes.hyperparameters, *given]
    if not name and not changes:
        return None
    name = name or settings.learning.method
    found, chosen, problems = recipes.chosen(name, changes)
    if found.lab_only:
        raise ConfigInvalid(
            f"The recipe '{name}' makes a model of its own, which no version can hold.", f"shadowpen lab run {name}"
        )
    for problem in problems:
        event_writer.write("note", message=problem)
    return found.plan(name, chosen)


class EndOnSignal:
    """The first SIGTERM or SIGINT asks the trainer to stop, or ends what comes before and after it at once."""

    def __init__(self, trainer: TrainerProcess) -> None:
        self._trainer = trainer
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._asked)

    def _asked(self, *_: object) -> None:
        self._trainer.stop()
        if not self._trainer.is_running:
            raise Stopped


@click.command()
@click.option("--full-speed", is_flag=True, help="Run at normal priority, and do not pause while the user types.")
@click.option("--if-ready", is_flag=True, help="Exit at once unless there is enough new text.")
@click.option("--all", "whole", is_flag=True, help="Learn all remaining text, without a time limit.")
@click.option("--recipe", default="", metavar="NAME", help="Learn by this recipe.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Change a hyperparameter of the recipe.")
@click.option("--rebuild", metavar="VERSION", help="Only rebuild the graph of VERSION.")
def main(
    full_speed: bool, if_ready: bool, whole: bool, recipe: str, given: tuple[str, ...], rebuild: str | None
) -> None:
    """The process behind `shadowpen train` and `shadowpen versions`; it speaks JSON lines."""
    os.umask(0o077)
    layout = store.layout()
    settings = configuration.load(layout.config_file)
    event_writer = EventWriter(sys.stdout)
    if not full_speed:
        lower_priority()
    try:
        if rebuild:
            event_writer.write("rebuilt", version=rebuilt(layout, settings, rebuild, event_writer).id)
            return
        pause_idle_s = 0.0 if full_speed else None
        plan = planned(settings, recipe, given, event_writer)
        run = PersonalRun(
            layout, settings, event_writer, plan=plan, whole=whole, gives_way=not full_speed, pause_idle_s=pause_idle_s
        )
        EndOnSignal(run.trainer)
        run(only_if_ready=if_ready)
    except Stopped:
        sys.exit(EXIT_STOPPED)
    except ShadowpenError as error:
        event_writer.failed(error)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
