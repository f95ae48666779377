"""The server's log on stderr, which editors keep: what went wrong and where, never what was written.

Records are written without their arguments, since pygls puts whole messages there, and exceptions
without their text. This file knows no feature.
"""

from __future__ import annotations

import logging
import sys
import traceback

_LOUDEST_LIBRARY = logging.ERROR


class TextFreeHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes level, logger, the message's template, and of an exception its class and places."""

    def format(self, record: logging.LogRecord) -> str:
        lines = [f"{record.levelname} {record.name}: {record.msg if isinstance(record.msg, str) else '?'}"]
        exception = record.exc_info[1] if record.exc_info else None
        if exception is not None:
            frames = traceback.extract_tb(exception.__traceback__)
            lines.append(f"  {type(exception).__name__}")
            lines += [f"    {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return "\n".join(lines)


def start() -> None:
    """Send warnings of our own and errors of the libraries to stderr."""
    logging.basicConfig(level=logging.WARNING, handlers=[TextFreeHandler(sys.stderr)], force=True)
    logging.getLogger("pygls").setLevel(_LOUDEST_LIBRARY)
