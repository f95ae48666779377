"""Walk the user's folders, read prose files, and report why other files were skipped.

Links are never followed, so no loop can catch it; binaries, huge, secret, excluded and private files are not opened.
Documents, books, mail and archives are read by `formats`, in a process of their own. This file does not look at what
the text says.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from shadowpen.daemon.base import store
from shadowpen.daemon.base.extras import install_command
from shadowpen.daemon.base.translation.language import words
from shadowpen.daemon.corpus.extracted import ExtractedTexts
from shadowpen.daemon.formats import table, vaults
from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms
from shadowpen.daemon.formats.reading import FileReader
from shadowpen.daemon.formats.table import Format
from shadowpen.daemon.markup import dates
from shadowpen.daemon.privacy.forgotten import ForgottenTexts
from shadowpen.daemon.privacy.paths import PROSE_SUFFIXES, Settings, is_secret, path_verdict
from shadowpen.daemon.text.encodings import decode

MAX_FILE_BYTES = 2_000_000  # a long novel; more is a log or a dump
MAX_FILES = 20_000
_EXAMPLES = 5
_UNREADABLE, _HIDDEN, _FORGOTTEN = words("unreadable", "hidden", "forgotten")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "build", "dist", "target", "vendor", "venv"})


class FolderSettings(Settings, Protocol):
    """What of the settings counts in folders."""

    @property
    def own_addresses(self) -> list[str]: ...


@dataclass(frozen=True)
class FoundText:
    """A text as it was when read; `time` in seconds since 1970 by a date in its name or its file, else the last change.

    `suffix` says how it is marked up. A text within a file has its place there at the end of its `path`.
    """

    path: Path
    text: str
    time: float
    suffix: str


@dataclass
class Report:
    """What was passed over: reason → number of files and of folders, and some by name; `dropped`, reason → characters.

    `kinds`: reason → how many files of which suffix. `needs`: kind of file that was left out → packages that would read
    it and are not installed. `left_undone` says in a sentence each which steps that make texts better were not taken.
    `encodings` counts the files that were read and are not plain UTF-8.
    """

    files: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    needs: dict[str, list[str]] = field(default_factory=dict)
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

    def lacks(self, plural: str, packages: list[str], path: str | Path) -> None:
        """A file of a kind that these packages would read, which are not installed."""
        self.skip("needs a package that is not installed", path)
        self.needs[plural] = packages

    def needed(self) -> str:
        """The sentence on what was left out for want of packages, and the line that installs them; "" for nothing."""
        packages = sorted({name for names in self.needs.values() for name in names})
        kinds = ", ".join(sorted(self.needs))
        if not kinds:
            return ""
        return f"Left out because packages are missing: {kinds}. To include them: {install_command(*packages)}"

    def document(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "files": dict(self.files.most_common()),
            "folders": dict(self.folders.most_common()),
            "examples": self.examples,
            "characters": dict(self.dropped.most_common()),
            "needs": self.needed(),
            "left_undone": sorted(self.left_undone),
            "encodings": dict(self.encodings.most_common()),
        }


def read_folders(
    folders: Iterable[str],
    settings: FolderSettings,
    report: Report,
    forgotten: ForgottenTexts | None = None,
    extracted: ExtractedTexts | None = None,
) -> Iterator[FoundText]:
    """Every text below `folders`, each file once, in the order of their names; `forgotten` files are not opened.

    What was `extracted` from a document before is not extracted again.
    """
    with _FileReader(settings, report, forgotten or ForgottenTexts(), extracted) as reader:
        for folder in folders:
            root = store.expanded(folder)
            if not store.is_folder(root):
                report.pass_over("not there", str(root))
                continue
            for path in _files(root, report):
                yield from reader.read(path)
                if reader.is_full:
                    report.skip(f"more than {MAX_FILES:,} files", root)
                    return


def read_file(path: Path, settings: FolderSettings, report: Report) -> list[FoundText]:
    """The texts of one file, as if it lay in a folder to learn from; why there is none is in the report."""
    if not path.is_file() or path.is_symlink():
        report.skip("not a regular file", path)
        return []
    with _FileReader(settings, report, ForgottenTexts()) as reader:
        return reader.read(path)


def _files(root: Path, report: Report) -> Iterator[Path]:
    """Regular files below `root`, and folders that are one thing to their program, depth first.

    Hidden and generated folders are passed over.
    """
    pending = [str(root)]
    passed_over: dict[str, str] = {}
    while pending:
        folder = pending.pop()
        if table.find(Path(folder)) is not None:
            yield Path(folder)
            continue
        try:
            passed_over |= vaults.left_out(Path(folder))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            report.skip(_UNREADABLE, folder)
            continue
        for entry in entries:
            if entry.is_symlink():
                report.skip("a link, which is not followed", entry.path)
            elif entry.path in passed_over:
                report.skip(passed_over[entry.path], entry.path)
            elif entry.is_dir(follow_symlinks=False):
                reason = _passed_over(entry.name)
                if reason:
                    report.pass_over(reason, entry.path)
                else:
                    pending.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            else:
                report.skip("not a regular file", entry.path)


def _passed_over(folder: str) -> str:
    """Why a folder of that name is not looked into."""
    if folder.startswith("."):
        return _HIDDEN
    return "made by programs" if folder in _SKIPPED_FOLDERS else ""


class _FileReader:
    """Reads files, none twice, and says of each that it does not read why. A context: its end ends what it started."""

    def __init__(
        self,
        settings: FolderSettings,
        report: Report,
        forgotten: ForgottenTexts,
        extracted: ExtractedTexts | None = None,
    ) -> None:
        self._settings, self._report, self._forgotten = settings, report, forgotten
        self._extracted = extracted
        self._seen: set[tuple[int, int]] = set()
        self._texts = 0
        self._terms = Terms(own_addresses=tuple(settings.own_addresses))
        self._formats = FileReader(self._terms)

    def __enter__(self) -> _FileReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._formats.close()

    @property
    def is_full(self) -> bool:
        return self._texts >= MAX_FILES

    def read(self, path: Path) -> list[FoundText]:
        form = table.find(path)
        reason = self._refused(path, form)
        found: list[FoundText] = []
        if not reason:
            try:
                reason, found = self._opened(path) if form is None else self._within(path, form)
            except OSError:
                reason = _UNREADABLE
        if reason:
            self._report.skip(reason, path)
        self._texts += len(found)
        return found

    def _refused(self, path: Path, form: Format | None) -> str:
        """Why the file is not opened, by its name."""
        if form is None and path.suffix.lower() not in PROSE_SUFFIXES:
            return "not a kind of text that is read"
        if path.name.endswith(vaults.DRAWINGS):
            return "a drawing"
        try:
            str(path).encode()
        except UnicodeEncodeError:
            return "its name is not valid text"  # and could be written down nowhere
        return self._why_kept_out(path)

    def _why_kept_out(self, path: Path) -> str:
        """Why a place must not be learned from: the user's settings, secrets, what was forgotten."""
        verdict = path_verdict(str(path), self._settings)
        if not verdict.allowed:
            by_name = any(map(is_secret, (str(path), os.path.realpath(path))))
            return "its name says that it may hold secrets" if by_name else "excluded by your settings"
        if not verdict.keep:
            return "in a private folder"
        return _FORGOTTEN if self._forgotten and self._forgotten.knows_file(os.path.realpath(path)) else ""

    def _is_new(self, status: os.stat_result) -> bool:
        """Whether it is seen for the first time, under whatever name."""
        known = (status.st_dev, status.st_ino) in self._seen
        self._seen.add((status.st_dev, status.st_ino))
        return not known

    def _opened(self, path: Path) -> tuple[str, list[FoundText]]:
        status, content = _content(path)
        if not self._is_new(status):
            return "the same file under another name", []
        if content is None:
            return "too large", []
        decoded = decode(content)
        if decoded is None or not decoded.text.strip():
            return "its content is not text" if decoded is None else "empty", []
        if decoded.encoding != "utf-8":
            self._report.encodings[decoded.encoding] += 1
        return "", [FoundText(path, decoded.text, _named_date(path) or status.st_mtime, path.suffix)]

    def _within(self, path: Path, form: Format) -> tuple[str, list[FoundText]]:
        """The texts of a document, a mailbox, an archive; what of it is left out goes into the report by itself."""
        status = path.lstat()
        if not self._is_new(status):
            return "the same file under another name", []
        if stat.S_ISREG(status.st_mode) and not 0 < status.st_size <= form.most_bytes:
            return "too large" if status.st_size else "empty", []
        if missing := form.missing():
            self._report.lacks(form.plural, missing, path)
            return "", []
        answers = self._answers(path, form, status)
        found = [text for answer in answers if (text := self._found(path, answer, status)) is not None]
        return "" if answers else "empty", found

    def _answers(self, path: Path, form: Format, status: os.stat_result) -> list[Piece | LeftOut]:
        """What a document holds, from its reader or as it was kept; a folder's status does not tell what is in it."""

        def extract() -> list[Piece | LeftOut]:
            return [self._admitted(path, answer) for answer in self._formats.read(path, form)]

        if self._extracted is None or not stat.S_ISREG(status.st_mode):
            return extract()
        return self._extracted.of(path, status, form, self._terms, extract)

    def _admitted(self, path: Path, answer: Piece | LeftOut) -> Piece | LeftOut:
        """The same, unless its place within the document is kept out."""
        if isinstance(answer, LeftOut) or not answer.name:
            return answer
        reason = self._why_kept_out(_within_file(path, answer.name))
        return LeftOut(reason, answer.name) if reason else answer

    def _found(self, path: Path, answer: Piece | LeftOut, status: os.stat_result) -> FoundText | None:
        place = _within_file(path, answer.name)
        reason = answer.reason if isinstance(answer, LeftOut) else "" if answer.text.strip() else "empty"
        if reason or isinstance(answer, LeftOut):
            self._report.skip(reason, place)
            return None
        time = _named_date(place) or _seconds(answer.date) or status.st_mtime
        return FoundText(place, answer.text, time, answer.suffix)


def _within_file(path: Path, name: str) -> Path:
    """The place of a text in a file, by a name that stands in that file: it leads nowhere else."""
    return path.joinpath(*(part for part in name.split("/") if part not in ("", ".", "..")))


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


def _seconds(date: str) -> float:
    """A date as a reader tells it; one without a zone is taken for UTC, one that is none for 0."""
    try:
        told = datetime.fromisoformat(date) if date else None
        return (told if told is None or told.tzinfo else told.replace(tzinfo=UTC)).timestamp() if told else 0.0
    except (ValueError, OverflowError):
        return 0.0
