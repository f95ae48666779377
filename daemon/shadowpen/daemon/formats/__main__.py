"""The reading process: `python -m shadowpen.daemon.formats`. Paths on standard input, texts on standard output.

It reads what strangers may have made, with libraries of others. It has a limit of memory. Whoever asks ends it when a
file takes too long; where nobody does any more, an alarm ends it. What libraries print goes nowhere: it may quote the
text.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from shadowpen.daemon.base.limits import no_core_dumps
from shadowpen.daemon.formats.frames import Answer, EndOfFile, ReadRequest, receive, send
from shadowpen.daemon.formats.pieces import LeftOut, Piece, Unreadable

_MOST_MEMORY_BYTES = 1_500_000_000
_ALARM_AFTER_S = 5.0  # after whoever asked should have ended it
_DAMAGED = "damaged, or not what its name says"


def main() -> None:
    """Answer until standard input ends."""
    asked, answers = _streams()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    _limit_memory()
    while (body := receive(asked)) is not None:
        ask = msgspec.msgpack.decode(body, type=ReadRequest)
        _set_alarm(ask.limit_s + _ALARM_AFTER_S)
        for answer in served(ask):
            send(answers, answer)
        _set_alarm(0)


def served(ask: ReadRequest) -> Iterator[Answer]:
    """What there is in one file, and an End."""
    try:
        yield from _read(ask)
    except Unreadable as error:
        yield LeftOut(str(error))
    except MemoryError:
        yield LeftOut("needs too much memory")
    except Exception:
        yield LeftOut(_DAMAGED)
    yield EndOfFile()


def _read(ask: ReadRequest) -> Iterator[Answer]:
    module, _, function = ask.target.partition(":")
    try:
        read = getattr(importlib.import_module(module), function)
    except Exception as error:  # a plug-in may raise anything
        raise Unreadable(f"its reader cannot be loaded ({type(error).__name__})") from error
    if not callable(read):
        raise Unreadable("its reader is not a function")
    for count, found in enumerate(read(Path(ask.path), ask.terms)):
        if count >= ask.terms.texts:
            yield LeftOut(f"more than {ask.terms.texts:,} texts in one file")
            return
        yield _bounded(found, ask.terms.characters)


def _bounded(found: Piece | LeftOut, most_characters: int) -> Answer:
    """What can be sent: no half characters, and no more than is read."""
    if isinstance(found, LeftOut):
        return LeftOut(_whole(found.reason[:200]), _whole(found.name[:500]))
    if len(found.text) > most_characters:
        return LeftOut("too large", _whole(found.name[:500]))
    return Piece(_whole(found.text), _whole(found.name[:500]), found.suffix, found.date)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output, out of the reach of libraries."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return asked, answers


def _set_alarm(seconds: float) -> None:
    """Have the system end this process in so many seconds, 0 for not at all; does nothing on Windows."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory() -> None:
    """Let an allocation fail instead of the machine; does nothing where there is no such limit (Windows)."""
    no_core_dumps()
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))


if __name__ == "__main__":
    main()
