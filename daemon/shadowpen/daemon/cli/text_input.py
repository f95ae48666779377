"""Read the text of a command from a file or standard input, as UTF-8 unless its byte order mark says otherwise.

Knows no command; imports click and no more, since what a quick command imports counts.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import IO

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ShadowpenError, StateUnusable

_BAD_TEXT_STATUS = 2
_MOST_MEGABYTES = 20  # three million words; what never ends, such as a device, is more
_LONGEST_LINE = 10_000
# The longer ones first: one begins with another.
_MARKED = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class TextUnusable(ShadowpenError):
    """The input is not text, or too large."""

    code = "text_unusable"
    exit_status = _BAD_TEXT_STATUS


def read(path: Path | None, invitation: str) -> str:
    """The text of `path`, or of standard input after an `invitation` to whoever types; TextUnusable when it is none."""
    try:
        raw = _file(path) if path else _standard_input(invitation)
    except OSError as error:
        raise StateUnusable(
            f"{path or 'Standard input'} cannot be read: {error.strerror}.", "Check the name and the permissions."
        ) from error
    encoding = next((name for mark, name in _MARKED.items() if raw.startswith(mark)), "UTF-8")
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        sentence = f"The text is not {encoding}: byte {error.start + 1:,} does not fit."
        raise TextUnusable(sentence, "Convert it first, for example: iconv -f latin1 -t utf-8.") from error


def _standard_input(invitation: str) -> bytes:
    if sys.stdin.isatty():
        terminal.say(invitation, err=True)
    return _bounded(sys.stdin.buffer)


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(file)


def _bounded(file: IO[bytes]) -> bytes:
    content = file.read(_MOST_MEGABYTES * 1_000_000 + 1)
    if len(content) > _MOST_MEGABYTES * 1_000_000:
        raise TextUnusable(f"The text is larger than {_MOST_MEGABYTES} MB.", "Give a part of it.")
    return content


def first_line() -> str:
    """What is piped in up to the end of its line: a password, a key. TextUnusable if it is too long, or no text."""
    try:
        line = sys.stdin.readline(_LONGEST_LINE)
        line.encode()
    except UnicodeError as error:
        raise TextUnusable("The first line is not UTF-8.", "Pipe one that is.") from error
    if len(line) == _LONGEST_LINE:
        raise TextUnusable(f"The first line is longer than {_LONGEST_LINE:,} characters.", "Pipe a shorter line.")
    return line.rstrip("\r\n")
