"""Telling the daemon what became of each suggestion, so that it learns when to make some.

Each answer is told as shown once and has one end, unless more and more of it is taken. Numbers and names only: the
daemon knows the text by the id. This file knows neither documents nor how the end is found out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from shadowpen.daemon.wire.protocol import Outcome, OutcomeKind
from shadowpen.lsp_server.ghost_text.suggestions import End, SuggestionRecord, Suggestions


class Outcomes:
    """Reports to the daemon what became of suggestions.

    `tell` sends what nobody waits for.
    """

    def __init__(self, suggestions: Suggestions, tell: Callable[[Outcome], None]) -> None:
        self._suggestions = suggestions
        self._tell = tell

    def shown(self, record: SuggestionRecord) -> bool:
        """The suggestion is on the screen of its document, in place of any other; True the first time."""
        display, outcome = self._suggestions.display(record.uri), record.outcome
        if display.latest is not None and display.latest.request != record.request:
            self.ended(display.latest, "left")
        display.latest = record
        if outcome.shown:
            outcome.shown_again = outcome.end is not None
            return False
        outcome.shown = True
        self._send(record, "shown")
        return True

    def taken(self, record: SuggestionRecord, characters: int) -> int:
        """So many characters of it were taken in all; said again for each piece. How many were taken before."""
        outcome = record.outcome
        before = outcome.taken
        if characters > before:
            outcome.taken = characters
            self._send(record, "taken", characters)
        return before

    def ended(self, record: SuggestionRecord, how: End) -> None:
        """It is gone from the screen; what was taken before stays taken, but a refused rest is told.

        So is the refusal of what was left before and came to the screen once more.
        """
        outcome, refused = record.outcome, how == "dismissed"
        if not (outcome.shown or outcome.taken) or (outcome.taken and not refused):
            return
        if outcome.end is not None and not (outcome.shown_again and refused):
            return
        outcome.end, outcome.shown_again = how, False
        self._send(record, how)

    def closed(self, uri: str) -> None:
        """The document is closed."""
        latest = self._suggestions.display(uri).latest
        if latest is not None:
            self.ended(latest, "left")

    def _send(self, record: SuggestionRecord, kind: OutcomeKind, characters: int = 0) -> None:
        self._tell(Outcome(id=uuid.uuid4().hex, of=record.request, kind=kind, characters=characters))
