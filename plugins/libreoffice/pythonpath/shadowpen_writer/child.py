"""The language server's process, and messages over its pipes, without ever waiting for it.

Two threads read and write; `on_message` and `on_end` are called in the reading one. Knows no message.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from typing import Any

# LibreOffice's own Python sets them for itself; another Python would not find its library by them.
_NOT_FOR_OTHERS = ("PYTHONHOME", "PYTHONPATH")
_LONGEST = 1 << 26


class Child:
    """A program that is started at once. Raises OSError if it cannot be."""

    def __init__(
        self, command: list[str], on_message: Callable[[dict[str, Any]], None], on_end: Callable[[int], None]
    ) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_OTHERS}
        hidden = {"creationflags": 0x08000000} if os.name == "nt" else {}  # no console window
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            **hidden,
        )
        self._outbox = queue.Queue()
        self._on_message, self._on_end = on_message, on_end
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Have a message sent, a dict."""
        self._outbox.put(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def finish(self) -> None:
        """Send what is waiting, then close the program's input: it ends by itself."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End the program, which does not answer."""
        self._outbox.put(None)
        self._process.kill()

    def _write(self) -> None:
        stream = self._process.stdin
        with contextlib.suppress(OSError):  # it has ended, which the reader notices
            for body in iter(self._outbox.get, None):
                stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                stream.flush()
        with contextlib.suppress(OSError):
            stream.close()

    def _read(self) -> None:
        try:
            for message in iter(self._next, None):
                self._on_message(message)
        except (OSError, ValueError, AttributeError):
            self._process.kill()  # what it says is not the protocol
        status = self._process.wait()
        self._outbox.put(None)
        self._process.stdout.close()
        self._on_end(status)

    def _next(self) -> dict[str, Any] | None:
        """The next message, or None at the end."""
        length = 0
        for line in iter(self._process.stdout.readline, b""):
            if not line.strip():
                break
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        else:
            return None
        if not 0 < length <= _LONGEST:
            raise ValueError("no length")
        message = json.loads(self._process.stdout.read(length).decode())
        if not isinstance(message, dict):
            raise ValueError("no object")
        return message
