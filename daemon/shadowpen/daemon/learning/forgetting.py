"""Find everything that contains a text, and delete it.

First a plan, which a person may look at: the edits in the journal, and every version of the model that saw the text,
or that cannot be shown not to have seen it. Then it is carried out: fingerprints keep the text from coming back, the
journal's lines and the versions go, the base answers meanwhile, and the next training learns from what is left.
Whatever else keeps the author's text adds a line to FORGETTERS. This file asks nobody and prints nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import DaemonUnreachable, TrainingError
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus import extracted
from shadowpen.daemon.corpus.cleaning import clean
from shadowpen.daemon.corpus.corpus import gather, origin_of
from shadowpen.daemon.corpus.documents import Document, paragraphs
from shadowpen.daemon.corpus.folders import Report, read_file, read_folders
from shadowpen.daemon.learning import runs
from shadowpen.daemon.privacy import forgotten as forgetfulness
from shadowpen.daemon.privacy.forgotten import PASSAGE_WORDS, ForgottenTexts, place_of, words
from shadowpen.daemon.privacy.paths import is_below, split_uri
from shadowpen.daemon.privacy.redaction import redact
from shadowpen.daemon.storage import expansion_thread, journal, versions
from shadowpen.daemon.storage.versions import TextSource, Version
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed, JournalEvent, Kept

_STOP_WAIT_S = 60.0  # for a training run to write its checkpoint and end
_LOOK_EVERY_S = 0.1
_RELOAD_MS = 120_000
_EDGE_WORDS = 3  # so many at the border of a kept text are the beginning or the end of the phrase


@dataclass(frozen=True)
class Wish:
    """What is to be forgotten, one of three: a file, folder or editor's address; all since then; a phrase."""

    file: str = ""
    since: datetime | None = None
    phrase: str = ""

    @staticmethod
    def since_local(moment: datetime) -> Wish:
        """All since a moment by this machine's clock; what lies before all zones (1970 on Windows) is taken for UTC."""
        try:
            return Wish(since=moment.astimezone())
        except (ValueError, OverflowError, OSError):
            return Wish(since=moment.replace(tzinfo=UTC))


@dataclass(frozen=True)
class ForgettingPlan:
    """Everything that forgetting would delete.

    What goes. `origins` are the documents (paths, editors' addresses with their day) that held some of it.

    `edits` tells in which document each was made, as the editor calls it ("" for a line that stands alone), `versions`
    why each goes. `forgotten` is all that will be kept out afterwards, earlier wishes included. `tokens_again` were
    learned by every weight of what goes and of nothing that stays: the next runs learn them again.
    """

    forgotten: ForgottenTexts
    origins: tuple[str, ...] = ()
    edits: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    tokens_again: int = 0


# --- what holds it -----------------------------------------------------------------------------------


def plan(layout: store.Layout, learning: LearningSettings, wish: Wish) -> ForgettingPlan:
    """What has to go to fulfil `wish`. Reads only; StateUnusable if the state cannot be read."""
    before = forgetfulness.load(layout.forgotten)
    documents = gather(layout, learning, ForgottenTexts()).documents
    events = list(journal.events(layout.edits))
    made = [event for event in events if isinstance(event, Accepted | Dismissed)]
    places = {event.id: origin_of(event) for event in made}
    named = {event.id for event in events if _is_named(event, places.get(event.id, ""), wish)}
    targets = [document for document in documents if _is_meant(document, learning, wish)]
    fingerprints = {
        # An editor gives the address of an untitled text to another one the next day.
        "files": [_place(wish.file)] if wish.file and split_uri(wish.file)[0] == "file" else [],
        "passages": [*_passages(targets, learning, wish), *_texts_of(events, named, wish)],
        "phrases": [wish.phrase, redact(wish.phrase)[0]] if wish.phrase else [],
    }
    new = ForgottenTexts().plus(**fingerprints)
    ids = named | {event.id for event in events if any(map(new.covers, _texts(event)))}
    touched = {document.origin for document in targets} | {places[id] for id in ids if id in places}
    touched |= {document.origin for document in documents if _holds(document, new)}
    gone = _seen_by(layout, _Judge(wish, documents, touched, events, ids, learning))
    return ForgettingPlan(
        forgotten=before.plus(edits=ids, **fingerprints),
        origins=tuple(sorted(touched)),
        edits=dict.fromkeys(ids, "") | {event.id: event.document for event in made if event.id in ids},
        versions=gone,
        tokens_again=_tokens_again(layout, gone),
    )


def _tokens_again(layout: store.Layout, gone: Mapping[str, str]) -> int:
    learned = {
        version.id: sum(source.tokens for source in version.sources if source.pieces)
        for version in versions.versions(layout)
        if version.state == "promoted"
    }
    lost = max((tokens for version, tokens in learned.items() if version in gone), default=0)
    return max(0, lost - max((tokens for version, tokens in learned.items() if version not in gone), default=0))


