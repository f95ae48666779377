"""The journal of accepted edits: one JSON line per event, in files the user can read and delete.

The events are those of `wire.journal_events`, joined by `id`. Secrets are redacted before anything is written;
`append` returns after fsync. Where the first look finds nothing left of an edit, its texts are taken out again: it
never counted as kept. The daemon writes; whoever else does (`erase`, a rating without a daemon) waits for the same
lock. Anyone may read, and may edit or delete lines and files at any time. Whether something may be kept at all is for
`privacy.consent`. This file knows neither the wire nor what is learned.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import filelock
import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import RequestInvalid, StateUnusable
from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.privacy.redaction import redact, redact_split
from shadowpen.daemon.storage.events import event_of, mapping_of
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed, Forgotten, JournalEvent, Kept, Rated

CONTEXT_CHARACTERS = 1_000
SEGMENT_BYTES = 1_000_000
MOST_BYTES = 64 << 20  # of a file that is read at all: one of ours is far smaller
WAVED_AWAY = "dismissed"
TAKEN_OUT = "⟦deleted⟧"  # in place of what was taken and did not stand until the first look
_SUFFIX = ".jsonl"
_DAMAGED = "damaged"
_OURS = re.compile(r"(\d{4}-\d\d-\d\d)-(\d{4,9})\.jsonl")  # others are read, and never written to
_LOCK_WAIT_S = 10.0
_MERGED, _MERGED_EVENTS = "0000-merged-", 1_000  # an event takes at most 50 kB
_REMEMBERED = 4_096  # suggestions whose events may still come, or come again
_BAD_RATING = 2.0  # and below
_CONTEXT_TAIL = 200  # characters of it that a half-typed secret may reach back


@dataclass
class Edit:
    """An accepted edit.

    The events of one id, joined. `kept` maps `when` to the text found then, in the order of time. `rating` is the
    last that its author gave, 1 (bad) to 5 (good), and `rated` when.
    """

    accepted: Accepted
    kept: dict[str, str] = field(default_factory=dict)
    rating: float | None = None
    rated: datetime | None = None

    @property
    def id(self) -> str:
        return self.accepted.id

    @property
    def was_taken(self) -> bool:
        """Whether anything of the suggestion was; else the author wrote something else."""
        return bool(self.accepted.taken)

    @property
    def was_bad(self) -> bool:
        """Whether its author called it so: its words are not learned."""
        return self.rating is not None and self.rating <= _BAD_RATING

    @property
    def final_text(self) -> str:
        """What stood there last; what was taken, as long as nobody looked again."""
        return next(reversed(self.kept.values())) if self.kept else self.accepted.taken


@dataclass(frozen=True)
class Contents:
    """The content of the journal.

    All edits that count and all dismissals, oldest first, and how many lines could not be read.
    """

    edits: tuple[Edit, ...]
    unreadable_lines: int
    dismissed: tuple[Dismissed, ...] = ()

    @property
    def typed_over(self) -> tuple[Edit, ...]:
        """What the author wrote instead of a suggestion, as edits of which nothing was taken."""
        return tuple(_typed_over(event) for event in self.dismissed if event.typed.strip())


class Recorded(NamedTuple):
    """What became of events that were recorded.

    How many events are new on the disk, and why others never will be, by their places in the list.
    """

    stored: int
    refused: Mapping[int, RequestInvalid] = {}


# --- writing -----------------------------------------------------------------------------------------


class Journal:
    """The journal, opened for writing.

    The one writer of `folder`. Opening repairs a tail torn by a crash. Safe to use from several threads.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder = store.private_directory(folder)
        self._clock = clock
        self._lock = threading.Lock()
        for segment in segments(folder):
            _repair(segment)
        self._seen = self._stored()

    def append(self, events: Iterable[JournalEvent]) -> int:
        """Redact and store `events`; when this returns they are on the disk. The number of new ones.

        An event seen before is not stored again, nor one without an acceptance. StateUnusable, with nothing stored, if
        the disk is full.
        """
        given = list(events)
        with self._lock:
            fresh = [redacted for event in given if self._seen.add(redacted := self._redacted(event), event)]
            try:
                if fresh:
                    self._write(b"".join(_line(event) for event in fresh))
                self._take_out({event.id for event in given if isinstance(event, Kept) and not event.text.strip()})
            except BaseException:
                self._seen = self._stored()
                raise
        return len(fresh)

    def _stored(self) -> _Seen:
        """What the newest two files hold: a client repeats itself within minutes, and `read` joins whatever comes.

        Of our files: copies that other programs leave there can be long, and the first record would wait for them.
        """
        seen = _Seen()
        for segment in [path for path in segments(self._folder) if _OURS.fullmatch(path.name)][-2:]:
            for event in _read_segment(segment):
                if event is not None:
                    seen.add(event)
        return seen

    def _redacted(self, event: JournalEvent) -> JournalEvent:
        if isinstance(event, Accepted):
            context, suggested = redact_split(event.context, event.suggested)
            _, taken = redact_split(event.context, event.taken)
            texts = {"context": _cut(context), "suggested": suggested, "taken": taken, "notes": redact(event.notes)[0]}
            return msgspec.structs.replace(event, **texts)
        if isinstance(event, Dismissed):
            context, typed = redact_split(event.context, event.typed)
            alone, suggested = redact_split(event.context, event.suggested)
            context = alone if context == redact(event.context)[0] else context  # either may end a secret begun there
            return msgspec.structs.replace(event, context=_cut(context), suggested=suggested, typed=typed)
        if isinstance(event, Kept):
            return msgspec.structs.replace(event, text=redact_split(self._seen.context_tail(event.id), event.text)[1])
        return event

    def _write(self, lines: bytes) -> None:
        with _alone(self._folder):
            path = self._segment()
            try:
                created = not path.exists()
                handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
                try:
                    _append_durably(handle, lines)
                finally:
                    os.close(handle)
                if created:
                    store.sync_directory(self._folder)
            except OSError as error:
                raise store.unusable(path, error) from error

    def _take_out(self, ids: Set[str]) -> None:
        """Leave nothing of the text of those of these edits that were gone at the first look at them."""
        if not ids:
            return
        with _alone(self._folder):
            newest = segments(self._folder)[-2:]
            events = [event for segment in newest for event in _read_segment(segment)]
            gone = ids - {event.id for event in events if isinstance(event, Kept) and event.text.strip()}
            for segment in newest if gone else ():
                _rewrite(segment, lambda event: _emptied(event) if event.id in gone else event)

    def _segment(self) -> Path:
        """The file to write to: one a day, or more when it is full."""
        store.private_directory(self._folder)
        day = self._clock().strftime("%Y-%m-%d")
        number = max((int(found[2]) for found in _named(self._folder) if found[1] == day), default=1)
        path = self._folder / f"{day}-{number:04}{_SUFFIX}"
        while os.path.lexists(path) and not _is_writable(path):
            number += 1
            path = self._folder / f"{day}-{number:04}{_SUFFIX}"
        return path


