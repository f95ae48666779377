"""Asking an editor what it holds: expressions of its own language, over a socket that it connects to itself.

The messages are those of Vim's channels, one JSON array each: `["expr", EXPRESSION, ID]` to the editor, `[ID, VALUE]`
from it. Knows no editor.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from .happenings import WAIT_S


class Remote:
    """Listens on `path` for one editor."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(WAIT_S)
        self._connection: socket.socket | None = None
        self._asked = 0
        self._rest = ""

    def ask(self, expression: str) -> Any:
        """The value of `expression` in the editor."""
        if self._connection is None:
            self._connection, _ = self._listener.accept()
            self._connection.settimeout(WAIT_S)
        self._asked += 1
        self._connection.sendall((json.dumps(["expr", expression, self._asked]) + "\n").encode())
        decoder = json.JSONDecoder()
        while True:
            try:
                (id, value), end = decoder.raw_decode(self._rest.lstrip())
            except ValueError:
                received = self._connection.recv(1 << 16)
                assert received, "the editor has ended"
                self._rest += received.decode()
                continue
            self._rest = self._rest.lstrip()[end:]
            assert id == self._asked
            return value

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._listener.close()
