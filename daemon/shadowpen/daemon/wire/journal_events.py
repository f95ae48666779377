"""The events of the journal: one struct each, the same on the wire, in the journal and in memory.

    accepted   what was suggested and taken, and up to 1,000 characters before it
    dismissed  what was on the screen for a while and not taken, and what the user typed instead
    kept       what stands there later (`when`: "2min", "10min", "closed", "shutdown")
    rated      the user's own mark for a suggestion
    forgotten  the user took the edit back: it no longer counts
    pasted     text from elsewhere; only its fingerprints are kept, and never in the journal
    produced   a text that a task made at the user's order, and what stands of it: counted, and never in the journal

A Record carries each event by itself, so that one that is malformed costs no other its place. Fields that this version
does not know are ignored; an event of an unknown type is refused alone. Knows no file, and not who sends them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import unquote

import msgspec

from shadowpen.daemon.base.errors import RequestInvalid

SCHEMA = 1
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_QUOTED = 200  # characters of a reason

_EventId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Text = Annotated[str, msgspec.Meta(max_length=16_000)]
_Address = Annotated[str, msgspec.Meta(max_length=4_096)]
_Language = Annotated[str, msgspec.Meta(max_length=64)]
_ModelName = Annotated[str, msgspec.Meta(max_length=128)]


class _Dated(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """`time` is UTC; on the way in also seconds since 1970."""

    id: _EventId
    time: datetime
    v: int = SCHEMA


class Accepted(_Dated, frozen=True, kw_only=True, tag="accepted"):
    """Journal event: the user accepted a suggestion.

    `taken`, a beginning of `suggested`, was put after `context`. With an id seen before: more was taken.

    `notes` are the author's, of which a paragraph was made; it stands in their place.
    """

    context: _Text
    suggested: _Text
    taken: _Text
    document: _Address
    language: _Language
    model: _ModelName = ""
    notes: _Text = ""


class Dismissed(_Dated, frozen=True, kw_only=True, tag="dismissed"):
    """Journal event: the user dismissed a suggestion or typed over it.

    `suggested` stood after `context` for `shown_ms` and was not taken; `typed` is what the author wrote instead.

    `how`: "typed_over", or "dismissed" by a key.
    """

    context: _Text
    suggested: _Text
    document: _Address
    language: _Language
    how: Annotated[str, msgspec.Meta(max_length=32)]
    typed: _Text = ""
    shown_ms: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    model: _ModelName = ""


class Kept(_Dated, frozen=True, kw_only=True, tag="kept"):
    """Journal event: what of an accepted suggestion still stands.

    `text` stands where the edit was, `when` it was looked at; "" if nothing of it is left.
    """

    when: Annotated[str, msgspec.Meta(max_length=32)]
    text: _Text


class Rated(_Dated, frozen=True, kw_only=True, tag="rated"):
    """Journal event: the user's rating. 1 (bad) to 5 (good)."""

    rating: Annotated[float, msgspec.Meta(ge=1, le=5)]


class Forgotten(_Dated, frozen=True, kw_only=True, tag="forgotten"):
    """Journal event: the edit no longer counts."""


class Pasted(_Dated, frozen=True, kw_only=True, tag="pasted"):
    """`text` was put into `document` from elsewhere: it is not the user's own."""

    document: _Address
    language: _Language
    text: _Text


class Produced(_Dated, frozen=True, kw_only=True, tag="produced"):
    """`task` offered `offered` at the user's order, who put it into `document`; ten minutes later it is `text`.

    `task` is "expand", "continue" or the name of a verb; `model` is empty where none had a part in it.
    """

    task: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    offered: _Text
    text: _Text
    document: _Address
    language: _Language
    model: _ModelName = ""


JournalEvent = Accepted | Dismissed | Kept | Rated | Forgotten
ReportedEvent = JournalEvent | Pasted | Produced

_Kind = TypeVar("_Kind", bound=ReportedEvent)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ReportedEvent, strict=False)


def encode_event(event: ReportedEvent) -> msgspec.Raw:
    """The event as a Record carries it."""
    return msgspec.Raw(_encoder.encode(event))


def decode_event_of_record(frame: bytes | msgspec.Raw) -> ReportedEvent:
    """One event of a Record; RequestInvalid says what is wrong with it."""
    try:
        return sound(msgspec.structs.replace(_decoder.decode(frame), v=SCHEMA))
    except (msgspec.DecodeError, TypeError, ValueError, OverflowError, RecursionError) as error:
        reason = str(error)[:_QUOTED]
        raise RequestInvalid(f"A journal event is malformed: {reason}.", "Update Shadowpen in the editor.") from error


def sifted(frames: Iterable[bytes | msgspec.Raw]) -> tuple[dict[int, ReportedEvent], dict[int, RequestInvalid]]:
    """The events of a Record that can be stored, and why the others cannot, each by its place."""
    good: dict[int, ReportedEvent] = {}
    bad: dict[int, RequestInvalid] = {}
    for place, frame in enumerate(frames):
        try:
            good[place] = decode_event_of_record(frame)
        except RequestInvalid as error:
            bad[place] = error
    return good, bad


def sound(event: _Kind) -> _Kind:
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