@dataclass
class _StoredEvents:
    """What is stored of one suggestion: what was `taken` of it (None: nothing), and the keys of its other events.

    `context_tail` is the end of what stood before it, where a secret may begin that ends in what was kept.
    """

    taken: str | None = None
    context_tail: str = ""
    others: set[tuple[str, str]] = field(default_factory=set)


class _Seen:
    """Which events are stored already, by the id of their suggestion: of the last `most` of them."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._stored: OrderedDict[str, _StoredEvents] = OrderedDict()

    def add(self, event: JournalEvent, given: JournalEvent | None = None) -> bool:
        """Whether the event is new, and belongs to an acceptance; it is known from now on. `given`: not redacted."""
        known = self._stored.get(event.id)
        if known is None:
            if not isinstance(event, Accepted | Dismissed):
                return False
            known = self._stored[event.id] = _StoredEvents()
            if len(self._stored) > self._most:
                self._stored.popitem(last=False)
        if isinstance(event, Accepted):
            self._stored.move_to_end(event.id)
            known.context_tail = (given if isinstance(given, Accepted) else event).context[-_CONTEXT_TAIL:]
            new = known.taken is None or not known.taken.startswith(event.taken)
            known.taken = event.taken if new else known.taken
            return new
        belongs = isinstance(event, Dismissed) or known.taken is not None
        new = belongs and self._key(event) not in known.others
        if new:
            known.others.add(self._key(event))
        return new

    def context_tail(self, id: str) -> str:
        """The end of what stood before the edit."""
        known = self._stored.get(id)
        return known.context_tail if known is not None else ""

    @staticmethod
    def _key(event: Dismissed | Kept | Rated | Forgotten) -> tuple[str, str]:
        details = {Kept: "when", Rated: "time"}.get(type(event))  # a mark may be changed, and changed back
        return type(event).__name__, str(getattr(event, details)) if details else ""


def events(folder: Path) -> Iterator[JournalEvent]:
    """Every event that can be read, of edits taken back too, as the lines have them."""
    for segment in segments(folder):
        yield from (event for event in _read_segment(segment) if event is not None)


def waved_away(folder: Path) -> list[Dismissed]:
    """What was lately dismissed by a key, oldest first: of the newest two files, so that asking costs little."""
    found = (event for segment in segments(folder)[-2:] for event in _read_segment(segment))
    return [one for one in found if isinstance(one, Dismissed) and one.how == WAVED_AWAY and one.suggested]


def erase(folder: Path, ids: Set[str]) -> int:
    """Take every line about these edits out of the journal, and with them all that cannot be read; how many lines.

    What was moved aside or left half written goes too: nobody can say what it holds. StateUnusable on failure.
    """
    if not folder.is_dir():
        return 0
    gone = 0
    with _alone(folder):
        try:
            for segment in segments(folder):
                lines = _lines(segment) or []
                kept = [line for line in lines if (event := event_of(line)) is not None and event.id not in ids]
                gone += sum(bool(line.strip()) for line in lines) - len(kept)
                if kept and len(kept) < len(lines):
                    store.write_atomic(segment, b"\n".join(kept) + b"\n")
                elif not kept:
                    segment.unlink()
            for rest in (*folder.glob(f".*{_SUFFIX}.*"), *(folder / _DAMAGED).glob("*")):
                rest.unlink()
        except OSError as error:
            raise store.unusable(folder, error) from error
    return gone


def merge(folder: Path, events: Iterable[JournalEvent]) -> int:
    """Store those `events` of another journal that this one lacks, as they are, in files of their own; how many.

    StateUnusable, with nothing stored, if the disk is full.
    """
    with _alone(folder):
        seen = _Seen(most=sys.maxsize)
        for segment in segments(folder):
            for event in _read_segment(segment):
                if event is not None:
                    seen.add(event)
        fresh = [msgspec.json.encode(event) for event in events if seen.add(event)]
        for start in range(0, len(fresh), _MERGED_EVENTS):
            content = b"\n".join(fresh[start : start + _MERGED_EVENTS]) + b"\n"
            name = f"{_MERGED}{hashlib.sha256(content).hexdigest()[:16]}{_SUFFIX}"
            store.write_atomic(folder / name, content)
    return len(fresh)


def ids_on_disk(folder: Path) -> set[str]:
    """The ids of all that was taken, taken back or not, or typed instead; OSError if not all of it can be read."""
    found: set[str] = set()
    with contextlib.suppress(FileNotFoundError):
        next(folder.iterdir(), None)  # raises where `segments` would find nothing
        for segment in segments(folder):
            with contextlib.suppress(FileNotFoundError):
                events = map(event_of, store.read_bounded(segment, MOST_BYTES).splitlines())
                found.update(event.id for event in events if isinstance(event, Accepted | Dismissed))
    return found


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the journal against other writers."""
    store.private_directory(folder)
    try:
        with filelock.FileLock(folder / ".lock", timeout=_LOCK_WAIT_S, mode=0o600):
            yield
    except filelock.Timeout as error:
        raise StateUnusable(
            f"{folder} is being written by another program.", "Try again; if that fails, run `shadowpen stop`."
        ) from error


