"""No message ends the daemon: every field with every strange value is answered, once, and the next one too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from support import daemons
from support.models import fake_model
from support.raw_client import RawClient, plain

from shadowpen.daemon.base import store
from shadowpen.daemon.wire.protocol import MOST_CHARACTERS, Done, Failure, Outcome, Status, StatusReport, Welcome

_INTEGERS = (0, -1, -(2**63), 2**63 - 1, 2**64 - 1, 2**31, -(2**31) - 1)
_FLOATS = (float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324)
_TEXTS = (
    "",
    "\0",
    "a" * 70_000,
    "\u2028\u202e\ufeff",
    "\U0010ffff" * 50,
    "<|endoftext|>",
    "../../etc/passwd",
    "👨‍👩‍👧",
)
STRANGE: tuple[Any, ...] = (None, True, [], {}, [[]], {"": None}, b"\xff\xfe", *_INTEGERS, *_FLOATS, *_TEXTS)
_EVENT = {"type": "accepted", "id": "1", "time": 1.0, "context": "", "suggested": "a b", "taken": "a"}
MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "hello", "protocol": 1, "client": "c", "version": "1"},
    {
        "type": "complete",
        "document": "d",
        "prefix": "The",
        "suffix": "",
        "version": 1,
        "language": "markdown",
        "deadline_ms": 5,
        "explicit": False,
        "last_edit": "typed",
        "headings": [[1, "A"]],
    },
    {"type": "continue", "document": "d", "prefix": "The", "suffix": "", "max_words": 1, "sampling": {}},
    {
        "type": "expand",
        "document": "d",
        "notes": "a",
        "free": False,
        "heading": "",
        "before": "",
        "candidates": 1,
        "seed": 0,
        "max_words": 1,
        "turns": [],
    },
    {"type": "prepare", "document": "d", "prefix": "The"},
    {"type": "cancel", "target": "x"},
    {"type": "close", "document": "d"},
    {"type": "record", "events": [_EVENT]},
    {"type": "outcome", "of": "x", "kind": "taken", "characters": 3},
    {"type": "attention", "pause": 0, "manual": False},
    {"type": "why", "of": "x"},
    {"type": "log", "count": 5},
    {"type": "status"},
)
_FIELDS = [(message, field) for message in MESSAGES for field in message if field != "type"]


@pytest.fixture
def client(layout: store.Layout) -> Iterator[RawClient]:
    fake_model.install(layout)
    process = daemons.start(layout)
    with RawClient(layout) as client:
        client.greet()
        yield client
        assert isinstance(client.ask(Status(id="alive")), StatusReport)
    assert daemons.stop(layout, process) == 0


def _answer(client: RawClient, message: dict[str, Any]) -> object:
    client.send(plain(message))
    while (reply := client.receive()).id != message["id"] or type(reply).__name__ == "Partial":
        pass
    return reply


def test_every_field_with_every_strange_value_is_answered(client: RawClient) -> None:
    number = 0
    for message, field in _FIELDS:
        for value in STRANGE:
            number += 1
            reply = _answer(client, {**message, "id": f"v{number}", field: value})
            if isinstance(reply, Failure):
                assert reply.code in ("request_invalid", "protocol_mismatch"), (message["type"], field, value, reply)
    assert isinstance(client.ask(Status(id="s")), StatusReport)


@pytest.mark.parametrize("value", STRANGE)
def test_a_strange_id_is_no_harm(client: RawClient, value: Any) -> None:
    client.send(plain({"type": "status", "id": value}))
    client.receive()


def test_numbers_that_are_let_in_can_be_told(client: RawClient) -> None:
    for number in range(50):
        outcome = Outcome(id=str(number), of="x", kind="taken", characters=MOST_CHARACTERS)
        assert isinstance(client.ask(outcome), Done)
    for sent in (2**63 - 1, MOST_CHARACTERS + 1, -1):
        reply = _answer(client, {"type": "outcome", "id": f"o{sent}", "of": "x", "kind": "taken", "characters": sent})
        assert isinstance(reply, Failure) and reply.code == "request_invalid"
    assert isinstance(client.ask(Status(id="s")), StatusReport)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xc1",
        b"\x91" * 100_000 + b"\xc0",
        b"\x81\xa1a" * 50_000 + b"\xc0",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff\xa1a",
        b"\xdb\xff\xff\xff\xffabc",
        b"\xc6\xff\xff\xff\xff",
        b"\x83\xa4type\xa6record\xa2id\xa1a\xa6events\x91\x81\xa1a" + b"\x91" * 100_000 + b"\xc0",
        b"\x82\xa4type\xa6status\xa2id\xa3\xed\xa0\x80",
        msgspec.msgpack.encode({"type": "record", "id": "e", "events": [{}] * 100_000}),
        msgspec.msgpack.encode(
            {"type": "complete", "id": "h", "document": "d", "prefix": "a", "headings": [[1, "x"]] * 50_000}
        ),
    ],
    ids=range(12),
)
def test_a_frame_of_nonsense_is_refused(client: RawClient, frame: bytes) -> None:
    assert client.failure(frame).code == "request_invalid"


def test_a_fault_inside_costs_its_sender_alone(client: RawClient, layout: store.Layout) -> None:
    with RawClient(layout) as other:
        assert isinstance(other.greet(), Welcome)
        reply = _answer(other, {"type": "complete", "id": "1", "document": "d", "prefix": "!raise"})
        assert isinstance(reply, Failure)
    assert isinstance(client.ask(Status(id="s")), StatusReport)
