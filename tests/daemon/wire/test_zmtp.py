"""daemon/wire/zmtp.py: what comes in whole or in pieces, and what breaks a connection."""

from __future__ import annotations

import pytest

from shadowpen.daemon.wire import zmtp
from shadowpen.daemon.wire.protocol import MAX_FRAME_BYTES

_KINDS = frozenset({b"DEALER"})
_HELLO = zmtp.GREETING + zmtp.ready(b"DEALER")


def _reader() -> zmtp.FrameReader:
    reader = zmtp.FrameReader(_KINDS)
    assert reader.feed(_HELLO) == [] and reader.is_ready
    return reader


def test_messages_come_whole_however_they_are_cut() -> None:
    frames = [b"", b"a", b"b" * 255, b"c" * 256, b"d" * 100_000]
    sent = _HELLO + b"".join(map(zmtp.framed, frames))
    for size in (1, 7, 64, 1000, len(sent)):
        reader = zmtp.FrameReader(_KINDS)
        got = [message for at in range(0, len(sent), size) for message in reader.feed(sent[at : at + size])]
        assert got == [[frame] for frame in frames]
        assert reader.nbytes == 0


def test_of_several_frames_nothing_is_kept() -> None:
    reader = _reader()
    assert reader.feed(b"\x01\x01a" * 3 + b"\x00\x01a") == [zmtp.SEVERAL]
    assert reader.feed(zmtp.framed(b"next")) == [[b"next"]]


def test_a_message_without_end_breaks_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 1 << 18
    monkeypatch.setattr(zmtp, "MAX_FRAME_BYTES", most)
    reader = _reader()
    part = b"\x03" + (most // 4).to_bytes(8, "big") + bytes(most // 4)
    for _ in range(most // len(part)):
        assert reader.feed(part) == []
        assert reader.nbytes == 0
    with pytest.raises(zmtp.Broken):
        reader.feed(part)
    with pytest.raises(zmtp.Broken):
        _reader().feed(b"\x01\x00" * most)


def test_other_commands_are_passed_over() -> None:
    assert _reader().feed(b"\x04\x07\x04PING\0\0" + zmtp.framed(b"x")) == [[b"x"]]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" + bytes(9),
        zmtp.GREETING[:10] + b"\x01",
        zmtp.GREETING.replace(b"NULL\0", b"PLAIN"),
        zmtp.GREETING + zmtp.framed(b"no handshake"),
        zmtp.GREETING + zmtp.ready(b"PUB"),
        zmtp.GREETING + b"\x04\x06\x05READY",
        zmtp.GREETING + b"\x04\x07\x05READY\xff",
        _HELLO + b"\xff\x01a",
        _HELLO + b"\x05\x01a",
        _HELLO + b"\x02" + (MAX_FRAME_BYTES + 1).to_bytes(8, "big"),
        _HELLO + b"\x02" + b"\xff" * 8,
    ],
)
def test_strangers_and_the_boundless_are_broken(data: bytes) -> None:
    reader = zmtp.FrameReader(_KINDS)
    with pytest.raises(zmtp.Broken):
        reader.feed(data)


def test_one_frame_at_its_limit() -> None:
    assert _reader().feed(zmtp.framed(bytes(MAX_FRAME_BYTES))) == [[bytes(MAX_FRAME_BYTES)]]
