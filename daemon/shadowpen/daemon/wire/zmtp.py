"""ZMTP 3.0, the daemon's side on a Unix socket: bytes in, messages out, within limits.

The part of ZeroMQ's wire protocol that our clients use: the NULL mechanism, and messages of one frame. Of a message in
several frames nothing is kept, and one that does not end within the size of a frame breaks the connection. See
https://rfc.zeromq.org/spec/23/. Knows no sockets.
"""

from __future__ import annotations

from shadowpen.daemon.wire.protocol import MAX_FRAME_BYTES

_GREETING_BYTES = 64
_SIGNATURE, _VERSION, _MECHANISM = slice(0, 10), 10, slice(12, 32)
_NULL = b"NULL".ljust(20, b"\0")
_MORE, _LONG, _COMMAND = 1, 2, 4
_READY = b"\x05READY"
GREETING = b"\xff" + bytes(7) + b"\x01\x7f" + b"\x03\x00" + _NULL + bytes(32)
SEVERAL = [b"", b""]  # what is left of a message in several frames


class Broken(Exception):
    """The peer does not speak the protocol, or goes beyond its bounds: the connection must end."""


def ready(kind: bytes) -> bytes:
    """The command that ends our side of the handshake; `kind` is our type of socket."""
    body = _READY + b"\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    return bytes((_COMMAND, len(body))) + body


def framed(frame: bytes) -> bytes:
    """`frame` as a message by itself."""
    if len(frame) < 256:
        return bytes((0, len(frame))) + frame
    return bytes((_LONG,)) + len(frame).to_bytes(8, "big") + frame


class FrameReader:
    """Reads frames from one connection.

    One connection's bytes; `is_ready` from the end of the handshake on. `kinds` are the types of sockets let in.
    """

    def __init__(self, kinds: frozenset[bytes]) -> None:
        self.is_ready = False
        self._kinds = kinds
        self._waiting = bytearray()
        self._greeted = False
        self._several_bytes = 0  # of the message in several frames that is coming in

    @property
    def nbytes(self) -> int:
        """What is held of a message that is not whole yet."""
        return len(self._waiting)

    def feed(self, data: bytes) -> list[list[bytes]]:
        """The messages that are whole with `data`; raises Broken."""
        self._waiting += data
        if not self._greeted and not self._take_greeting():
            return []
        found: list[list[bytes]] = []
        place = 0
        while (size := self._frame_size(place)) is not None:
            head, length = size
            if place + head + length > len(self._waiting):
                break
            flags = self._waiting[place]
            body = bytes(self._waiting[place + head : place + head + length])
            place += head + length
            if flags & _COMMAND:
                self._take_command(body)
            else:
                self._take_frame(flags, body, head + length, found)
        del self._waiting[:place]
        return found

    def _take_greeting(self) -> bool:
        """Whether the greeting has come; it is checked as far as it has, so that a stranger is known at once."""
        there = self._waiting
        if there[:1] not in (b"", b"\xff") or (len(there) > 9 and not there[9] & 1):
            raise Broken("no greeting")
        if len(there) > _VERSION and there[_VERSION] < 3:
            raise Broken("an old version")
        if len(there) < _GREETING_BYTES:
            return False
        if bytes(there[_MECHANISM]) != _NULL:
            raise Broken("another mechanism")
        del self._waiting[:_GREETING_BYTES]
        self._greeted = True
        return True

    def _frame_size(self, place: int) -> tuple[int, int] | None:
        """Sizes of the head and the body of the frame at `place`; None while its head is not whole."""
        there = self._waiting
        if place >= len(there):
            return None
        flags = there[place]
        if flags & ~(_MORE | _LONG | _COMMAND) or (flags & _COMMAND and flags & _MORE):
            raise Broken("unknown flags")
        head = 9 if flags & _LONG else 2
        if place + head > len(there):
            return None
        length = int.from_bytes(there[place + 1 : place + head], "big")
        if length > MAX_FRAME_BYTES:
            raise Broken("a frame over the limit")
        return head, length

    def _take_command(self, body: bytes) -> None:
        if self.is_ready:
            return
        if not body.startswith(_READY) or _property(body[len(_READY) :], b"socket-type") not in self._kinds:
            raise Broken("no handshake")
        self.is_ready = True

    def _take_frame(self, flags: int, body: bytes, nbytes: int, found: list[list[bytes]]) -> None:
        if not self.is_ready:
            raise Broken("a message before the handshake")
        if not flags & _MORE and not self._several_bytes:
            found.append([body])
            return
        self._several_bytes += nbytes
        if self._several_bytes > MAX_FRAME_BYTES:
            raise Broken("a message without end")
        if not flags & _MORE:
            self._several_bytes = 0
            found.append(SEVERAL)


def _property(properties: bytes, wanted: bytes) -> bytes:
    """The value of a property of a handshake, b"" without one; their names have no case."""
    place = 0
    while place < len(properties):
        name = properties[place + 1 : place + 1 + properties[place]]
        place += 1 + len(name)
        length = int.from_bytes(properties[place : place + 4], "big")
        if name.lower() == wanted:
            return properties[place + 4 : place + 4 + length]
        place += 4 + length
    return b""
