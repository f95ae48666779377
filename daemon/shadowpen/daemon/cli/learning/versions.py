"""`shadowpen versions`: list the user's versions, show one, choose one, roll back.

A version whose graph is no longer kept is built again first, in a process of its own (`runs.COMMAND`): this package
exports nothing.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ModelCorrupt, from_code
from shadowpen.daemon.base.translation.language import translated, words

if TYPE_CHECKING:
    from shadowpen.daemon.storage.versions import Pointer, Version

_RELOAD_MS = 120_000


@click.group(invoke_without_command=True)
@click.pass_context
def versions(context: click.Context) -> None:
    """List your versions of the model, show one, use another, or roll back; without a command: list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=False)


@versions.command("list")
@terminal.json_option
def list_(as_json: bool) -> None:
    """List all versions; * marks the one in use."""
    from shadowpen.daemon.storage import versions as registry

    layout = store.layout()
    pointer = registry.current(layout)
    rows = [as_row(version, pointer) for version in registry.versions(layout)]
    if as_json:
        terminal.print_json(
            {"current": pointer.version or registry.BASE, "previous": pointer.previous, "versions": rows}
        )
    elif not rows:
        terminal.say(
            "There is only the model without your text (version base). `shadowpen train now` trains your own version."
        )
    else:
        _print_table(rows, base_serves=not pointer.version)


@versions.command()
@click.argument("version")
@terminal.json_option
def show(version: str, as_json: bool) -> None:
    """Show what VERSION learned from, how it was trained, and its gate results."""
    import msgspec

    from shadowpen.daemon.storage import versions as registry

    found = registry.read(store.layout(), version)
    if as_json:
        terminal.print_json(msgspec.to_builtins(found))
        return
    terminal.say(f"{found.id}: {found.state}, made {found.created} from the model '{found.base.name}'")
    for reason in found.reasons:
        terminal.say(f"  {reason}")
    for title, values in (("judged by", found.metrics), ("learned with", found.parameters)):
        click.echo(f"{translated(title)}:")
        for name, value in values.items():
            click.echo(f"  {name:<28}{value:.4g}" if isinstance(value, float) else f"  {name:<28}{value}")
    for title, held_out in (("learned from", False), ("measured on", True)):
        sources = [source for source in found.sources if source.held_out is held_out]
        tokens = sum(source.tokens for source in sources)
        click.echo(f"{translated(title)}: {translated(f'{tokens:,} tokens')}")
        for source in sources:
            edits = f", {len(source.edits)} edits" if source.edits else ""
            terminal.say(f"  {terminal.visible(source.origin)} ({source.tokens:,} tokens{edits})")


@versions.command()
@click.argument("version")
def use(version: str) -> None:
    """Use VERSION from now on; `base` is the model without your text."""
    terminal.say(switch_to(version))


@versions.command()
def rollback() -> None:
    """Go back to the version used before."""
    terminal.say(go_back())


def switch_to(version: str) -> str:
    """Have `version` answer from now on, built again if need be; which one does, in a sentence."""
    from shadowpen.daemon.storage import versions as registry

    layout, model, precision = serving()
    if version != registry.BASE:
        ensure_graph(layout, version, precision)
    registry.use(layout, model, version, precision)
    registry.prune(layout)
    return reloaded(layout, version)


def go_back() -> str:
    """Have the version answer that did before; which one does, in a sentence."""
    from shadowpen.daemon.storage import versions as registry

    layout, model, precision = serving()
    target = registry.rollback_target(layout)
    if target:
        ensure_graph(layout, target, precision)
    pointer = registry.rollback(layout, model, precision)
    registry.prune(layout)
    return reloaded(layout, pointer.version or registry.BASE)


