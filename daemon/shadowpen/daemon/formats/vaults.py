"""Obsidian vaults: which of their folders and notes are not the user's own text.

Templates are written once and copied often; what the user had Obsidian ignore, and drawings, are no prose. This file
opens only Obsidian's own settings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shadowpen.daemon.base import store

_SETTINGS = ".obsidian"
_MOST_BYTES = 1_000_000
_TEMPLATES = (("templates.json", "folder"), ("plugins/templater-obsidian/data.json", "templates_folder"))
DRAWINGS = ".excalidraw.md"


def left_out(folder: Path) -> dict[str, str]:
    """The paths below a vault that are passed over, each with the reason; none if the folder is no vault."""
    settings = folder / _SETTINGS
    if not store.is_folder(settings):
        return {}
    found: dict[str, str] = {}
    for file, key in _TEMPLATES:
        _add(found, folder, _read(settings / file).get(key), "template of an Obsidian vault")
    ignored = _read(settings / "app.json").get("userIgnoreFilters")
    for name in ignored if isinstance(ignored, list) else []:
        _add(found, folder, name, "ignored in Obsidian")
    return found


def _add(found: dict[str, str], folder: Path, name: Any, reason: str) -> None:
    """Names that Obsidian gives from the vault's root; patterns and steps upwards are none."""
    if isinstance(name, str) and name.strip("/ ") and not name.startswith("/") and ".." not in name:
        found[str(folder / name.strip("/ "))] = reason


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(store.read_bounded(file, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
