"""Harper's process for one request of the daemon: started with it and ended with it.

Whoever waits for an answer gets `None`s meanwhile, so that others may have their turn. A process that dies or takes
too long costs its findings and nothing else. This file knows neither rules nor models.
"""

from __future__ import annotations

import contextlib
import importlib.util
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator

import msgspec

from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.daemon.grammar.worker import WAITED_FOR, CheckTask

# -P: never import from the folder the process happens to stand in.
_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.grammar.worker")
_LONGEST_S = 60.0  # for one piece of text, the start included
_TURN_S = 0.004

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[GrammarFinding])


def installed() -> bool:
    """Whether harper-py is there."""
    return importlib.util.find_spec("harper") is not None


class HarperProcess:
    """Harper for the time of one request; use it as a context. `dialect` as in the settings."""

    def __init__(self, dialect: str, command: tuple[str, ...] = _COMMAND, longest_s: float = _LONGEST_S) -> None:
        self._command, self._longest_s = (*command, dialect, WAITED_FOR), longest_s
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def __enter__(self) -> HarperProcess:
        with contextlib.suppress(OSError):
            pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
            self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=nothing)
            threading.Thread(target=self._read, args=(self._process,), name="shadowpen-harper", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def check(self, text: str, language: str) -> Generator[None, None, list[GrammarFinding]]:
        """What is wrong in `text`, English read as "markdown", "plaintext" or "typst"; nothing if Harper cannot say."""
        if self._process is None or self._process.stdin is None:
            return []
        until_s = time.monotonic() + self._longest_s
        try:
            self._process.stdin.write(_encoder.encode(CheckTask(text, language, is_english=True)) + b"\n")
            self._process.stdin.flush()
            while time.monotonic() < until_s:
                try:
                    return _decoder.decode(self._lines.get(timeout=_TURN_S))
                except queue.Empty:
                    yield
        except (OSError, ValueError, msgspec.MsgspecError):
            pass
        self._end()
        return []

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(b"")  # its end: no JSON

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
