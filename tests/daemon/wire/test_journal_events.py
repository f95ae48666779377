"""Journal events between clients and daemons of different versions."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec
import pytest
from support.journal.events import as_event, sent

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.storage.events import event_of
from shadowpen.daemon.wire.journal_events import (
    Accepted,
    Kept,
    Pasted,
    Produced,
    Rated,
    ReportedEvent,
    decode_event_of_record,
    encode_event,
    sifted,
)
from shadowpen.daemon.wire.protocol import Record, decode_request, encode

NOW = datetime(2026, 5, 1, 12, 0, 30, 123456, tzinfo=UTC)
ACCEPTED = Accepted(
    id="a", time=NOW, context="The sea ", suggested="is blue", taken="is", document="file:///a.md", language="markdown"
)


@pytest.mark.parametrize(
    "event",
    [
        ACCEPTED,
        Kept(id="a", time=NOW, when="2min", text="is"),
        Rated(id="a", time=NOW, rating=4),
        Pasted(id="p", time=NOW, document="untitled:1", language="plaintext", text="not mine"),
        Produced(id="w", time=NOW, task="correct", offered="It is.", text="It was.", document="a", language="markdown"),
    ],
)
def test_an_event_survives_the_wire(event: ReportedEvent) -> None:
    record = decode_request(encode(Record.of([event], "r")))
    assert isinstance(record, Record)
    assert sifted(record.events) == ({0: event}, {})


def test_an_event_of_an_older_client_is_understood() -> None:
    now = time.time()
    older = {"type": "kept", "id": "a", "time": now, "when": "2min", "text": "is"}
    read = as_event(older)
    assert read == Kept(id="a", time=datetime.fromtimestamp(now, UTC), when="2min", text="is")


def test_an_older_daemon_understands_an_event() -> None:
    """It read a mapping and converted that, with numbers and strings as times."""
    mapping = msgspec.msgpack.decode(encode(Record.of([ACCEPTED], "r")))["events"][0]
    assert msgspec.convert(mapping, Accepted, strict=False) == ACCEPTED


def test_what_a_newer_client_adds_is_ignored_and_what_is_unknown_is_refused_alone() -> None:
    newer = msgspec.to_builtins(ACCEPTED) | {"v": 2, "mood": ["good", {"deep": [1]}]}
    good, bad = sifted([sent({"type": "sung", "id": "s", "time": 0}), sent(newer), encode_event(ACCEPTED)])
    assert good == {1: ACCEPTED, 2: ACCEPTED}
    assert list(bad) == [0] and "sung" in bad[0].message


@pytest.mark.parametrize("frame", [b"", b"\xc1", sent({"type": "kept"}), bytes(encode_event(ACCEPTED))[:-3] + b"\xff"])
def test_a_malformed_event_is_refused_in_a_sentence(frame: bytes) -> None:
    with pytest.raises(RequestInvalid, match="A journal event is malformed"):
        decode_event_of_record(frame)


def test_a_line_of_the_journal_is_the_same_struct_byte_for_byte() -> None:
    line = (
        b'{"type":"accepted","id":"a","time":"2026-05-01T12:00:30.123456Z","v":1,"context":"The sea ",'
        b'"suggested":"is blue","taken":"is","document":"file:///a.md","language":"markdown","model":"","notes":""}'
    )
    assert event_of(line) == ACCEPTED
    assert msgspec.json.encode(event_of(line)) == line
