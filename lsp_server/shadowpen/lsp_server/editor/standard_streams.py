"""Standard input and output as the protocol needs them.

Headers are read as leniently as `framing` reads them and handed on as pygls expects them; bytes that are no UTF-8 are
read as U+FFFD instead of costing the message they stand in; and nothing but the protocol reaches the editor: a stray
print goes to stderr. This file knows no message.
"""

from __future__ import annotations

import os
import sys
from io import BufferedReader
from typing import BinaryIO, cast

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.lsp_server.editor.framing import Messages

_PIECE = 1 << 16


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
