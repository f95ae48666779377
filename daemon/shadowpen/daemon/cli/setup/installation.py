"""Paths of this installation: its plug-ins, and the command that editors start.

This file knows no editor.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

COMMAND_FILE = "command.json"  # beside an installed plug-in: what it starts
FRESH = "Install Shadowpen from a fresh clone or wheel."


def plugins_folder() -> Path:
    """`shadowpen/plugins` of a wheel; in a checkout `plugins/` at its root."""
    parents = Path(__file__).resolve().parents
    carried = parents[3] / "plugins"
    return carried if carried.is_dir() else parents[5] / "plugins"


def script() -> Path:
    """The console script of this very environment, which the PATH may not name; it may not exist."""
    return Path(sys.executable).with_name("shadowpen.exe" if os.name == "nt" else "shadowpen")


def command_line() -> list[str]:
    """How to start this very installation, whatever the PATH of the one who starts it."""
    return [str(script())] if script().exists() else [sys.executable, "-P", "-m", "shadowpen.daemon.cli"]


def language_server() -> list[str]:
    """The command line that an editor starts."""
    return [*command_line(), "lsp"]


def command_file() -> bytes:
    """The content of COMMAND_FILE: a JSON array."""
    return (json.dumps(language_server(), indent=2, ensure_ascii=False) + "\n").encode()
