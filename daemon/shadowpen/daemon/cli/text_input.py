"""Read the text of a command from a file or standard input, as UTF-8.

Knows no command; imports click and no more, since what a quick command imports counts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ShadowpenError, StateUnusable

_BAD_TEXT_STATUS = 2


class TextUnusable(ShadowpenError):
    """The input is not text, or too large."""

    code = "text_unusable"
    exit_status = _BAD_TEXT_STATUS


def read(path: Path | None, invitation: str) -> str:
    """The text of `path`, or of standard input after an `invitation` to whoever types; TextUnusable when it is none."""
    try:
        raw = path.read_bytes() if path else _standard_input(invitation)
    except OSError as error:
        raise StateUnusable(
            f"{path} cannot be read: {error.strerror}.", "Check the name and the permissions."
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = f"The text is not UTF-8: byte {error.start + 1:,} does not fit."
        raise TextUnusable(sentence, "Convert it first, for example: iconv -f latin1 -t utf-8.") from error


def _standard_input(invitation: str) -> bytes:
    if sys.stdin.isatty():
        terminal.say(invitation, err=True)
    return sys.stdin.buffer.read()
