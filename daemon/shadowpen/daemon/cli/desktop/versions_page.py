"""The page of versions: what each learned, how it was judged, and which one is in use."""

from __future__ import annotations

from typing import Any

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.learning import versions as commands
from shadowpen.daemon.learning import told
from shadowpen.daemon.storage import versions


def shown(layout: store.Layout) -> dict[str, Any]:
    """The values of the page, newest version first."""
    pointer = versions.current(layout)
    rows = [commands.as_row(version, pointer) for version in reversed(versions.versions(layout))]
    measured = {row.version: told.compared(row.perplexity_before, row.perplexity) for row in rows}
    return {
        "rows": rows,
        "measured": measured,
        "base_serves": not pointer.version,
        "can_go_back": bool(pointer.version),
    }


def choose(version: str) -> str:
    """Have a version answer from now on."""
    return commands.switch_to(version)


def go_back() -> str:
    """Have the version answer that did before."""
    return commands.go_back()
