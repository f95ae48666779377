"""`shadowpen report`: one HTML page about benefit and progress, from local files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import DaemonError
from shadowpen.daemon.base.translation.language import LANGUAGES, speak
from shadowpen.daemon.cli.running import status
from shadowpen.daemon.privacy.consent import journal_allowed
from shadowpen.daemon.wire.reports import DaemonReport

if TYPE_CHECKING:
    from shadowpen.daemon.reporting.report import Written


@click.command()
@click.option("--open", "opens", is_flag=True, help="Open the report in the browser.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to this file.")
@click.option(
    "--eval",
    "evaluations",
    multiple=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Also show the results of `shadowpen eval writer --out DIR`; repeatable.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Language of the report.  [default: that of messages; with --json English]",
)
@terminal.json_option
def report(opens: bool, out: Path | None, evaluations: tuple[Path, ...], language: str | None, as_json: bool) -> None:
    """Show what Shadowpen did for you: keys saved, text kept, your versions, and whether it improves.

    Nothing leaves the machine, and the page contains none of your text. Plots need matplotlib. Starts no daemon.
    """
    if language is not None:
        speak(lambda: language)
    written = write_report(store.layout(), target=out, evaluations=evaluations)
    if opens:
        import webbrowser

        webbrowser.open(written.path.as_uri())
    if as_json:
        about = {"helps": written.helps, "better": written.better, "html": written.html, "text": written.text}
        terminal.print_json({"path": str(written.path), **about})
        return
    terminal.say(written.helps)
    terminal.say(written.better)
    click.echo(str(written.path))


def write_report(layout: store.Layout, *, target: Path | None = None, evaluations: Sequence[Path] = ()) -> Written:
    """Write the report of a home, with what a running daemon adds to it; see `reporting.report.write`."""
    from shadowpen.daemon.monitoring.monitor import standing
    from shadowpen.daemon.reporting.report import write

    settings = config.load(layout.config_file)
    return write(
        layout,
        target=target,
        evaluations=evaluations,
        served=_served(layout),
        counting=journal_allowed(settings),
        alarms=[alarm.message for alarm in standing(layout, settings.monitoring)],
    )


def _served(layout: store.Layout) -> DaemonReport | None:
    """The daemon's own report; None where none runs, or one that is too busy to answer, or of another version."""
    try:
        return status.ask(layout)
    except DaemonError:
        return None
