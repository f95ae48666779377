"""Ask the reading process for the texts of files, with time limits; a process that fails is replaced.

Starts nothing before the first file that needs it. This file knows neither folders nor what is learned.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import msgspec

from shadowpen.daemon.formats.frames import Answer, EndOfFile, ReadRequest, receive, send
from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms
from shadowpen.daemon.formats.table import Format

ALL_FILES_S = 1_800.0  # of one run: the processor has other things to do
_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.formats")
_MOST_CHARACTERS = 64_000_000  # of all texts in one file
_FAILED = "its reader failed"
_ANSWERS = msgspec.msgpack.Decoder(Answer)


class FileReader:
    """Reads one file after another in a process of its own. A context: its end ends the process.

    `all_files_s` limits the time for all of them, in seconds; each format has a limit for one.
    """

    def __init__(self, terms: Terms, all_files_s: float = ALL_FILES_S) -> None:
        self._terms, self._left_s = terms, all_files_s
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> FileReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()

    def read(self, path: Path, form: Format) -> list[Piece | LeftOut]:
        """The texts of a file, and what of it is left out; what came before a limit was met counts."""
        if self._left_s <= 0:
            return [LeftOut("the time for files of this kind was used up")]
        started = time.monotonic()
        answers = self._answers(str(path), form, min(form.limit_s, self._left_s))
        self._left_s -= time.monotonic() - started
        return answers

    def _answers(self, path: str, form: Format, limit_s: float) -> list[Piece | LeftOut]:
        process = self._running()
        ask = ReadRequest(path, form.target, self._terms, limit_s)
        too_late = threading.Event()

        def end() -> None:
            too_late.set()
            process.kill()

        timer = threading.Timer(limit_s, end)
        timer.daemon = True
        timer.start()
        answers: list[Piece | LeftOut] = []
        try:
            reason = self._gather(process, ask, answers)
        except (OSError, msgspec.DecodeError):
            reason = _FAILED
        finally:
            timer.cancel()
        if reason:
            self.close()
            answers.append(LeftOut(f"took longer than {limit_s:.0f} seconds" if too_late.is_set() else reason))
        return answers

    def _gather(self, process: subprocess.Popen[bytes], ask: ReadRequest, answers: list[Piece | LeftOut]) -> str:
        """Put into `answers` what comes; why it did not come to its end, "" if it did."""
        assert process.stdin is not None and process.stdout is not None
        send(process.stdin, ask)
        characters = 0
        while (body := receive(process.stdout)) is not None:
            answer = _ANSWERS.decode(body)
            if isinstance(answer, EndOfFile):
                return ""
            characters += len(answer.text) if isinstance(answer, Piece) else 0
            if characters > _MOST_CHARACTERS:
                return f"more than {_MOST_CHARACTERS:,} characters in one file"
            answers.append(answer)
        return _FAILED

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        return self._process