def _seen_by(layout: store.Layout, judge: _Judge) -> dict[str, str]:
    """The versions that go, each with its reason; what a damaged one saw nobody knows."""
    readable = {version.id: judge.why(version) for version in versions.versions(layout)}
    folders = [path.name for path in layout.adapters.glob("v*") if path.is_dir()]
    reasons = {name: readable.get(name, "its manifest cannot be read") for name in sorted(folders)}
    return {name: why for name, why in reasons.items() if why}


def _is_named(event: JournalEvent, origin: str, wish: Wish) -> bool:
    """Whether the wish means the event by what it says of it, copies elsewhere apart."""
    if wish.since is not None:
        return event.time >= wish.since
    if wish.phrase:
        return any(_touches(text, wish.phrase) for text in _texts(event))
    return _is_at(origin, wish.file)


def _is_meant(document: Document, learning: LearningSettings, wish: Wish) -> bool:
    if wish.since is not None:  # what is known from edits alone is dated by them
        return _is_learned(document.origin, learning) and document.time >= wish.since.timestamp()
    return bool(wish.file) and _is_at(document.origin, wish.file)


def _is_learned(origin: str, learning: LearningSettings) -> bool:
    """Whether a document is a file of the author's folders; else it is known from edits alone."""
    return any(is_below(origin, folder) for folder in learning.folders)


def _is_at(origin: str, file: str) -> bool:
    """Whether a document is the file, lies in the folder, or was made at the editor's address."""
    place = _place(file)
    return origin == place or origin.startswith((place.rstrip("/\\") + os.sep, f"{file} "))


def _place(file: str) -> str:
    scheme, path = split_uri(file)
    return place_of(os.path.expanduser(path)) if scheme == "file" else file  # noqa: PTH111 (it need not be a path)


def _texts(event: JournalEvent) -> tuple[str, ...]:
    """All text that an event holds, as it was written on."""
    match event:
        case Accepted():
            notes = (event.context + event.notes,) if event.notes else ()
            return event.context + event.suggested, event.context + event.taken, *notes
        case Dismissed():
            return event.context + event.suggested, event.context + event.typed
        case Kept():
            return (event.text,)
        case _:
            return ()


def _texts_of(events: Iterable[JournalEvent], ids: set[str], wish: Wish) -> Iterator[str]:
    """What is to be known again of the events that a file or a date names; a phrase is known by itself."""
    for event in events if not wish.phrase else ():
        if event.id in ids:
            whole = _texts(event)
            # What stood before an edit may be far older than the date.
            late = wish.since is not None and isinstance(event, Accepted | Dismissed)
            texts = (text[len(event.context) :] for text in whole) if late else whole  # type: ignore[union-attr]
            yield from (text for text in texts if len(words(text)) >= PASSAGE_WORDS)


def _passages(targets: Iterable[Document], learning: LearningSettings, wish: Wish) -> Iterator[str]:
    """The paragraphs of the documents meant, and of the file itself, which need not be learned from."""
    texts = [document.text for document in targets]
    if wish.file:
        path = Path(_place(wish.file))
        report = Report()
        found = read_file(path, learning, report) if path.is_file() else read_folders([str(path)], learning, report)
        texts += [clean(text.text, text.suffix).text for text in found]
    for text in texts:
        yield from (text[start:end] for start, end in paragraphs(text))


def _holds(document: Document, new: ForgottenTexts) -> bool:
    return any(new.covers(document.text[start:end]) for start, end in paragraphs(document.text))


def _touches(text: str, phrase: str) -> bool:
    """Whether the phrase stands in `text`, or `text` is cut off within it."""
    said, wanted = words(text), words(phrase)
    if not wanted:
        return False
    if f" {' '.join(wanted)} " in f" {' '.join(said)} ":
        return True
    for size in range(min(len(said), len(wanted) - 1), _EDGE_WORDS - 1, -1):
        if said[-size:] == wanted[:size] or said[:size] == wanted[-size:]:
            return True
    return False


def _was_made_before(version: Version, moment: datetime) -> bool:
    """Whether it surely was; what a manifest says may be no date, or have no zone."""
    try:
        made = datetime.fromisoformat(version.created)
    except ValueError:
        return False
    return (made if made.tzinfo else made.replace(tzinfo=UTC)) < moment