@versions.command()
@click.option(
    "--git",
    "repository",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the git repository, for example a clone of the one that versions.git names.",
)
@terminal.json_option
def restore(repository: Path, as_json: bool) -> None:
    """Add versions that are tagged in a git repository but missing here. The version in use does not change.

    A version that learned from text you have since forgotten is left out.
    """
    from shadowpen.daemon.transfer.repository import restore as restored

    new = restored(store.layout(), repository)
    if as_json:
        terminal.print_json({"restored": new})
    elif not new:
        terminal.say("Nothing was restored: every version there is known here.")
    for there, here in new.items() if not as_json else ():
        terminal.say(f"{here} is restored." if here == there else f"{there} is restored as {here}.")
    if new and not as_json:
        terminal.say("`shadowpen versions use VERSION` builds its graph and uses it.")


def serving() -> tuple[store.Layout, Any, str]:
    """The layout, the model in use and the precision that suits this machine best."""
    from shadowpen.daemon.storage import models as registry
    from shadowpen.daemon.storage.placement import place

    layout, settings = store.layout(), configuration.load()
    model = registry.resolve(settings.model.name, layout)
    return layout, model, place(layout, settings.model, model, for_current=False).precision


def ensure_graph(layout: store.Layout, version: str, precision: str) -> None:
    """Have the version's graph whole on the disk, built again if need be."""
    from shadowpen.daemon.learning.runs import COMMAND
    from shadowpen.daemon.storage import versions as registry
    from shadowpen.daemon.trainer.job import parse_event

    found = registry.read(layout, version)
    if found.state != "promoted" or registry.has_graph(layout, found, precision):
        return
    terminal.say(f"The graph of {version} was removed to save space; rebuilding it takes about a minute.", err=True)
    command = [*COMMAND, "--full-speed", "--rebuild", version]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    events = [event for line in done.stdout.splitlines() if (event := parse_event(line))]
    if done.returncode:
        told = next((event.data for event in events if event.kind == "failed"), None)
        if told is None:
            raise ModelCorrupt(
                f"The graph of {version} could not be built.", "`shadowpen train now` makes a new version."
            )
        raise from_code(told["code"], told["message"], told["hint"])


def reloaded(layout: store.Layout, version: str) -> str:
    """Reload a running daemon; which model answers, in a sentence."""
    from shadowpen.daemon.base.errors import DaemonUnreachable
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Reload

    try:
        with Client("shadowpen versions", start=False, layout=layout) as client:
            client.request(Reload(id=client.next_id()), timeout_ms=_RELOAD_MS)
        return f"{version} is in use now."
    except DaemonUnreachable:
        return f"{version} will be in use when the daemon starts."


@dataclass(frozen=True)
class ListedVersion:
    """A version as `versions list` shows it; `tokens` are those that it learned from."""

    version: str
    current: bool
    state: str
    created: str
    model: str
    tokens: int
    perplexity_before: float | int | str | None
    perplexity: float | int | str | None
    reasons: list[str]


def as_row(version: Version, pointer: Pointer) -> ListedVersion:
    """A version as it is listed."""
    return ListedVersion(
        version=version.id,
        current=version.id == pointer.version,
        state=version.state,
        created=version.created,
        model=version.base.name,
        tokens=sum(source.tokens for source in version.sources if not source.held_out),
        perplexity_before=version.metrics.get("perplexity_served"),
        perplexity=version.metrics.get("perplexity"),
        reasons=version.reasons,
    )


def _print_table(rows: list[ListedVersion], *, base_serves: bool) -> None:
    from rich.table import Table

    from shadowpen.daemon.learning import told

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in words("", "version", "made", "state", "tokens", "your newest text"):
        table.add_column(translated(name), no_wrap=True)
    table.add_row("*" if base_serves else "", "base", "", translated("without your text"), "", "")
    for row in rows:
        measured = told.compared(row.perplexity_before, row.perplexity)
        made = row.created[:16].replace("T", " ")
        table.add_row(
            "*" if row.current else "",
            row.version,
            made,
            translated(row.state),
            f"{row.tokens:,}",
            translated(measured),
        )
    terminal.console().print(table)
    terminal.say("your newest text: how much better this version predicted it than the one used before")
