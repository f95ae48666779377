"""Walk the user's folders, read prose files, and report why other files were skipped.

Links are never followed, so no loop can catch it; binaries, huge, secret, excluded and private files are not opened.
This file does not look at what the text says.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shadowpen.daemon.markup import dates
from shadowpen.daemon.privacy.forgotten import Forgotten
from shadowpen.daemon.privacy.paths import PROSE_SUFFIXES, Settings, path_verdict
from shadowpen.daemon.text.encodings import decode

MAX_FILE_BYTES = 2_000_000  # a long novel; more is a log or a dump
MAX_FILES = 20_000
_EXAMPLES = 5
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "build", "dist", "target", "vendor", "venv"})


@dataclass(frozen=True)
class FoundText:
    """A file as it was when read; `time` in seconds since 1970 by a date in its name, else when it last changed."""

    path: Path
    text: str
    time: float


@dataclass
class Report:
    """What was passed over: reason → number of files and of folders, and some by name; `dropped`, reason → characters.

    `kinds`: reason → how many files of which suffix. `left_undone` says in a sentence each which steps were not taken,
    for want of a library. `encodings` counts the files that were read and are not plain UTF-8.
    """

    files: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    left_undone: set[str] = field(default_factory=set)
    encodings: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)

    def skip(self, reason: str, path: str | Path) -> None:
        self.files[reason] += 1
        self.kinds.setdefault(reason, Counter())[os.path.splitext(path)[1].lower()] += 1  # noqa: PTH122 (need be no path)
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(os.fsencode(path).decode("utf-8", "replace"))  # not every name is text

    def pass_over(self, reason: str, folder: str) -> None:
        """A folder that is not looked into."""
        self.folders[reason] += 1
        examples = self.examples.setdefault(f"folder: {reason}", [])
        if len(examples) < _EXAMPLES:
            examples.append(os.fsencode(folder).decode("utf-8", "replace"))

    def document(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "files": dict(self.files.most_common()),
            "folders": dict(self.folders.most_common()),
            "examples": self.examples,
            "characters": dict(self.dropped.most_common()),
            "left_undone": sorted(self.left_undone),
            "encodings": dict(self.encodings.most_common()),
        }


def read_folders(
    folders: Iterable[str], settings: Settings, report: Report, forgotten: Forgotten | None = None
) -> Iterator[FoundText]:
    """Every text below `folders`, each file once, in the order of their names; `forgotten` files are not opened."""
    reader = _Reader(settings, report, forgotten or Forgotten())
    for folder in folders:
        root = Path(folder).expanduser()
        if not root.is_dir():
            report.skip("no such folder", root)
            continue
        for entry in _files(root, report):
            found = reader.read(Path(entry.path))
            if found is not None:
                yield found
                if reader.is_full:
                    report.skip(f"more than {MAX_FILES:,} files", root)
                    return


def read_file(path: Path, settings: Settings, report: Report) -> FoundText | None:
    """One text, as if it lay in a folder to learn from; None, with the reason in the report, if it is none."""
    if not path.is_file() or path.is_symlink():
        report.skip("not a regular file", path)
        return None
    return _Reader(settings, report, Forgotten()).read(path)


def _files(root: Path, report: Report) -> Iterator[os.DirEntry[str]]:
    """Regular files below `root`, depth first; hidden and generated folders are passed over."""
    pending = [str(root)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            report.skip("unreadable", folder)
            continue
        for entry in entries:
            if entry.is_symlink():
                report.skip("link", entry.path)
            elif entry.is_dir(follow_symlinks=False):
                reason = _passed_over(entry.name)
                if reason:
                    report.pass_over(reason, entry.path)
                else:
                    pending.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry
            else:
                report.skip("not a regular file", entry.path)


def _passed_over(folder: str) -> str:
    """Why a folder of that name is not looked into."""
    if folder.startswith("."):
        return "hidden"
    return "made by programs" if folder in _SKIPPED_FOLDERS else ""


class _Reader:
    """Reads files, none twice, and says of each that it does not read why."""

    def __init__(self, settings: Settings, report: Report, forgotten: Forgotten) -> None:
        self._settings, self._report, self._forgotten = settings, report, forgotten
        self._seen: set[tuple[int, int]] = set()

    @property
    def is_full(self) -> bool:
        return len(self._seen) >= MAX_FILES

    def read(self, path: Path) -> FoundText | None:
        reason = self._refused(path)
        found = None
        if not reason:
            try:
                reason, found = self._opened(path)
            except OSError:
                reason = "unreadable"
        if reason:
            self._report.skip(reason, path)
        return found

    def _refused(self, path: Path) -> str:
        """Why the file is not opened, by its name."""
        if path.suffix.lower() not in PROSE_SUFFIXES:
            return "not a prose file by its name"
        try:
            str(path).encode()
        except UnicodeEncodeError:
            return "its name is not valid text"  # and could be written down nowhere
        verdict = path_verdict(str(path), self._settings)
        if not verdict.keep:
            return "private" if verdict.allowed else "secret or excluded"
        return "forgotten" if self._forgotten and self._forgotten.knows_file(os.path.realpath(path)) else ""

    def _opened(self, path: Path) -> tuple[str, FoundText | None]:
        status, content = _content(path)
        if (status.st_dev, status.st_ino) in self._seen:
            return "duplicate of another file", None
        self._seen.add((status.st_dev, status.st_ino))
        if content is None:
            return "too large", None
        decoded = decode(content)
        if decoded is None or not decoded.text.strip():
            return "binary" if decoded is None else "empty", None
        if decoded.encoding != "utf-8":
            self._report.encodings[decoded.encoding] += 1
        return "", FoundText(path, decoded.text, _named_date(path) or status.st_mtime)


def _content(path: Path) -> tuple[os.stat_result, bytes | None]:
    """The file's content as one read gives it, however it grows meanwhile; None if it is too large."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("not a regular file")
        content = file.read(MAX_FILE_BYTES + 1)
    return status, content if len(content) <= MAX_FILE_BYTES else None


def _named_date(path: Path) -> float:
    """Midnight of the day in a file's name, as blogs and diaries have it; 0 if there is none."""
    day = dates.in_name(str(path))
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() if day else 0.0
