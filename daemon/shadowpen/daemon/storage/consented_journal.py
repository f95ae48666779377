"""The journal with consent: closed without it, and for excluded or forgotten text.

Consent is a setting that may change while the daemon runs, so it is read at every record. Without it an event
is answered as done and nothing is stored. This file knows neither the wire nor what the journal's files look like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.privacy.consent import journal_allowed, permitted
from shadowpen.daemon.storage.events import sifted
from shadowpen.daemon.storage.journal import Journal, Recorded

if TYPE_CHECKING:  # it brings numpy in, which the daemon's start can do without
    from shadowpen.daemon.privacy.forgotten import ForgottenTexts, Watched

_PASTED = "pasted"
_TEXTS = ("context", "suggested", "taken", "typed", "text", "notes")


class ConsentedJournal:
    """A journal below `layout` that is opened, and repaired, with the first event that may be kept.

    `on_kept` is given what was just stored.
    """

    def __init__(
        self,
        layout: store.Layout,
        load_config: Callable[[], config.Config] | None = None,
        on_kept: Callable[[list[Mapping[str, Any]]], None] = lambda events: None,
    ) -> None:
        self._layout, self._on_kept = layout, on_kept
        self._load_config = load_config or (lambda: config.load(layout.config_file))
        self._journal: Journal | None = None
        self._watched: Watched | None = None
        self._forgotten: ForgottenTexts | None = None

    def append(self, events: Iterable[Mapping[str, Any]]) -> Recorded:
        """Store what may be stored. Errors as Journal.append.

        What is malformed is refused by itself. Of pasted text only fingerprints are kept, by which it is known when it
        is met in a file.
        """
        from shadowpen.daemon.privacy.forgotten import Watched, remember

        settings = self._load_config()
        if not journal_allowed(settings):
            return Recorded(0)
        given = list(events)
        refused = _refused(given)
        self._watched = self._watched or Watched(self._layout.forgotten)
        forgotten = self._watched()
        if forgotten is not self._forgotten:  # it is opened again with what is left
            self._forgotten, self._journal = forgotten, None
        sound = [event for place, event in enumerate(given) if place not in refused]
        allowed = spared(permitted(sound, settings.learning), forgotten)
        pasted = [event for event in allowed if event.get("type") == _PASTED]
        if pasted:
            passages = [text for event in pasted if isinstance(text := event.get("text"), str)]
            remember(self._layout.pasted, passages=passages)
        others = [event for event in allowed if event.get("type") != _PASTED]
        if self._journal is None and others:
            self._journal = Journal(self._layout.edits)
        stored = self._journal.append(others) if self._journal is not None else 0
        if stored:
            self._on_kept(others)
        return Recorded(stored, refused)


def _refused(events: list[Mapping[str, Any]]) -> dict[int, RequestInvalid]:
    """Why some of `events` are refused; pasted text is no event of the journal's."""
    places = [place for place, event in enumerate(events) if event.get("type") != _PASTED]
    bad = sifted(events[place] for place in places)[1]
    return {places[number]: error for number, error in bad.items()}


def spared(events: Iterable[Mapping[str, Any]], forgotten: ForgottenTexts) -> list[Mapping[str, Any]]:
    """`events` without those that hold something forgotten; where it only stands before them, the context ends there.

    What is malformed passes: the journal says so.
    """
    if not forgotten:
        return list(events)
    return [left for event in events if (left := _spared(event, forgotten)) is not None]


def _spared(event: Mapping[str, Any], forgotten: ForgottenTexts) -> Mapping[str, Any] | None:
    texts = {name: value for name in _TEXTS if isinstance(value := event.get(name), str) and value}
    if isinstance(id := event.get("id"), str) and forgotten.knows_edit(id):
        return None
    if isinstance(document := event.get("document"), str) and forgotten.knows_document(document):
        return None
    context = texts.pop("context", "")
    if any(forgotten.covers(text) for text in texts.values()):
        return None
    # A passage may begin in the context and end in what was taken.
    rests = [forgotten.rest_after(context + text) for text in ("", *texts.values())]
    if any(len(rest) < len(text) for rest, text in zip(rests[1:], texts.values(), strict=True)):
        return None
    return {**event, "context": rests[0]} if context else event