def _line(event: JournalEvent) -> bytes:
    return msgspec.json.encode(event) + b"\n"


def _emptied(event: JournalEvent) -> JournalEvent:
    """An acceptance without its texts; any other event as it is."""
    if not isinstance(event, Accepted):
        return event
    return msgspec.structs.replace(event, context="", suggested=TAKEN_OUT, taken=TAKEN_OUT, notes="")


def _rewrite(segment: Path, change: Callable[[JournalEvent], JournalEvent]) -> None:
    """Put the changed events in the place of those that a file holds; lines that are none stay as they are."""
    lines = _lines(segment) or []
    events = [event_of(line) for line in lines]
    changed = [change(event) if event is not None else None for event in events]
    if changed == events:
        return
    rest = zip(lines, events, changed, strict=True)
    kept = [line + b"\n" if new is None or new == old else _line(new) for line, old, new in rest]
    try:
        store.write_atomic(segment, b"".join(kept))
    except OSError as error:
        raise store.unusable(segment, error) from error


def _cut(context: str) -> str:
    """The last CONTEXT_CHARACTERS, begun at a word: half a word teaches nothing."""
    if len(context) <= CONTEXT_CHARACTERS:
        return context
    cut = context[-CONTEXT_CHARACTERS:]
    begun = next((place for place, character in enumerate(cut[:100]) if character.isspace()), -1)
    return cut[begun + 1 :]


