"""The journal as the daemon uses it: open only with the author's consent, closed to what they set apart.

Consent is a setting that may change while the daemon runs, so it is read at every record. Without it an event
is answered as done and nothing is stored. This file knows neither the wire nor what the journal's files look like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shadowpen.daemon import config, store
from shadowpen.daemon.journal import Journal
from shadowpen.daemon.privacy.consent import journal_allowed, permitted


class ConsentedJournal:
    """A journal below `layout` that is opened, and repaired, with the first event that may be kept."""

    def __init__(self, layout: store.Layout, load_config: Callable[[], config.Config] | None = None) -> None:
        self._layout = layout
        self._load_config = load_config or (lambda: config.load(layout.config_file))
        self._journal: Journal | None = None

    def append(self, events: Iterable[Mapping[str, Any]]) -> int:
        """Store what may be stored; how many events are new on the disk. Errors as Journal.append."""
        settings = self._load_config()
        if not journal_allowed(settings):
            return 0
        if self._journal is None:
            self._journal = Journal(self._layout.edits)
        return self._journal.append(permitted(events, settings.learning))
