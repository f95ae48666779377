"""Files and folders of mail: a single mail (eml), a file of many (mbox), a folder of files (Maildir).

Only what the user sent is read. What is left out is told by reason and number, not mail by mail.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import letters

_MOST_BYTES = 30_000_000  # of one mail, with what is attached
_MOST_MAILS = 500_000
_HEADER_BYTES = 200_000
_SHOWN = 3  # of each reason for leaving out


def eml(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    """One mail in a file of its own, a text without a name below it."""
    for found in _own([path.read_bytes()], terms, letters.is_sent(path.parent.name)):
        yield LeftOut(found.reason) if isinstance(found, LeftOut) else Piece(found.text, "", ".txt", found.date)


def mbox(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    """A file of many mails, or Apple Mail's folder around one."""
    file = path / "mbox" if path.is_dir() else path
    if not file.is_file():
        raise Unreadable("not a mailbox")
    yield from _own(_mails(file), terms, letters.is_sent(path.stem))


def maildir(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    """A folder of mail and the folders below it, which it hides by a dot."""
    boxes = [path, *sorted(entry for entry in path.glob(".*") if (entry / "cur").is_dir())]
    for box in boxes:
        name = box.name if box != path else ""
        for found in _own(_files(box), terms, letters.is_sent(box.name)):
            place = f"{name}/{found.name}".strip("/")
            yield LeftOut(found.reason, place) if isinstance(found, LeftOut) else _renamed(found, place)


def _renamed(found: Piece, name: str) -> Piece:
    return Piece(found.text, name, found.suffix, found.date)


def _own(contents: Iterable[bytes], terms: Terms, folder_is_sent: bool) -> Iterator[Piece | LeftOut]:
    """Every own mail, the first of each other kind as left out."""
    left_out: Counter[str] = Counter()
    for count, content in enumerate(contents):
        if count >= _MOST_MAILS:
            yield LeftOut(f"more than {_MOST_MAILS:,} mails in one file")
            return
        try:
            found = _one(content, terms, folder_is_sent)
        except (MemoryError, Unreadable):
            raise
        except Exception:  # what the parser of mail makes of what is none
            found = LeftOut("damaged mail")
        if isinstance(found, Piece):
            yield found
        else:
            left_out[found.reason] += 1
            if left_out[found.reason] <= _SHOWN:
                yield found
    for reason, number in left_out.items():
        if number > _SHOWN:
            yield LeftOut(reason, f"and {number - _SHOWN:,} more")


def _one(content: bytes, terms: Terms, folder_is_sent: bool) -> Piece | LeftOut:
    name = hashlib.sha256(content).hexdigest()[:12]
    if len(content) >= _MOST_BYTES:
        return LeftOut("mail that is too large", name)
    head = letters.parsed(content[:_HEADER_BYTES].partition(b"\n\n")[0].partition(b"\r\n\r\n")[0] + b"\n\n")
    reason = letters.why_not_own(head, terms.own_addresses, folder_is_sent)
    if reason:
        return LeftOut(reason, name)
    mail = letters.parsed(content)
    text = letters.own_text(mail)
    date = letters.date_of(mail)
    if not text:
        return LeftOut("mail without text of your own", name)
    return Piece(text, f"{date[:10]} {name}".strip(), ".txt", date)


def _mails(file: Path) -> Iterator[bytes]:
    """The mails of an mbox file; of one that is too large only the beginning."""
    with file.open("rb") as lines:
        if not lines.read(5).startswith(b"From "):
            raise Unreadable("not a mailbox")
        lines.readline(_HEADER_BYTES)
        parts: list[bytes] = []
        size, blank = 0, False
        while line := lines.readline(_MOST_BYTES):
            if blank and line.startswith(b"From "):
                yield b"".join(parts)
                parts, size = [], 0
            elif size < _MOST_BYTES:
                parts.append(line[1:] if line.startswith(b">From ") else line)
                size += len(line)
            blank = not line.strip()
        yield b"".join(parts)


def _files(box: Path) -> Iterator[bytes]:
    """The mails of one folder of a Maildir; links are not followed."""
    for folder in ("cur", "new"):
        if not (box / folder).is_dir():
            continue
        with os.scandir(box / folder) as listing:
            entries = sorted((entry.name, entry.path) for entry in listing if entry.is_file(follow_symlinks=False))
        for _, place in entries:
            with open(place, "rb") as file:  # noqa: PTH123 (a name need not be text)
                yield file.read(_MOST_BYTES)
