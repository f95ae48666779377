"""Standard input and output as the protocol needs them.

Bytes that are no UTF-8 are read as U+FFFD instead of costing the message they stand in, and nothing but
the protocol reaches the editor: a stray print goes to stderr. This file knows no message.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


class TolerantInput:
    """As much of a binary stream as pygls reads; message bodies come back as valid UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        return self._stream.readline()

    def read(self, size: int) -> bytes:
        body = self._stream.read(size)
        try:
            body.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return body.decode("utf-8", "replace").encode()
        return body


def private_stdout() -> BinaryIO:
    """The real standard output; whatever else writes there from now on lands on stderr."""
    sys.stdout.flush()
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return private
