"""The page of all settings, each with its value, reason and source."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.cli.setup import settings


@dataclass(frozen=True)
class SettingRow:
    """A setting as the page shows it, with what it is for; a list has one value a line."""

    name: str
    value: str
    told: str
    choices: list[str]
    is_list: bool
    is_changed: bool


def shown(layout: store.Layout) -> dict[str, Any]:
    """The values of the page: the settings in their sections."""
    current = config.load(layout.config_file)
    rows = [_row(current, name) for name in settings.names()]
    sections = [(section, list(group)) for section, group in groupby(rows, lambda row: row.name.partition(".")[0])]
    return {"sections": sections, "file": str(layout.config_file), "problems": current.problems}


def change(layout: store.Layout, name: str, value: str) -> str:
    """Store a setting as it was typed in; a list has one value a line."""
    section, field = settings.split(name)
    is_list = isinstance(getattr(config.SECTIONS[section](), field), list)
    settings.put(layout.config_file, name, value.splitlines() if is_list else [value])
    return f"{name} is {settings.written(settings.describe(config.load(layout.config_file), name).value)} now."


def reset(layout: store.Layout, name: str) -> str:
    """Let the default of a setting apply again."""
    section, field = settings.split(name)
    config_file.remove(layout.config_file, section, field)
    return f"{name} has its default again."


def _row(current: config.Config, name: str) -> SettingRow:
    described = settings.describe(current, name)
    is_list, is_switch = isinstance(described.value, list), isinstance(described.value, bool)
    is_changed = described.source != "default"
    told = [f"{described.why[:1].upper()}{described.why[1:]}."]
    if is_changed:
        source = described.source if described.source.startswith("$") else "config.toml"
        told.append(f"From {source}; the default is {settings.written(described.default)}.")
    if is_list:
        told.append("One value per line.")
    return SettingRow(
        name=name,
        value="\n".join(described.value) if isinstance(described.value, list) else settings.written(described.value),
        told=" ".join(told),
        choices=["true", "false"] if is_switch else described.choices,
        is_list=is_list,
        is_changed=is_changed,
    )
