"""Paths of this installation: its plug-ins, and the command that editors start.

This file knows no editor.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
