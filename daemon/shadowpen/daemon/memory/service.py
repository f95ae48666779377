"""The user's memory in the daemon: opened with each model, updated with every edit that may be kept.

Edits count from the next key on, those of an earlier daemon too. The index of all sources, the journal and the author's
folders, is made by a process of its own (`python -m shadowpen.daemon.memory.service`), which gives way to everything
else, so that neither the time nor the memory it takes is taken from ghost text. It is made again when a line or a file
of the journal was deleted, when the settings of learning change, and when nobody types after a text changed in the
folders. Without the author's consent nothing is opened and nothing learned.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shadowpen.daemon.base import config, power, sections, store
from shadowpen.daemon.base.errors import ShadowpenError, StateUnusable
from shadowpen.daemon.base.logs import LOGGER, Retried
from shadowpen.daemon.learning.conditions.activity import activity_file, idle_s
from shadowpen.daemon.privacy import paths
from shadowpen.daemon.privacy.consent import journal_allowed
from shadowpen.daemon.showing.suggestions import MOST_ACCEPTED, SuggestionStore
from shadowpen.daemon.storage import journal, models, own_words
from shadowpen.daemon.storage.journal import Edit
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed, Forgotten, JournalEvent, Kept, Rated
from shadowpen.daemon.wire.protocol import Source
from shadowpen.daemon.wire.reports import MemoryReport

if TYPE_CHECKING:
    from shadowpen.daemon.corpus.documents import Document
    from shadowpen.daemon.memory.attribution import AttributedText
    from shadowpen.daemon.memory.index.texts import TextEncoder
    from shadowpen.daemon.memory.memory import Memory
    from shadowpen.daemon.memory.phrases import Phrase

# -P: never import from the folder the process happens to stand in.
COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.memory.service")
_LOOK_EVERY_S = 20.0  # the first time as long after a model was loaded: the author has other things to wait for
_END_WAIT_S = 2.0


@dataclass(frozen=True)
class _Segment:
    """A file of the journal as it was read: how its `size` bytes began to be known, and what tells that it changed."""

    size: int
    digest: bytes
    stamp: tuple[int, int, int]

    def begins(self, content: bytes) -> bool:
        return _digest(content[: self.size]) == self.digest


@dataclass(frozen=True)
class _Sources:
    """What the index is made of, and what came to it since: the settings, and each file of the journal."""

    learning: sections.LearningSettings
    journal: Mapping[str, _Segment]
    lost: bool = False  # something that was known is not there any more

    @classmethod
    def now(cls, layout: store.Layout, learning: sections.LearningSettings, known: _Sources | None) -> _Sources:
        """Reads the files of the journal that changed since `known`: what only grew has lost nothing."""
        before = known.journal if known is not None else {}
        there: dict[str, _Segment] = {}
        lost = known is not None and known.learning != learning
        for path in journal.segments(layout.edits):
            with contextlib.suppress(OSError):
                status, segment = path.stat(), before.get(path.name)
                stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
                if segment is None or segment.stamp != stamp:
                    content = store.read_bounded(path, journal.MOST_BYTES)
                    lost = lost or (segment is not None and not segment.begins(content))
                    segment = _Segment(len(content), _digest(content), stamp)
                there[path.name] = segment
        return cls(learning, there, lost or not there.keys() >= before.keys())


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


class Remembering:
    """The memory as the daemon uses it.

    One for the daemon's life; safe to use from several threads. Nothing here raises into a key or a record. `in_use` is
    the memory that answers now, None while there is none: the user has not agreed, or no model was loaded.
    """

    def __init__(
        self,
        layout: store.Layout,
        load_config: Callable[[], config.Config] | None = None,
        command: Sequence[str] = COMMAND,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._layout = layout
        self._load_config = load_config or (lambda: config.load(layout.config_file))
        self._command, self._look_every_s = list(command), look_every_s
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._tokens: TextEncoder | None = None
        self.in_use: Memory | None = None
        self.suggestions = SuggestionStore(self._dismissed_before)
        self._not_indexed: set[str] = set()  # of the edits there
        self._sources: _Sources | None = None
        self._texts_changed = False
        self._tried: Memory | None = None  # the one that was to be made anew last; once has to do
        self._ended = threading.Event()
        self._keeping_up: threading.Thread | None = None

    def sources(self, remembered: Phrase | AttributedText) -> Callable[[], list[Source]]:
        """What tells where the user wrote it, or what led the model to it, as long as this memory is in use.

        That reads those files, so not at every key. It tells nothing once the memory was made anew, which may not hold
        those texts any more.
        """
        memory = self.in_use
        moment = memory.moment if memory is not None else 0

        def read() -> list[Source]:
            if memory is None or memory is not self.in_use:
                return []
            return [Source(document=place.document, line=place.line) for place in memory.where(remembered, moment)]

        return read

    def open(self, tokens: TextEncoder) -> None:
        """A model was loaded: the memory speaks in its tokens from now on. Edits of this run are learned again."""
        with self._lock:
            self._tokens, self._sources = tokens, None
            self._not_indexed = {edit.id for edit in self.suggestions.edits()}
        self.in_use = None
        if journal_allowed(self._load_config()):
            self._reopen()
        if not self._ended.is_set() and self._keeping_up is None:
            self._keeping_up = threading.Thread(target=self._keep_up, name="shadowpen-memory", daemon=True)
            self._keeping_up.start()

    def texts_changed(self) -> None:
        """Note that a text in the user's folders changed."""
        self._texts_changed = True

    def kept(self, events: Iterable[JournalEvent]) -> None:
        """These events were just put into the journal: what was taken, and what stands there now, is remembered."""
        for event in events:
            edit = self._joined(event)
            if edit is not None:
                self._learn(edit)

    def forget(self) -> None:
        """Drop the suggestions that hold forgotten text; all of them where nobody can say which do."""
        if not len(self.suggestions):
            return
        from shadowpen.daemon.privacy import forgotten

        try:
            self.suggestions.forget(forgotten.load(self._layout.forgotten))
        except StateUnusable:
            self.suggestions.clear()

    def report(self) -> MemoryReport | None:
        """Numbers for `shadowpen status`; None while there is no memory."""
        memory = self.in_use
        return memory.report() if memory is not None else None

    def close(self) -> None:
        """Stop watching, and stop an index that is being built."""
        self._ended.set()
        if self._keeping_up is not None:
            self._keeping_up.join(_END_WAIT_S)

    def _dismissed_before(self) -> list[Dismissed]:
        """What the user dismissed before this daemon began, if they agreed to the journal."""
        return journal.waved_away(self._layout.edits) if journal_allowed(self._load_config()) else []

    def _joined(self, event: JournalEvent) -> Edit | None:
        """The edit as it is with this event; None where it teaches nothing new."""
        with self._lock:
            if isinstance(event, Accepted):
                self.suggestions.keep_edit(Edit(event))
            edit = self.suggestions.edit(event.id)
            if edit is None or isinstance(event, Dismissed):
                return None
            if isinstance(event, Kept):
                edit.kept[event.when] = event.text
            if isinstance(event, Rated):
                edit.rating, edit.rated = event.rating, event.time
            if isinstance(event, Forgotten):
                edit.kept["forgotten"] = ""
                self.suggestions.drop_edit(edit.id)
                self._sources = None
            self._not_indexed.add(edit.id)
            return edit

    def _learn(self, edit: Edit) -> None:
        memory = self.in_use
        if memory is None:
            return
        from shadowpen.daemon.memory.index.texts import of_edit

        text = of_edit(edit)
        if edit.final_text:
            memory.learn(text)
        else:
            memory.forget([text.origin])

    def _reopen(self) -> None:
        """Open what is in the file now, and learn what is not in it yet and still in the journal."""
        from shadowpen.daemon.memory.memory import Memory  # brings numpy in, which the wire thread can do without

        with self._opening:
            assert self._tokens is not None
            memory = Memory.open(self._layout.memory, self._tokens)
            known = {edit.id for edit in self.suggestions.edits()}
            still = {edit.id for edit in journal.read(self._layout.edits).edits} if known else set()
            with self._lock:
                for edit in self.suggestions.edits():
                    if edit.id not in still:
                        self.suggestions.drop_edit(edit.id)
                edits = [edit for edit in self.suggestions.edits() if edit.id in self._not_indexed]
                self.suggestions.drop_sources()
            self.in_use = memory
            for edit in edits:
                self._learn(edit)

    def _catch_up(self) -> None:
        """Learn what an earlier daemon was told since the index was made, which may be made anew much later."""
        memory, learning = self.in_use, self._load_config().learning
        if memory is None:
            return
        written_s = memory.written_s
        for edit in journal.read(self._layout.edits).edits[-MOST_ACCEPTED:]:
            accepted = edit.accepted
            if accepted.time.timestamp() <= written_s:
                continue
            if not paths.verdict(accepted.document, accepted.language, learning).keep:
                continue
            with self._lock:
                if self.suggestions.edit(edit.id) is not None:
                    continue
                self.suggestions.keep_edit(edit)
                self._not_indexed.add(edit.id)
            self._learn(edit)

    def _keep_up(self) -> None:
        work, retried = self._catch_up, Retried("keeping the memory up to date")
        while True:
            with retried:  # a disk that is full now, a file that vanished
                work()
            if self._ended.wait(self._look_every_s):
                return
            work = self._look

    def _look(self) -> None:
        """Have the index made where it is not what it was made of any more."""
        settings = self._load_config()
        if not journal_allowed(settings):
            self.in_use = self._sources = None
            return
        if self.in_use is None:
            self._reopen()  # the author has agreed meanwhile
        memory = self.in_use
        known = self._sources
        now = _Sources.now(self._layout, settings.learning, known)
        is_old = known is None or now.lost or self._texts_may_be_read(settings.learning)
        wants = memory is not None and memory.wants_refresh and memory is not self._tried
        if (is_old or wants) and (now.lost or not power.on_battery()):  # what was deleted does not wait for the mains
            self._sources, self._texts_changed, self._tried = now, False, memory
            self._index()
        elif not is_old:
            with self._lock:  # what was added is remembered without the index, and may be deleted like the rest
                self._sources = now if self._sources is known else self._sources

    def _texts_may_be_read(self, learning: sections.LearningSettings) -> bool:
        return self._texts_changed and idle_s(activity_file(self._layout)) >= learning.idle_s

    def _index(self) -> None:
        """Have the index made, and take it over."""
        with self._lock:
            indexing, self._not_indexed = self._not_indexed, set()
        with subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while process.poll() is None:
                if self._ended.wait(0.2):
                    process.terminate()
        if process.returncode == 0 and not self._ended.is_set():
            self._reopen()
            return
        with self._lock:
            self._not_indexed |= indexing
        if not self._ended.is_set():
            LOGGER.warning("the memory's index could not be built: status %d", process.returncode)


