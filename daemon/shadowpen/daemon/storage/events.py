"""The events of the journal: their types, and how one is read from a mapping or a line.

    accepted   what was suggested and taken, and up to 1,000 characters before it
    dismissed  what was on the screen for a while and not taken, and what the user typed instead
    kept       what stands there later (`when`: "2min", "10min", "closed", "shutdown")
    rated      the user's own mark for a suggestion
    forgotten  the user took the edit back: it no longer counts

Knows no file, and not who sends them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec

from shadowpen.daemon.base.errors import RequestInvalid

SCHEMA = 1
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

# How an event written by an older version becomes one of the next: version → function. SCHEMA 1 is the first.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Text = Annotated[str, msgspec.Meta(max_length=16_000)]


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """`time` is UTC; on the way in also seconds since 1970."""

    id: _Id
    time: datetime
    v: int = SCHEMA


class Accepted(_Event, frozen=True, kw_only=True, tag="accepted"):
    """Journal event: the user accepted a suggestion.

    `taken`, a beginning of `suggested`, was put after `context`. With an id seen before: more was taken.

    `notes` are the author's, of which a paragraph was made; it stands in their place.
    """

    context: _Text
    suggested: _Text
    taken: _Text
    document: Annotated[str, msgspec.Meta(max_length=4_096)]
    language: Annotated[str, msgspec.Meta(max_length=64)]
    model: Annotated[str, msgspec.Meta(max_length=128)] = ""
    notes: _Text = ""


class Dismissed(_Event, frozen=True, kw_only=True, tag="dismissed"):
    """Journal event: the user dismissed a suggestion or typed over it.

    `suggested` stood after `context` for `shown_ms` and was not taken; `typed` is what the author wrote instead.

    `how`: "typed_over", or "dismissed" by a key.
    """

    context: _Text
    suggested: _Text
    document: Annotated[str, msgspec.Meta(max_length=4_096)]
    language: Annotated[str, msgspec.Meta(max_length=64)]
    how: Annotated[str, msgspec.Meta(max_length=32)]
    typed: _Text = ""
    shown_ms: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    model: Annotated[str, msgspec.Meta(max_length=128)] = ""


class Kept(_Event, frozen=True, kw_only=True, tag="kept"):
    """Journal event: what of an accepted suggestion still stands.

    `text` stands where the edit was, `when` it was looked at; "" if nothing of it is left.
    """

    when: Annotated[str, msgspec.Meta(max_length=32)]
    text: _Text


class Rated(_Event, frozen=True, kw_only=True, tag="rated"):
    """Journal event: the user's rating. 1 (bad) to 5 (good)."""

    rating: Annotated[float, msgspec.Meta(ge=1, le=5)]


class Forgotten(_Event, frozen=True, kw_only=True, tag="forgotten"):
    """Journal event: the edit no longer counts."""


Event = Accepted | Dismissed | Kept | Rated | Forgotten


def sifted(events: Iterable[Mapping[str, Any]]) -> tuple[dict[int, Event], dict[int, RequestInvalid]]:
    """The events that can be stored, and why the others cannot, each by its place in `events`."""
    good: dict[int, Event] = {}
    bad: dict[int, RequestInvalid] = {}
    for place, event in enumerate(events):
        try:
            good[place] = parse(event)
        except RequestInvalid as error:
            bad[place] = error
    return good, bad


def parse(event: Mapping[str, Any]) -> Event:
    """The event in a mapping as it came over the wire; RequestInvalid says what is wrong with it."""
    try:
        parsed = msgspec.convert(dict(event), Event, strict=False)
        return _sound(msgspec.structs.replace(parsed, v=SCHEMA))
    except (msgspec.ValidationError, TypeError, ValueError, OverflowError, RecursionError) as error:
        reason = str(error)[:200]
        raise RequestInvalid(f"A journal event is malformed: {reason}.", "Update Shadowpen in the editor.") from error


def _sound(event: Event) -> Event:
    """`event` with its time in UTC; ValueError for what no file, path or calendar can hold."""
    time = event.time if event.time.tzinfo else event.time.replace(tzinfo=UTC)
    if not _EARLIEST <= time < _LATEST:
        raise ValueError("its time is out of range")
    for name in event.__struct_fields__:
        if isinstance(text := getattr(event, name), str):
            text.encode()  # raises for half a character
    if "\0" in unquote(getattr(event, "document", "")):
        raise ValueError("its document's address contains a NUL character")
    return msgspec.structs.replace(event, time=time.astimezone(UTC))


def event_of(line: bytes) -> Event | None:
    """The event of a line of the journal; None if it cannot be read."""
    raw = mapping_of(line)
    if raw is None:
        return None
    try:
        return _sound(msgspec.convert(_upgraded(raw), Event))
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
