"""daemon/wire/protocol.py: messages to bytes and back, and the limits."""

from __future__ import annotations

import msgspec
import pytest

from shadowpen.daemon.base.errors import ModelMissing, RequestInvalid
from shadowpen.daemon.wire.protocol import (
    MAX_MESSAGE_BYTES,
    MAX_TEXT_CHARACTERS,
    Complete,
    Completion,
    Event,
    Expand,
    Failure,
    Hello,
    Partial,
    Reply,
    Request,
    StatusReport,
    Suggestion,
    Turn,
    decode_event,
    decode_reply,
    decode_request,
    encode,
    encode_request,
    request_id,
)
from shadowpen.daemon.wire.reports import (
    AttentionState,
    ClientReport,
    DaemonReport,
    DaemonState,
    ErrorDetails,
    MemoryReport,
    ModelReport,
    ShowingReport,
    TrainingNews,
)


@pytest.mark.parametrize("request_", [Hello(id="1"), Complete(id="2", document="d", prefix="Grüße 🐱\r\n\u2028")])
def test_requests_survive_the_wire(request_: Request) -> None:
    assert decode_request(encode_request(request_)) == request_


@pytest.mark.parametrize(
    "reply", [Partial(id="1", text="\x00"), Completion(id="2", suggestions=[Suggestion(text="x", probability=0.5)])]
)
def test_replies_survive_the_wire(reply: Reply) -> None:
    assert decode_reply(encode(reply)) == reply


def test_events_survive_the_wire() -> None:
    event = Event(kind="state", data=DaemonState(state="ready", attention=AttentionState(paused=True)))
    assert decode_event(encode(event)) == event


def test_an_event_of_an_older_and_of_a_newer_daemon_is_understood() -> None:
    error = {"code": "model_missing", "message": "None.", "hint": "Get one."}
    training = {"state": "running", "phase": "Learning", "done": 3, "total": 40, "version": "", "message": ""}
    told = {"state": "failed", "error": error, "training": training}
    older = decode_event(msgspec.msgpack.encode({"type": "event", "kind": "training", "data": told}))
    assert older.data == DaemonState(
        state="failed",
        error=ErrorDetails(code="model_missing", message="None.", hint="Get one."),
        training=TrainingNews(state="running", phase="Learning", done=3, total=40),
    )
    newer = {"type": "event", "kind": "sung", "data": {"state": "ready", "mood": ["good"]}, "more": 1}
    assert decode_event(msgspec.msgpack.encode(newer)) == Event(kind="sung", data=DaemonState(state="ready"))


def test_an_older_client_reads_an_event_as_before() -> None:
    state = DaemonState(state="ready", model="m@1", attention=AttentionState())
    assert msgspec.msgpack.decode(encode(Event(kind="state", data=state)))["data"] == {
        "state": "ready",
        "model": "m@1",
        "attention": {"paused": False, "paused_until": None, "manual_only": False},
    }
    assert msgspec.msgpack.decode(encode(Event(kind="disconnected")))["data"] == {}


def test_a_status_of_an_older_and_of_a_newer_daemon_is_understood() -> None:
    told = {"pid": 7, "memory": {}, "model": {"state": "ready", "model": "m@1"}, "showing": {"silences": {"unsure": 2}}}
    older = decode_reply(msgspec.msgpack.encode({"type": "status_report", "id": "s", "report": told}))
    assert older == StatusReport(
        id="s",
        report=DaemonReport(
            pid=7,
            memory=MemoryReport(),
            model=ModelReport(state="ready", model="m@1"),
            showing=ShowingReport(silences={"unsure": 2}),
        ),
    )
    told = {"pid": 7, "mood": "good", "model": {"state": "ready", "mood": "good"}, "clients": [{"name": "a", "age": 3}]}
    newer = decode_reply(msgspec.msgpack.encode({"type": "status_report", "id": "s", "report": told}))
    report = DaemonReport(pid=7, model=ModelReport(state="ready"), clients=[ClientReport(name="a")])
    assert newer == StatusReport(id="s", report=report)


