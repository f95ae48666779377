"""Plug-ins that talk to `shadowpen serve`, installed with its port and token."""

from __future__ import annotations

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.extras import lacking
from shadowpen.daemon.http import PACKAGES


def tell_what_serve_lacks() -> None:
    """Say which packages `shadowpen serve` needs and how to install them, where they are missing."""
    if error := lacking("shadowpen serve", PACKAGES, "http"):
        terminal.say(f"{error.message} {error.hint}")
