"""The journal with consent: closed without it, and for excluded or forgotten text.

Consent is a setting that may change while the daemon runs, so it is read at every record. Without it an event
is answered as done and nothing is stored. This file knows neither the wire nor what the journal's files look like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from shadowpen.daemon.base import config, store
from shadowpen.daemon.privacy.consent import journal_allowed, permitted
from shadowpen.daemon.storage.journal import Journal, Recorded
from shadowpen.daemon.wire.journal_events import JournalEvent, Pasted, Produced, ReportedEvent, sifted

if TYPE_CHECKING:  # it brings numpy in, which the daemon's start can do without
    from shadowpen.daemon.privacy.forgotten import ForgottenTexts, Watched

_TEXTS = ("context", "suggested", "taken", "typed", "text", "notes", "offered")

_Kind = TypeVar("_Kind", bound=ReportedEvent)


class ConsentedJournal:
    """A journal below `layout` that is opened, and repaired, with the first event that may be kept.

    `on_kept` is given what was just stored, `on_produced` what is only counted.
    """

    def __init__(
        self,
        layout: store.Layout,
        load_config: Callable[[], config.Config] | None = None,
        on_kept: Callable[[list[JournalEvent]], None] = lambda events: None,
        on_produced: Callable[[list[Produced]], None] = lambda events: None,
    ) -> None:
        self._layout, self._on_kept, self._on_produced = layout, on_kept, on_produced
        self._load_config = load_config or (lambda: config.load(layout.config_file))
        self._journal: Journal | None = None
        self._watched: Watched | None = None
        self._forgotten: ForgottenTexts | None = None

    def record(self, frames: Sequence[msgspec.Raw]) -> Recorded:
        """Store the events of a Record; what is malformed is refused by itself. Errors as Journal.append."""
        if not journal_allowed(self._load_config()):
            return Recorded(0)
        good, refused = sifted(frames)
        return Recorded(self.append(good.values()), refused)

    def append(self, events: Iterable[ReportedEvent]) -> int:
        """Store what may be stored; how many are new. Errors as Journal.append.

        Of pasted text only fingerprints are kept, by which it is known when it is met in a file.
        """
        from shadowpen.daemon.privacy.forgotten import Watched, remember

        settings = self._load_config()
        if not journal_allowed(settings):
            return 0
        self._watched = self._watched or Watched(self._layout.forgotten)
        forgotten = self._watched()
        if forgotten is not self._forgotten:  # it is opened again with what is left
            self._forgotten, self._journal = forgotten, None
        allowed = spared(permitted(events, settings.learning), forgotten)
        if passages := [event.text for event in allowed if isinstance(event, Pasted)]:
            remember(self._layout.pasted, passages=passages)
        if produced := [event for event in allowed if isinstance(event, Produced)]:
            self._on_produced(produced)
        others = [event for event in allowed if not isinstance(event, Pasted | Produced)]
        if self._journal is None and others:
            self._journal = Journal(self._layout.edits)
        stored = self._journal.append(others) if self._journal is not None else 0
        if stored:
            self._on_kept(others)
        return stored


def spared(events: Iterable[_Kind], forgotten: ForgottenTexts) -> list[_Kind]:
    """`events` without those that hold something forgotten; where it only stands before one, the context ends there."""
    if not forgotten:
        return list(events)
    return [left for event in events if (left := _spared(event, forgotten)) is not None]


def _spared(event: _Kind, forgotten: ForgottenTexts) -> _Kind | None:
    texts: dict[str, str] = {name: value for name in _TEXTS if (value := getattr(event, name, ""))}
    if forgotten.knows_edit(event.id) or forgotten.knows_document(getattr(event, "document", "")):
        return None
    context = texts.pop("context", "")
    if any(forgotten.covers(text) for text in texts.values()):
        return None
    # A passage may begin in the context and end in what was taken.
    rests = [forgotten.rest_after(context + text) for text in ("", *texts.values())]
    if any(len(rest) < len(text) for rest, text in zip(rests[1:], texts.values(), strict=True)):
        return None
    return msgspec.structs.replace(event, context=rests[0]) if context else event