def main() -> int:
    """Make the index of everything that may be remembered now, and the words used often; 0 when they are there."""
    from shadowpen.daemon.learning.conditions.priority import lower_priority
    from shadowpen.daemon.memory.memory import Memory
    from shadowpen.daemon.text.tokenizer import Tokenizer

    lower_priority()
    layout = store.layout()
    try:
        settings = config.load(layout.config_file)
        if not journal_allowed(settings):
            return 0
        model = models.resolve(settings.model.name, layout)
        manifest = model.manifest
        tokens = Tokenizer(model.tokenizer, manifest.bos_id, manifest.eos_ids, rows=manifest.architecture.vocab)
        _make_index(Memory.open(layout.memory, tokens), layout, settings.learning)
    except ShadowpenError as error:
        return error.exit_status
    return 0


def _make_index(memory: Memory, layout: store.Layout, learning: sections.LearningSettings) -> None:
    from shadowpen.daemon.corpus.corpus import collect
    from shadowpen.daemon.learning import known

    texts: list[str] = []
    with contextlib.ExitStack() as folders:
        opened: list[int] = []

        def gathered() -> list[Document]:
            opened.append(os.open(store.private_directory(layout.memory), os.O_RDONLY))  # before the texts are read
            folders.callback(os.close, opened[-1])
            documents = collect(layout, learning).documents
            texts[:] = (document.text for document in documents)
            known.note(layout, documents)
            return documents

        memory.refresh(gathered, most_live_tokens=0)
        own_words.note(layout, texts, opened[-1])


if __name__ == "__main__":
    sys.exit(main())
