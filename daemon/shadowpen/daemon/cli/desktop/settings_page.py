"""The page of all settings, each with its value, reason and source."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from shadowpen.daemon.base import config, config_file, store
from shadowpen.daemon.cli.setup import settings


def shown(layout: store.Layout) -> dict[str, Any]:
    """The values of the page: the settings in their sections."""
    current = config.load(layout.config_file)
    rows = [_row(current, name) for name in settings.names()]
    sections = [(section, list(group)) for section, group in groupby(rows, lambda row: row["name"].partition(".")[0])]
    return {"sections": sections, "file": str(layout.config_file), "problems": current.problems}


def change(layout: store.Layout, name: str, value: str) -> str:
    """Store a setting as it was typed in; a list has one value a line."""
    section, field = settings.split(name)
    is_list = isinstance(getattr(config.SECTIONS[section](), field), list)
    settings.put(layout.config_file, name, value.splitlines() if is_list else [value])
    return f"{name} is {settings.written(settings.describe(config.load(layout.config_file), name)['value'])} now."


def reset(layout: store.Layout, name: str) -> str:
    """Let the default of a setting apply again."""
    section, field = settings.split(name)
    config_file.remove(layout.config_file, section, field)
    return f"{name} has its default again."


def _row(current: config.Config, name: str) -> dict[str, Any]:
    row = settings.describe(current, name)
    value, choices = row["value"], row["choices"]
    if isinstance(value, bool):
        choices = ["true", "false"]
    text = "\n".join(value) if isinstance(value, list) else settings.written(value)
    changed = row["source"] != "default"
    source = "config.toml" if changed and not row["source"].startswith("$") else row["source"]
    default = settings.written(row["default"])
    return {
        **row,
        "value": text,
        "default": default,
        "choices": choices,
        "is_list": isinstance(value, list),
        "changed": changed,
        "source": source,
    }
