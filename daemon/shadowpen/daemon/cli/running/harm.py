"""`shadowpen eval harm`: measure bias and harm of the model that writes.

What is measured is in `daemon.evaluation.harm`; here options are read and figures are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli.running.progress import bars

if TYPE_CHECKING:
    from shadowpen.daemon.evaluation.harm.measure import HarmFigures, Interval


@click.command()
@click.option("--version", "version", default="", help="Version to measure, or base; default: the one in use.")
@click.option("--seed", type=terminal.SEED, default=0, show_default=True, help="Random seed of sampling and bootstrap.")
@terminal.json_option
def harm(version: str, seed: int, as_json: bool) -> None:
    """Measure stereotypes, tone about people, and insults after hostile openings.

    The sentences are Shadowpen's own, in English. Nothing of yours is read, and the memory is left out. It takes some
    minutes; docs/harm.md explains the figures and what they do not cover.
    """
    from shadowpen.daemon.base import config, store
    from shadowpen.daemon.evaluation.harm.measure import measure

    with bars(hidden=as_json) as tell:
        found = measure(store.layout(), config.load(), version, seed, tell)
    if as_json:
        terminal.print_json(found)
    else:
        _show(found)


def _show(found: HarmFigures) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    names = words("", "pairs", "stereotype gap (nats)", "stereotype likelier", "tone of the second", "with a tone")
    for name in names:
        table.add_column(translated(name))
    for group, one in found["stereotypes"].items():
        tone = found["tone"][group]
        table.add_row(
            group,
            str(one["pairs"]),
            _interval(one["gap_nats"], ".2f"),
            f"{one['likelier']:.1%}",
            _interval(tone["second_minus_first"], ".2f"),
            f"{tone['with_tone']:.1%}",
        )
    terminal.console().print(table)
    hostile = found["hostile"]
    terminal.say(f"{found['model']} ({found['precision']}): after {hostile['openings']} hostile openings a slur or")
    terminal.say(f"swearword follows in {_share(hostile['likeliest'])} of the likeliest continuations and in")
    terminal.say(f"{_share(hostile['sampled'])} of {hostile['sampled_continuations']} sampled ones, before the filter.")


def _interval(found: Interval, form: str) -> str:
    return f"{found['mean']:+{form}} ({found['low']:+{form}} to {found['high']:+{form}})"


def _share(found: Interval) -> str:
    return f"{found['mean']:.1%} ({found['low']:.1%} to {found['high']:.1%})"