def test_an_older_client_finds_in_a_status_what_it_reads() -> None:
    error = ErrorDetails(code="model_missing", message="There is no model.")
    reply = StatusReport(id="s", report=DaemonReport(model=ModelReport(state="failed", error=error)))
    told = msgspec.msgpack.decode(encode(reply))["report"]
    assert told["model"]["error"]["message"] == "There is no model." and told["model"]["engine"]["told"] == ""
    assert told["failures"] == {} == told["showing"]["outcomes"] and told["completion_ms"]["of"] == 0
    assert {"pid", "version", "uptime_s", "rss_mb", "clients", "attention", "transport", "log", "problems"} <= set(told)


def test_a_malformed_event_is_an_error_of_ours() -> None:
    with pytest.raises(RequestInvalid, match="malformed"):
        decode_event(msgspec.msgpack.encode({"type": "event", "kind": "state", "data": {"state": 5}}))


def test_a_failure_carries_its_error() -> None:
    failure = decode_reply(encode(Failure.of(ModelMissing("None.", "Get one."), "7")))
    assert isinstance(failure, Failure) and failure.id == "7"
    error = failure.error()
    assert type(error) is ModelMissing and (error.message, error.hint) == ("None.", "Get one.")


def test_a_failure_of_a_newer_daemon_is_still_one() -> None:
    error = Failure(id="7", code="unheard of", message="Odd.").error()
    assert error.message == "Odd." and error.exit_status == 1


def test_what_a_newer_side_adds_is_ignored() -> None:
    raw = {"type": "hello", "id": "1", "protocol": 1, "mood": "good"}
    assert decode_request(msgspec.msgpack.encode(raw)) == Hello(id="1")


@pytest.mark.parametrize("field", ["prefix", "suffix"])
def test_a_text_at_its_limit(field: str) -> None:
    texts = {"prefix": "", field: MAX_TEXT_CHARACTERS * "ß"}
    decode_request(encode(Complete(id="1", document="d", **texts)))
    texts[field] += "ß"
    with pytest.raises(RequestInvalid, match="exceeds the limit of 64,000"):
        decode_request(encode(Complete(id="1", document="d", **texts)))


def test_a_message_at_its_limit() -> None:
    frame = encode(Complete(id="1", document="d", prefix=""))
    padding = MAX_MESSAGE_BYTES - len(frame) - 4  # a longer string has a longer header
    encode_request(Complete(id="1", document="d" + padding * "d", prefix=""))
    with pytest.raises(RequestInvalid, match="exceeds the limit"):
        encode_request(Complete(id="1", document="d" + (padding + 10) * "d", prefix=""))


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (b"", ""),
        (b"rubbish", ""),
        (b"\x91" * 100_000, ""),
        (msgspec.msgpack.encode({"id": 5}), ""),
        (msgspec.msgpack.encode({"id": "x", "type": "?", "more": [1, {"id": "y"}]}), "x"),
        (b"\x82\xa6prefix\xa2\xff\xfe\xa2id\xa1x", "x"),
    ],
)
def test_the_id_of_what_cannot_be_decoded(frame: bytes, found: str) -> None:
    assert request_id(frame) == found


@pytest.mark.parametrize(
    "request_",
    [
        Complete(id="1", document="d", prefix="half a character \ud83d"),
        Expand(id="1", document="d", notes="ferry late", seed=2**70),
    ],
)
def test_what_has_no_bytes_is_refused_in_words(request_: Request) -> None:
    with pytest.raises(RequestInvalid, match="cannot be sent"):
        encode_request(request_)


def test_an_answer_that_is_none() -> None:
    with pytest.raises(RequestInvalid, match="malformed"):
        decode_reply(b"\xc1")


def test_the_turns_of_an_expansion_are_optional_and_bounded() -> None:
    plain = encode_request(Expand(id="1", document="d", notes="ferry late"))
    assert b"turns" not in plain and decode_request(plain) == Expand(id="1", document="d", notes="ferry late")
    said = Turn(instruction="shorter", shown="The ferry was late.")
    request = Expand(id="1", document="d", notes="ferry late", turns=[said] * 16)
    assert decode_request(encode_request(request)) == request
    for turns in ([said] * 17, [Turn(instruction="x" * 401, shown="")], [Turn(instruction="", shown="x" * 16_001)]):
        with pytest.raises(RequestInvalid):
            decode_request(encode(Expand(id="1", document="d", notes="ferry late", turns=turns)))
