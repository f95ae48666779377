"""`shadowpen config`: show, get, set and unset settings.

What a setting may be is decided by `daemon.base.config`; this file only shows and stores.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import config_file, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.cli.help import foldable


@click.group(invoke_without_command=True)
@terminal.json_option
@click.pass_context
def config(context: click.Context, as_json: bool) -> None:
    """Show every setting: its value, what it does, and where the value comes from.

    Order of sources: default, config.toml, environment (SHADOWPEN_<SECTION>_<NAME>).
    """
    if context.invoked_subcommand is not None:
        return
    path = store.layout().config_file
    current = configuration.load(path)
    rows = [describe(current, name) for name in names()]
    if as_json:
        terminal.print_json({"file": str(path), "settings": rows, "problems": list(current.problems)})
        return
    _print_table(rows)
    terminal.say(f"\nSettings are kept in {path}{'' if path.exists() else ' (which does not exist yet)'}.")
    for problem in current.problems:
        terminal.say(f"! {problem}", err=True)


@config.command("get")
@click.argument("name")
@terminal.json_option
def get(name: str, as_json: bool) -> None:
    """Print the value of one setting, for example: shadowpen config get completion.deadline_ms."""
    split(name)
    row = describe(configuration.load(), name)
    if as_json:
        terminal.print_json(row)
    else:
        click.echo(written(row.value))


@config.command("set")
@click.argument("name")
@click.argument("values", nargs=-1, required=True)
@terminal.json_option
def set_(name: str, values: tuple[str, ...], as_json: bool) -> None:
    """Store one setting in config.toml; a list takes several values, or one like '["a", "b"]'."""
    path = store.layout().config_file
    value = put(path, name, values)
    row = describe(configuration.load(path), name)
    if as_json:
        terminal.print_json(row)
        return
    terminal.say(f"{name} = {written(value)} is written to {path}.")
    if row.source.startswith("$"):
        terminal.say(f"! The environment overrides it: {row.source[1:]} = {written(row.value)}.", err=True)
    if name.startswith("learning."):
        terminal.say("It applies from now on, also in open editors.")
    elif name.startswith("monitoring."):
        terminal.say("It applies when the figures are next written to disk; nothing needs to restart.")
    else:
        terminal.say("It applies when the daemon and open editors restart (`shadowpen stop`).")


@config.command("unset")
@click.argument("name")
@terminal.json_option
def unset(name: str, as_json: bool) -> None:
    """Remove one setting from config.toml, so that its default applies again."""
    section, field = split(name)
    path = store.layout().config_file
    removed = config_file.remove(path, section, field)
    row = describe(configuration.load(path), name)
    if as_json:
        terminal.print_json(row)
    else:
        was = "is no longer set" if removed else "was not set"
        terminal.say(f"{name} {was} in {path}; it is {written(row.value)} (from: {row.source}).")


def put(path: Path, name: str, values: Sequence[str]) -> Any:
    """Store a setting in the file, as it was typed in; its value. ConfigInvalid if it is wrong: nothing changes."""
    section, field = split(name)
    value, problem = configuration.check(section, field, _raw(name, values))
    if problem:
        raise ConfigInvalid(f"{problem}.", f"Nothing was changed. About this setting: {_why(section, field)}.")
    config_file.write(path, section, field, value)
    return value


def names() -> list[str]:
    """Every setting as "section.name", in the order of the dataclasses."""
    return [
        f"{section}.{field.name}"
        for section, kind in configuration.SECTIONS.items()
        for field in dataclasses.fields(kind)
    ]


def split(name: str) -> tuple[str, str]:
    """Section and field of a setting's name; ConfigInvalid for one that there is not."""
    known = names()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1) or [full for full in known if full.endswith(f".{name}")]
        hint = f"Did you mean {close[0]}?" if close else "`shadowpen config` lists them."
        raise ConfigInvalid(f"Unknown setting {name}.", hint)
    section, _, field = name.partition(".")
    return section, field


def _raw(name: str, values: Sequence[str]) -> str | list[str]:
    section, field = split(name)
    if isinstance(getattr(configuration.SECTIONS[section](), field), list):
        items = configuration.listed(values[0]) if len(values) == 1 else None
        return [value for value in (values if items is None else items) if value]
    if len(values) > 1:
        raise ConfigInvalid(f"{name} takes one value, not {len(values)}.", "Quote a value that contains spaces.")
    return values[0]


@dataclasses.dataclass(frozen=True)
class DescribedSetting:
    """A setting with its value, its limits, and the source of the value."""

    name: str
    value: object
    default: object
    source: str
    why: str
    low: float | None
    high: float | None
    choices: list[str]


def describe(current: configuration.Config, name: str) -> DescribedSetting:
    """A setting as it is now."""
    section, _, field = name.partition(".")
    kind = configuration.SECTIONS[section]
    metadata = next(declared.metadata for declared in dataclasses.fields(kind) if declared.name == field)
    return DescribedSetting(
        name=name,
        value=getattr(getattr(current, section), field),
        default=getattr(kind(), field),
        source=current.sources[name],
        why=metadata["why"],
        low=metadata["low"],
        high=metadata["high"],
        choices=list(metadata["choices"]),
    )


def _why(section: str, field: str) -> str:
    return describe(configuration.Config(sources={f"{section}.{field}": ""}), f"{section}.{field}").why


def written(value: Any) -> str:
    """A value as `config set` takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value) if value else "(none)"
    return str(value)


def _print_table(rows: list[DescribedSetting]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(translated("setting"), no_wrap=True)
    table.add_column(translated("value"), overflow="fold")
    table.add_column(translated("from"), overflow="fold")
    table.add_column(translated("why"), overflow="fold", ratio=1)
    for row in rows:
        chosen = row.source != "default"
        value = Text(written(row.value), style="bold" if chosen else "")
        table.add_row(row.name, value, Text(_origin(row.source)), foldable(row.why, style="dim"))
    terminal.console().print(table)


def _origin(source: str) -> str:
    """Where a value came from, short: the file's full path stands below the table."""
    return "config.toml" if source == str(store.layout().config_file) else source
