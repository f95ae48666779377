"""Parse one line of the journal into its event, whatever version wrote it.

The events themselves are in wire.journal_events. Knows no file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from shadowpen.daemon.wire.journal_events import SCHEMA, JournalEvent, sound

# How an event written by an older version becomes one of the next: version → function. SCHEMA 1 is the first. A mapping
# is what they change: no struct of today can hold an event of another version.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def event_of(line: bytes) -> JournalEvent | None:
    """The event of a line of the journal; None if it cannot be read."""
    raw = mapping_of(line)
    if raw is None:
        return None
    try:
        return sound(msgspec.convert(_upgraded(raw), JournalEvent))
    except (msgspec.ValidationError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return None


def _upgraded(raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` as this version writes it; KeyError for one of a later version."""
    while (version := raw.get("v", 1)) != SCHEMA:
        raw = MIGRATIONS[version](raw)
    return raw


def mapping_of(line: bytes) -> dict[str, Any] | None:
    """The JSON object of a line; None if it holds none."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) else None