def _append_durably(handle: int, lines: bytes) -> None:
    """Write whole lines at the end, on the disk on return; on failure the file is as it was."""
    size = os.fstat(handle).st_size
    if size:
        os.lseek(handle, size - 1, os.SEEK_SET)
        if os.read(handle, 1) != b"\n":  # a person edited the file
            lines = b"\n" + lines
    rest = memoryview(lines)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, size)
        raise


def _repair(segment: Path) -> None:
    """End a torn segment after its last whole line; the fragment is moved aside, not lost.

    A file that cannot be read or mended stays as it is: it must not keep new events from being written elsewhere.
    """
    try:
        content = store.read_bounded(segment, MOST_BYTES)
        if not content or content.endswith(b"\n"):
            return
        whole = content.rfind(b"\n") + 1
        if mapping_of(content[whole:]) is not None:  # only its line end is missing
            store.write_atomic(segment, content + b"\n")
            return
        aside = store.private_directory(segment.parent / _DAMAGED) / f"{segment.name}.{whole}"
        store.write_atomic(aside, content[whole:])
        store.write_atomic(segment, content[:whole])
    except (OSError, StateUnusable):
        LOGGER.warning("a file of the journal cannot be repaired: %s", segment.name[:40])


# --- reading -----------------------------------------------------------------------------------------


def segments(folder: Path) -> list[Path]:
    """The journal's files, oldest first."""
    return sorted(path for path in folder.glob(f"[0-9]*{_SUFFIX}") if path.is_file() and not path.is_symlink())


def _named(folder: Path) -> Iterator[re.Match[str]]:
    """The files that this program named, whatever lies there now."""
    yield from (found for path in folder.glob(f"[0-9]*{_SUFFIX}") if (found := _OURS.fullmatch(path.name)))


def _is_writable(path: Path) -> bool:
    """Whether more may be put at the end of what lies at `path`."""
    if path.is_symlink() or not path.is_file():
        return False
    return os.access(path, os.R_OK | os.W_OK) and path.stat().st_size < SEGMENT_BYTES


def _lines(segment: Path) -> list[bytes] | None:
    """The lines of a file of the journal; None if it is too large to be one, or cannot be read."""
    try:
        return store.read_bounded(segment, MOST_BYTES).splitlines()
    except FileNotFoundError:
        return []
    except OSError:
        return None


def read(folder: Path) -> Contents:
    """Every edit that counts. What cannot be read is passed over and counted; no change by hand makes it fail."""
    edits: dict[str, Edit] = {}
    dismissed: dict[str, Dismissed] = {}
    later: list[Kept | Rated | Forgotten] = []
    unreadable = 0
    for segment in segments(folder):
        for event in _read_segment(segment):
            if event is None:
                unreadable += 1
            elif isinstance(event, Accepted):
                _accept(edits, event)
            elif isinstance(event, Dismissed):
                dismissed.setdefault(event.id, event)
            else:
                later.append(event)
    for event in sorted(later, key=lambda event: event.time):
        _join(edits, event)
    sorted_edits = sorted(edits.values(), key=lambda edit: edit.accepted.time)
    return Contents(tuple(sorted_edits), unreadable, tuple(sorted(dismissed.values(), key=lambda event: event.time)))


def _typed_over(event: Dismissed) -> Edit:
    nothing_taken = Accepted(
        id=event.id,
        time=event.time,
        context=event.context,
        suggested=event.suggested,
        taken="",
        document=event.document,
        language=event.language,
        model=event.model,
    )
    return Edit(nothing_taken, {"instead": event.typed})


def _accept(edits: dict[str, Edit], event: Accepted) -> None:
    known = edits.get(event.id)
    if known is None or len(event.taken) >= len(known.accepted.taken):
        edits[event.id] = Edit(event)


def _join(edits: dict[str, Edit], event: Kept | Rated | Forgotten) -> None:
    edit = edits.get(event.id)
    if edit is None:
        return
    if isinstance(event, Kept):
        edit.kept[event.when] = event.text
    elif isinstance(event, Rated):
        edit.rating, edit.rated = event.rating, event.time
    else:
        del edits[event.id]


def _read_segment(segment: Path) -> Iterator[JournalEvent | None]:
    """Each line's event; None for a line that holds none, or for a whole file that cannot be read."""
    lines = _lines(segment)
    if lines is None:
        yield None
        return
    for line in lines:
        if line.strip():
            yield event_of(line)
