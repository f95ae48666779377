"""Messages between the daemon's side and the reading process: length, then MessagePack."""

from __future__ import annotations

import struct
from typing import IO

import msgspec

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms

_LENGTH = struct.Struct(">I")
_MOST_BYTES = 16_000_000  # a text of two million characters takes at most eight


class ReadRequest(msgspec.Struct, frozen=True):
    """Read the file at `path` with the reader `target` in `limit_s` seconds; `path` "" only loads the reader."""

    path: str
    target: str
    terms: Terms
    limit_s: float


class EndOfFile(msgspec.Struct, frozen=True, tag="end"):
    """Nothing more comes of this file."""


Answer = Piece | LeftOut | EndOfFile


def send(stream: IO[bytes], message: ReadRequest | Answer) -> None:
    """Write one message; OSError where nobody reads any more."""
    body = msgspec.msgpack.encode(message)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The bytes of the next message; None at the end of the stream, or where what comes is no message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length) if length <= _MOST_BYTES else b""
    return body if len(body) == length else None
