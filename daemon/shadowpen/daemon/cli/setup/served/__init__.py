"""Plug-ins that talk to `shadowpen serve`, installed with its port and token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.extras import lacking
from shadowpen.daemon.http import PACKAGES


def settings_in(path: Path) -> dict[str, Any] | None:
    """The plug-in's settings in a JSON file of its program; {} without the file, None if they are no JSON object."""
    try:
        settings = json.loads(store.read_bounded(path))
    except FileNotFoundError:
        return {}
    except ValueError:
        return None
    except OSError as error:
        raise store.unusable(path, error) from error
    return settings if isinstance(settings, dict) else None


def tell_what_serve_lacks() -> None:
    """Say which packages `shadowpen serve` needs and how to install them, where they are missing."""
    if error := lacking("shadowpen serve", PACKAGES, "http"):
        terminal.say(f"{error.message} {error.hint}")
