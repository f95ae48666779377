"""A language server with a witness: starts the program named by the arguments, and tells a test what goes to and fro.

Everything is passed on as it came. Each message is reported as one JSON line {pid, side: "editor" | "server", message}
on the Unix socket that SHADOWPEN_RELAY names. Standard library only; knows nothing of what the messages mean.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import IO


def _frame(source: IO[bytes]) -> tuple[bytes, bytes] | None:
    """The header and the body of the next message; None when there is none left."""
    header, length = b"", 0
    while line := source.readline():
        header += line
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if not line.strip():
            return header, source.read(length)
    return None


class Relay:
    def __init__(self, test: socket.socket) -> None:
        self._test = test
        self._reporting = threading.Lock()

    def pass_on(self, source: IO[bytes], target: IO[bytes], side: str) -> None:
        """Until `source` ends, which then is the end of `target` too."""
        while frame := _frame(source):
            report = {"pid": os.getpid(), "side": side, "message": json.loads(frame[1])}
            with self._reporting:
                self._test.sendall(json.dumps(report).encode() + b"\n")
            target.write(b"".join(frame))
            target.flush()
        target.close()


def main() -> int:
    test = socket.socket(socket.AF_UNIX)
    test.connect(os.environ["SHADOWPEN_RELAY"])
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        relay = Relay(test)
        assert server.stdin is not None and server.stdout is not None
        given = (sys.stdin.buffer, server.stdin, "editor")
        threading.Thread(target=relay.pass_on, args=given, daemon=True).start()
        relay.pass_on(server.stdout, sys.stdout.buffer, "server")
    return server.returncode


if __name__ == "__main__":
    sys.exit(main())
