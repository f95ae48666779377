"""Suggestions that were accepted and rated, as events of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from support.journal.events import as_events

START_S = 1.6e9


def rated(ids: Iterable[str], rating: float = 1, at_s: float = START_S) -> list[Any]:
    """Each accepted a minute before `at_s` (seconds since 1970) and rated then."""
    return [
        event
        for id in ids
        for event in as_events(
            {"type": "accepted", "id": id, "time": at_s - 60, "context": "She went ", "suggested": "home late",
             "taken": "home late", "document": "untitled:1", "language": "markdown"},
            {"type": "rated", "id": id, "time": at_s, "rating": rating},
        )
    ]  # fmt: skip


def forgotten(id: str, at_s: float = START_S) -> list[Any]:
    """The suggestion taken back."""
    return as_events({"type": "forgotten", "id": id, "time": at_s})