class _Judge:
    """Says of a version why it goes: it saw what is meant, or something that is no longer there to look at."""

    def __init__(
        self,
        wish: Wish,
        documents: Iterable[Document],
        touched: set[str],
        events: Iterable[JournalEvent],
        ids: set[str],
        learning: LearningSettings,
    ) -> None:
        self._wish, self._touched, self._ids, self._learning = wish, touched, ids, learning
        self._hashes = {document.origin: document.sha256 for document in documents}
        self._touched_hashes = {self._hashes[origin] for origin in touched if origin in self._hashes}
        self._known_ids = {event.id for event in events}

    def why(self, version: Version) -> str:
        """The reason, "" if everything the version saw is still there and holds nothing of it."""
        for source in version.sources:
            if self._saw(source):
                return f"it learned from {source.origin}"
        if self._wish.since is not None and _was_made_before(version, self._wish.since):
            return ""
        gone = next((source.origin for source in version.sources if self._is_unsure(source)), "")
        return f"it learned from {gone}, which has changed since" if gone else ""

    def _saw(self, source: TextSource) -> bool:
        if self._ids & set(source.edits) or source.sha256 in self._touched_hashes:
            return True
        return _is_learned(source.origin, self._learning) and source.origin in self._touched

    def _is_unsure(self, source: TextSource) -> bool:
        """Whether nobody can tell any more what the version saw there."""
        if source.edits and not _is_learned(source.origin, self._learning):
            return not set(source.edits) <= self._known_ids
        if self._wish.file:  # what another file held is not asked for
            return source.origin not in self._hashes
        return self._hashes.get(source.origin) != source.sha256


# --- taking it out -----------------------------------------------------------------------------------


def carry_out(layout: store.Layout, plan: ForgettingPlan) -> None:
    """Do it; when this returns it is done on the disk. A run of training that goes on is ended first.

    What will be kept out is written down first: cut short, the same wish can be carried out again. Raises
    TrainingError if the run does not end, StateUnusable if something cannot be removed.
    """
    with _no_training(layout):
        forgetfulness.save(layout.forgotten, plan.forgotten)
        for forget in FORGETTERS:
            forget(layout, plan)


def reload_daemon(layout: store.Layout) -> bool:
    """Have a running daemon serve what is left; False if none runs. Raises what keeps it from doing so."""
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Reload

    try:
        with Client("shadowpen forget", start=False, layout=layout) as client:
            client.request(Reload(id=client.next_id()), timeout_ms=_RELOAD_MS)
    except DaemonUnreachable:
        return False
    return True


def _journal(layout: store.Layout, plan: ForgettingPlan) -> None:
    journal.erase(layout.edits, plan.edits.keys())


def _versions(layout: store.Layout, plan: ForgettingPlan) -> None:
    for version in reversed(plan.versions):  # of a chain the newest first: what answers then is what came before
        versions.delete(layout, version)
    for grave in layout.adapters.glob(".removed-*"):
        _remove(grave)


def _training(layout: store.Layout, plan: ForgettingPlan) -> None:
    """Checkpoints, an unfinished run, caches and status: then everything there is counts as new to the next run."""
    for rest in layout.training.iterdir():
        if rest.name != runs.LOCK:
            _remove(rest)


def _memory(layout: store.Layout, plan: ForgettingPlan) -> None:
    """The index is made again from what is left, when the daemon takes up the reload or starts."""
    if layout.memory.exists():
        _remove(layout.memory)


def _extracted(layout: store.Layout, plan: ForgettingPlan) -> None:
    """What was extracted from documents: those that hold nothing forgotten are read again."""
    extracted.delete(layout)


def _unpacked(layout: store.Layout, plan: ForgettingPlan) -> None:
    """None goes on: an import holds the lock of training."""
    for left in store.left_of_imports(layout):
        _remove(left)


def _last_expansion(layout: store.Layout, plan: ForgettingPlan) -> None:
    """Of the command line, whatever it holds: it would go within the hour."""
    expansion_thread.delete(layout)


# What holds text of the author's, each taking what a plan names out of one place.
FORGETTERS: tuple[Callable[[store.Layout, ForgettingPlan], None], ...] = (
    _journal,
    _versions,
    _training,
    _memory,
    _extracted,
    _unpacked,
    _last_expansion,
)


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError as error:
        raise store.unusable(path, error) from error


@contextlib.contextmanager
def _no_training(layout: store.Layout) -> Iterator[None]:
    """End the run that goes on, and let no other begin."""
    until = time.monotonic() + _STOP_WAIT_S
    asked: set[int] = set()  # a run that has just begun says its process only after a while
    with contextlib.ExitStack() as stack:
        while True:
            pid = runs.status(layout).pid
            if pid not in asked and runs.ask_to_stop(layout):
                asked.add(pid)
            try:
                stack.enter_context(runs.only_run(layout))
                break
            except TrainingError:
                if time.monotonic() > until:
                    raise
                time.sleep(_LOOK_EVERY_S)
        yield
