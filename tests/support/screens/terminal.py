"""What a program draws in a terminal: its pseudo-terminal, read by an emulator that keeps every screen.

A thread reads what the program writes. After each piece of it the screen becomes a `Drawing`; all of them are kept, so
that a test can say what was never on the screen, and when something came there. Knows no editor.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyte

from .happenings import WAIT_S, Happenings

# Questions and settings of newer terminals, which the emulator would take for something else.
_UNKNOWN = re.compile(
    rb"\x1b\[[>=][\d;]*[A-Za-z]|\x1b\[\?[\d;$]*[A-Zac-gi-km-z]|\x1b\[\d* q"
    rb"|\x1bP.*?\x1b\\|\x1b\].*?(?:\x07|\x1b\\)",
    re.DOTALL,
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[\d;?>=$]*)?\Z")


@dataclass(frozen=True)
class Drawing:
    """One state of the screen, drawn at `drawn_s` (time.perf_counter)."""

    lines: tuple[str, ...]
    cursor: tuple[int, int]  # row and column, from 0
    drawn_s: float

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Terminal:
    """`command` in a terminal of `width` by `height` cells."""

    def __init__(self, command: Sequence[str], happenings: Happenings, width: int = 80, height: int = 20) -> None:
        self.happenings = happenings
        self.drawings: list[Drawing] = []
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self._master, program = pty.openpty()
        fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._process = subprocess.Popen(["setsid", "--ctty", *command], stdin=program, stdout=program, stderr=program)
        os.close(program)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the program has ended
            rest = b""
            while piece := os.read(self._master, 1 << 16):
                piece, rest = rest + piece, b""
                if unfinished := _UNFINISHED.search(piece):
                    piece, rest = piece[: unfinished.start()], piece[unfinished.start() :]
                self._stream.feed(_UNKNOWN.sub(b"", piece))
                cursor = self._screen.cursor
                lines = tuple(line.rstrip() for line in self._screen.display)
                drawing = Drawing(lines, (cursor.y, cursor.x), time.perf_counter())
                with self.happenings.changed:
                    self.drawings.append(drawing)
                    self.happenings.changed.notify_all()

    # --- for the test --------------------------------------------------------------------------------

    def type(self, text: str) -> None:
        """Type `text`, all in one burst."""
        os.write(self._master, text.encode())

    @property
    def text(self) -> str:
        return self.drawings[-1].text if self.drawings else ""

    @property
    def lines(self) -> tuple[str, ...]:
        return self.drawings[-1].lines if self.drawings else ()

    @property
    def cursor(self) -> tuple[int, int]:
        return self.drawings[-1].cursor

    def styles(self, text: str) -> set[tuple[str, bool]]:
        """The colours and slants of the cells that show `text`."""
        for row, line in enumerate(self._screen.display):
            if (column := line.find(text)) >= 0:
                cells = [self._screen.buffer[row][column + place] for place in range(len(text))]
                return {(cell.fg, cell.italics) for cell in cells}
        raise AssertionError(f"{text!r} is not on the screen\n{self.text}")

    def wait_for(self, text: str) -> None:
        self.happenings.wait(lambda: text in self.text, f"{text!r} on the screen", lambda: self.text)

    def wait_cursor(self, row: int, column: int) -> None:
        """Wait until the cursor stands there: an editor may draw first and move it afterwards."""
        place = (row, column)
        self.happenings.wait(lambda: self.cursor == place, f"the cursor at {place}", lambda: f"{self.cursor}")

    def wait_gone(self, text: str) -> None:
        self.happenings.wait(lambda: text not in self.text, f"no {text!r} on the screen", lambda: self.text)

    def close(self) -> None:
        """End the program; it is given no time to ask."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        os.close(self._master)
