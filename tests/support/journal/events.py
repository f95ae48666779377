"""Journal events from mappings, as tests write them and as older clients send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from shadowpen.daemon.wire.journal_events import ReportedEvent, decode_event_of_record
from shadowpen.daemon.wire.protocol import Record


def sent(told: Mapping[str, Any]) -> msgspec.Raw:
    """The event as a Record carries it, with a time in seconds or as a string."""
    return msgspec.Raw(msgspec.msgpack.encode(dict(told)))


def as_event(told: Mapping[str, Any]) -> Any:
    """The event as the daemon reads it; RequestInvalid if it is malformed."""
    read: ReportedEvent = decode_event_of_record(sent(told))
    return read


def as_events(*told: Mapping[str, Any]) -> list[Any]:
    return [as_event(one) for one in told]


def mappings(record: Record) -> list[dict[str, Any]]:
    """What a client sent, as plain data."""
    return [msgspec.msgpack.decode(frame) for frame in record.events]
