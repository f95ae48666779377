"""`shadowpen plugins`: list the plug-ins of other packages, each tried in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import click

from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.plugins import registry, switched_off, trial
from shadowpen.daemon.plugins.registry import KINDS, Plugin


@click.command()
@click.option("--enable", "wanted", metavar="NAME", help="Switch this plug-in on again.")
@terminal.json_option
def plugins(wanted: str | None, as_json: bool) -> None:
    """List plug-ins of other packages and say which of them work.

    Each is loaded in a process of its own, with a time limit. A plug-in that does not return while it works is switched
    off until its package changes, or until --enable.
    """
    layout = store.layout()
    if wanted is not None:
        _enable(layout, wanted)
    found = list(states(layout))
    if as_json:
        terminal.print_json({"plugins": [_row(plugin, why) for plugin, why in found]})
    elif not found:
        terminal.say("No plug-in is installed.")
    else:
        _print_table(found)


def states(layout: store.Layout) -> Iterator[tuple[Plugin, str]]:
    """Every plug-in with why it is left out, "" for those that work."""
    from shadowpen.daemon.cli.table import COMMANDS
    from shadowpen.daemon.formats import table as formats

    reserved = {"commands": tuple(COMMANDS), "formats": formats.RESERVED}
    with ThreadPoolExecutor(len(KINDS)) as pool:
        of_kinds = pool.map(lambda kind: trial.states(kind, layout, reserved.get(kind, ())), KINDS)
        for found in of_kinds:
            yield from found


def _enable(layout: store.Layout, wanted: str) -> None:
    named = [plugin for kind in KINDS for plugin in registry.others(kind).values() if plugin.name == wanted]
    if not named:
        raise ConfigInvalid(f"There is no plug-in '{wanted}'.", "`shadowpen plugins` lists them.")
    for plugin in named:
        switched_off.switch_on(layout, plugin)
    terminal.say(f"'{wanted}' is on again; a running daemon uses it after `shadowpen stop`.", err=True)


def _row(plugin: Plugin, why: str) -> dict[str, str]:
    return {
        "kind": KINDS[plugin.kind],
        "name": plugin.name,
        "package": plugin.package,
        "version": plugin.version,
        "problem": why,
    }


def _print_table(found: list[tuple[Plugin, str]]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in words("kind", "name", "package"):
        table.add_column(translated(column), no_wrap=True)
    table.add_column(translated("state"), overflow="fold")
    for plugin, why in found:
        table.add_row(
            translated(KINDS[plugin.kind]),
            plugin.name,
            f"{plugin.package} {plugin.version}",
            translated(f"left out: {why}" if why else "works fine"),
        )
    terminal.console().print(table)
