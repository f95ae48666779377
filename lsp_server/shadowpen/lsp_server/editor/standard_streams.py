"""Standard input and output as the protocol needs them.

Header names count in any case and with any blanks, and are handed on as pygls expects them. A Content-Length that is
wrong costs at most its own message: too short, what follows up to the next header belongs to the message; too long, the
message ends where its JSON ends. Bytes that are no UTF-8 are read as U+FFFD instead of costing the message they stand
in; and nothing but the protocol reaches the editor: a stray print goes to stderr. This file knows neither pygls nor
what a message says.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable
from io import BufferedReader
from typing import BinaryIO, cast

from shadowpen.daemon.base.errors import ShadowpenError

_PIECE = 1 << 16
_HEADER = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,12})[ \t]*\r?\n", re.IGNORECASE)
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_NEXT = re.compile(rb"(?:[\w-]{1,40}[ \t]*:[^\n]{0,200}\r?\n){0,3}?" + _HEADER.pattern, re.IGNORECASE)
_LONGEST_HEADERS = 16_384
_LONGEST_BODY = 1 << 28
_MOST_PARSED = 2  # times the announced length
_NEAR_THE_END = 4_096  # bytes: so far off are most lengths that are wrong
_MOST_NEAR_THE_END = 50_000_000  # bytes that are read again there
_log = logging.getLogger(__name__)


class TolerantInput:
    """A binary input stream that forgives framing errors.

    As much of a binary stream as pygls reads: header lines of one form, and bodies that are valid UTF-8.
    """

    def __init__(self, stream: BinaryIO) -> None:
        buffered = cast(BufferedReader, stream)
        self._messages = Messages(lambda: buffered.read1(_PIECE))
        self._lines: list[bytes] = []
        self._body = b""

    def readline(self) -> bytes:
        if not self._lines:
            body = self._messages.next()
            if body is None:
                return b""
            self._body = _utf8(body)
            self._lines = [b"\r\n", b"Content-Length: %d\r\n" % len(self._body)]
        return self._lines.pop()

    def read(self, size: int) -> bytes:
        body, self._body = self._body[:size], self._body[size:]
        return body


def _utf8(body: bytes) -> bytes:
    try:
        body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace").encode()
    return body


def open_input() -> BinaryIO:
    """Standard input as it was given; an error where there is none."""
    if sys.stdin is None:
        raise _closed("input")
    return sys.stdin.buffer


def private_stdout() -> BinaryIO:
    """The real standard output; whatever else writes there from now on lands on stderr."""
    if sys.stdout is None:
        raise _closed("output")
    sys.stdout.flush()
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    elsewhere = os.open(os.devnull, os.O_WRONLY) if sys.stderr is None else os.dup(sys.stderr.fileno())
    os.dup2(elsewhere, sys.stdout.fileno())
    os.close(elsewhere)
    return private


def _closed(name: str) -> ShadowpenError:
    return ShadowpenError(
        f"The language server talks on standard input and output, and standard {name} is closed.",
        "An editor starts `shadowpen lsp` by itself; there is nothing to start by hand.",
    )


class Messages:
    """Messages cut out of a byte stream.

    `read_some` gives the bytes that are there, waiting for at least one; none means that the stream has ended.
    """

    def __init__(self, read_some: Callable[[], bytes]) -> None:
        self._read_some = read_some
        self._held = bytearray()

    def next(self) -> bytes | None:
        """The body of the next message; None when there will be no more."""
        while True:
            length = self._headers()
            if length is None:
                return None
            if 0 < length <= _LONGEST_BODY:
                return self._body(length)
            _log.warning("A message of %d bytes is announced; it is passed over.", length)

    def _headers(self) -> int | None:
        """The announced length, everything up to the body taken away."""
        while True:
            header = _HEADER.search(self._held)
            end = header and _HEADERS_END.search(self._held, header.end() - 2)
            if header and end:
                length = int(header[1])
                if self._held[: header.start()].count(b"{"):
                    _log.warning("A Content-Length was wrong; what lies before the next header is passed over.")
                del self._held[: end.end()]
                return length
            if header is None and len(self._held) > _LONGEST_HEADERS:
                del self._held[:-200]  # may end in half a header
            if not self._more():
                return None

    def _body(self, length: int) -> bytes | None:
        parsed = 0
        while (size := len(self._held)) < length:
            # A message that is there whole is not kept waiting for bytes that were announced by mistake. A large one
            # may come in many pieces that end like one: it is not read anew for each.
            left = _MOST_PARSED * length - parsed + (_MOST_NEAR_THE_END if length - size < _NEAR_THE_END else 0)
            if size <= left and self._held[-64:].rstrip().endswith(b"}"):
                parsed += size
                if end := _json_end(bytes(self._held)):
                    return self._taken(end)
            if not self._more():
                return None
        body = bytes(self._held[:length])
        if _HEADER.search(body) or not body.rstrip().endswith(b"}"):  # it goes on into the next message
            return self._taken(_json_end(bytes(self._held)) or self._before_next(length))
        if self._is_followed_by_more_of_it(length) and not _json_end(body):
            return self._taken(self._before_next(length))
        return self._taken(length)

    def _is_followed_by_more_of_it(self, length: int) -> bool:
        following = bytes(self._held[length : length + 64]).lstrip()
        return bool(following) and not re.match(rb"[A-Za-z]", following)

    def _before_next(self, length: int) -> int:
        """Where the message ends that a wrong length cut: before the next header, or with all that is there."""
        following = _NEXT.search(self._held, length)
        end = following.start() if following else len(self._held)
        return end if _json_end(bytes(self._held[:end])) else length

    def _taken(self, length: int) -> bytes:
        body = bytes(self._held[:length])
        del self._held[:length]
        return body

    def _more(self) -> bool:
        piece = self._read_some()
        self._held += piece
        return bool(piece)


def _json_end(text: bytes) -> int:
    """Where the JSON object that `text` begins with ends, in bytes; 0 if it does not."""
    decoded = text.decode("utf-8", "surrogateescape")
    try:
        value, end = json.JSONDecoder().raw_decode(decoded, len(decoded) - len(decoded.lstrip()))
    except (ValueError, RecursionError):
        return 0
    return len(decoded[:end].encode("utf-8", "surrogateescape")) if isinstance(value, dict) else 0
