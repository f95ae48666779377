"""The daemon's log: rotating, private, and free of the user's text.

Ids, kinds, lengths and durations only. An exception is logged by its type and place, never by its message,
which may quote text; the interpreter's own reports of uncaught exceptions are replaced for the same reason.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import threading
import traceback
from io import TextIOWrapper
from pathlib import Path

from shadowpen.daemon.base import store

LOGGER = logging.getLogger("shadowpen")
LOGGER.addHandler(logging.NullHandler())  # unconfigured it says nothing, rather than everything on stderr

_LOG_BYTES = 1_000_000
_KEPT_FILES = 3
_DEEPEST_FRAMES = 4


class _PrivateFileHandler(logging.handlers.RotatingFileHandler):
    """Creates its files 0600; a full disk, or what lies in the file's place, costs log lines only."""

    def _open(self) -> TextIOWrapper:
        return os.fdopen(store.open_for_appending(Path(self.baseFilename)), "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:
        return


def configure(layout: store.Layout, level: str) -> logging.Handler:
    """Send the daemon's log to the log folder from now on; `level` as in daemon.log_level."""
    store.private_directory(layout.logs)
    handler = _PrivateFileHandler(layout.log_file, maxBytes=_LOG_BYTES, backupCount=_KEPT_FILES, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOGGER.addHandler(handler)
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False
    return handler


def guard_reports() -> None:
    """Log uncaught exceptions by type and place, without their messages."""
    sys.excepthook = lambda kind, error, trace: _uncaught("main", error)
    sys.unraisablehook = lambda unraisable: _uncaught("finalizer", unraisable.exc_value)
    threading.excepthook = lambda raised: _uncaught(raised.thread.name if raised.thread else "?", raised.exc_value)


def describe(error: BaseException) -> str:
    """Type and place of `error`, innermost call first; nothing of its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST_FRAMES:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places or 'an unknown place'}"


class Retried:
    """`with` it around work that is tried again later: a failure ends nothing, and is logged once until another comes.

    An OSError is not logged: what vanished between two tries is no fault.
    """

    def __init__(self, work: str) -> None:
        self._work, self._logged = work, ""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, fault: BaseException | None, where: object) -> bool:
        if isinstance(fault, Exception) and not isinstance(fault, OSError):
            if (told := describe(fault)) != self._logged:
                LOGGER.error("%s failed: %s", self._work, told)
            self._logged = told
        return fault is None or isinstance(fault, Exception)


def printable(identifier: str) -> str:
    """An id chosen by a client: its digits, or its length where it is anything but digits."""
    plain = identifier.isascii() and identifier.isdigit() and len(identifier) <= 12
    return identifier if plain else f"<{len(identifier)} characters>"


def _uncaught(where: str, error: BaseException | None) -> None:
    if error is not None and not isinstance(error, (SystemExit, KeyboardInterrupt)):
        LOGGER.error("uncaught in %s: %s", where, describe(error))
